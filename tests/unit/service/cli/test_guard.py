import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from service.cli import app
from service.cli.guard import one_line_errors
from service.settings import load_settings
from service.store.champions import promote
from service.store.engine import Store, StoreUnavailable
from service.store.schema import upgrade
from tests.serving import NOON, VERSION

SECRET = "a secret of forty characters, for tests."  # noqa: S105 - of tests alone


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("WEIR_SECRET", SECRET)
    monkeypatch.setenv("WEIR_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("WEIR_DATABASE_URL", raising=False)
    return monkeypatch


def test_a_store_that_is_not_there_is_named_with_the_reason_but_no_password(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("WEIR_DATABASE_URL", "postgresql+psycopg://weir:hidden@127.0.0.1:1/weir")
    result = CliRunner().invoke(app, ["models", "list"])
    assert result.exit_code == 1
    assert "postgresql+psycopg://weir:***@127.0.0.1:1/weir" in result.output
    assert "refused" in result.output
    assert "hidden" not in result.output
    assert result.output.count("\n") == 1


def test_a_password_that_the_driver_repeats_is_hidden(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("WEIR_DATABASE_URL", "postgresql+psycopg://weir:hidden@127.0.0.1:1/weir")
    with pytest.raises(Exception, match="1"), one_line_errors():
        raise StoreUnavailable("no store", reason="cannot use hidden")
    assert "hidden" not in capsys.readouterr().err


def test_what_the_store_refuses_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Exception, match="1"), one_line_errors():
        raise ProgrammingError("CREATE", None, sqlite3.OperationalError("permission denied"))
    assert "permission denied" in capsys.readouterr().err


def test_the_bundle_in_use_is_marked_even_where_it_is_not_installed() -> None:
    store = Store(load_settings().url)
    upgrade(store)
    assert CliRunner().invoke(app, ["models", "list"]).output == "* shipped with Weir\n"
    with store.write() as connection:
        promote(connection, VERSION, NOON)
    output = CliRunner().invoke(app, ["models", "list"]).output
    assert output.startswith(f"  shipped with Weir\n* {VERSION} (not installed in ")
    store.close()


def test_a_database_of_something_else_is_not_upgraded() -> None:
    store = Store(load_settings().url)
    with store.write() as connection:
        connection.exec_driver_sql("CREATE TABLE customers (name TEXT)")
    store.close()
    result = CliRunner().invoke(app, ["db", "upgrade"])
    assert result.exit_code == 1
    assert "not Weir's, such as customers" in result.output
