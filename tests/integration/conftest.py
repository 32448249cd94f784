"""Stores on SQLite and PostgreSQL, and servers on top of them, for every test of serving."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url
from starlette.testclient import TestClient

from service.app import create_app, open_runtime
from service.champion import Champion
from service.settings import Settings
from service.store.engine import Store
from service.store.schema import upgrade
from service.store.tokens import Tokens
from tests.serving import Desk, MakeDesk, SetClock, Shelf, plain_model

SECRET = "a secret of forty characters, for tests."  # noqa: S105 - of tests alone


def _without_postgres(reason: str) -> NoReturn:
    if os.environ.get("WEIR_TEST_POSTGRES_REQUIRED"):
        pytest.fail(f"{reason}, and here it must be")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """Make a database for this session alone, and drop it afterwards."""
    given = os.environ.get("WEIR_TEST_POSTGRES_URL")
    if not given:
        _without_postgres("WEIR_TEST_POSTGRES_URL is not set")
    url = make_url(given)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        connection = psycopg.connect(plain, autocommit=True, connect_timeout=5)
    except psycopg.OperationalError as failed:
        _without_postgres(f"no PostgreSQL answers at WEIR_TEST_POSTGRES_URL: {failed}")
    name = f"weir_test_{secrets.token_hex(6)}"
    with connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield url.set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of a store without tables, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'weir.sqlite'}"
    database: str = request.getfixturevalue("postgres_database")
    schema = f"s{secrets.token_hex(6)}"
    url = make_url(database)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    return url.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(
        hide_password=False
    )


@pytest.fixture
def empty_store(store_url: str) -> Iterator[Store]:
    """Give a store without tables."""
    store = Store(store_url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with its tables and no rows, to copy: migrating each time is slow."""
    path = tmp_path_factory.mktemp("blank") / "weir.sqlite"
    store = Store(f"sqlite:///{path}")
    upgrade(store)
    store.close()
    return path


@pytest.fixture
def make_tables(blank: Path) -> Callable[[Store], None]:
    """Make the tables of a store that has none."""

    def make(store: Store) -> None:
        file = store.engine.url.database
        if store.has_one_writer and file is not None and not Path(file).exists():
            shutil.copy(blank, file)
        else:
            upgrade(store)

    return make


@pytest.fixture
def store(empty_store: Store, make_tables: Callable[[Store], None]) -> Store:
    """Give a store with its tables."""
    make_tables(empty_store)
    return empty_store


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET)


@pytest.fixture
def make_settings(store_url: str, tmp_path: Path) -> Callable[..., Settings]:
    """Give settings for the store under test, with changes asked for."""

    def make(**changes: object) -> Settings:
        fields = {
            "secret": SecretStr(SECRET),
            "database_url": SecretStr(store_url),
            "state_dir": tmp_path / "state",
        }
        return Settings.model_validate(fields | changes)

    return make


@pytest.fixture
def make_desk(
    make_settings: Callable[..., Settings], make_tables: Callable[[Store], None]
) -> Iterator[MakeDesk]:
    """Start servers, with the models and settings asked for, and stop them in the end."""
    running: list[TestClient] = []

    def make(shelf: Shelf | None = None, **changes: object) -> Desk:
        settings = make_settings(**changes)
        clock = SetClock()
        store = Store(settings.url)
        make_tables(store)
        champion = Champion(store, shelf or Shelf(shipped=plain_model()))
        runtime = open_runtime(settings, store=store, clock=clock, champion=champion)
        app = create_app(runtime)
        client = TestClient(app, raise_server_exceptions=False)
        running.append(client.__enter__())
        return Desk(runtime, client, clock, app)

    yield make
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """Give a running server with a model of plain arithmetic."""
    return make_desk()
