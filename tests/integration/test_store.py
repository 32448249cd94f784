"""The store itself: schema, guarantees of a connection, transactions."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text

from service.store import schema
from service.store.engine import (
    PRAGMAS,
    Store,
    StoreConflict,
    StoreUnavailable,
)
from service.store.keys import StoredKey, add_key
from service.store.probe import probe
from service.store.tables import API_KEY_PORTS, METADATA, PROBES
from service.store.tokens import Tokens, WrongSecret, claim_token_key
from tests.serving import NOON


def test_a_store_without_tables_is_fresh_until_it_is_upgraded(empty_store: Store) -> None:
    assert schema.is_fresh(empty_store)
    assert schema.upgrade(empty_store) == (None, schema.newest_revision())
    assert not schema.is_fresh(empty_store)
    schema.require_newest(empty_store)


def test_upgrading_twice_changes_nothing(store: Store) -> None:
    newest = schema.newest_revision()
    assert schema.upgrade(store) == (newest, newest)


def test_the_migrations_make_exactly_the_tables_that_the_code_uses(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_a_store_that_was_never_upgraded_is_refused_with_the_command_to_run(
    empty_store: Store,
) -> None:
    with pytest.raises(schema.StoreOutdated, match="run weir db upgrade"):
        schema.require_newest(empty_store)


def test_a_store_of_a_newer_version_is_refused(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.StoreOutdated, match="newer Weir"):
        schema.require_newest(store)


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE customers (name TEXT)"],
        [
            "CREATE TABLE customers (name TEXT)",
            "CREATE TABLE alembic_version (version_num VARCHAR(32))",
            "INSERT INTO alembic_version VALUES ('0001')",
        ],
    ],
    ids=["without versions", "with versions of its own"],
)
def test_a_database_of_something_else_is_refused_and_left_alone(
    empty_store: Store, statements: list[str]
) -> None:
    with empty_store.write() as connection:
        for statement in statements:
            connection.execute(text(statement))
        before = set(inspect(connection).get_table_names())
    for use in (schema.upgrade, schema.require_newest):
        with pytest.raises(schema.ForeignDatabase, match="such as customers"):
            use(empty_store)
    with empty_store.read() as connection:
        assert set(inspect(connection).get_table_names()) == before


def test_a_store_of_a_newer_version_is_not_upgraded(store: Store) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(schema.StoreOutdated, match="newer Weir"):
        schema.upgrade(store)


def test_what_a_failed_block_wrote_is_gone(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            probe(connection, NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as connection:
        assert connection.execute(select(PROBES)).all() == []


def test_a_key_of_a_record_that_is_there_already_is_a_conflict(store: Store) -> None:
    key = StoredKey("0" * 12, "0" * 64, "feed", None, NOON, None, "CBP")
    with store.write() as connection:
        add_key(connection, key)
    with pytest.raises(StoreConflict), store.write() as connection:
        add_key(connection, key)


def test_rows_that_refer_to_nothing_are_refused(store: Store) -> None:
    with pytest.raises(StoreConflict), store.write() as connection:
        connection.execute(insert(API_KEY_PORTS).values(key_id="nobody", port="2304"))


def test_every_sqlite_connection_is_durable_and_keeps_foreign_keys(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'weir.sqlite'}")
    for _ in range(3):
        with store.read() as connection:
            for name, wanted in PRAGMAS.items():
                found = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                assert found == wanted, name
        store.close()


def test_a_sqlite_store_that_cannot_be_durable_is_refused() -> None:
    store = Store("sqlite://")
    with pytest.raises(StoreUnavailable, match="journal_mode"), store.read():
        pass


def test_postgresql_commits_wait_for_the_disk(store: Store) -> None:
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has its own test")
    with store.read() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
        assert connection.execute(text("SHOW fsync")).scalar_one() == "on"


def test_a_store_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    for url in (
        f"sqlite:///{tmp_path / 'no folder' / 'weir.sqlite'}",
        "postgresql+psycopg://nobody@127.0.0.1:1/none",
    ):
        with pytest.raises(StoreUnavailable), Store(url).read():
            pass


def test_a_store_knows_the_secret_that_it_was_made_with(store: Store, tokens: Tokens) -> None:
    with store.write() as connection:
        first = claim_token_key(connection, tokens, NOON)
        assert claim_token_key(connection, tokens, NOON) == first
    with pytest.raises(WrongSecret, match="WEIR_SECRET"), store.write() as connection:
        claim_token_key(connection, Tokens("another secret of forty characters, too."), NOON)


def _migrate(store: Store, to: str) -> None:
    folder = Path(schema.__file__).parent / "migrations"
    with store.write() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(folder))
        move = command.upgrade if to != "base" else command.downgrade
        move(config, to)


_OLD_ITEM = """
INSERT INTO items (item_id, version, received_at, kind, mode, port, presented_at, leaves_at,
    destination, body, digest, token_key)
VALUES (:item_id, 1, 0, 'vehicle', 'pov', '2304', 0, 0, 'MX', '{}', 'd', 1)
"""
_OLD_SCORE = """
INSERT INTO scores (item_id, version, as_of, risk, severity, priority, band, tier, raised,
    degraded, missing, reasons, rule_hits)
VALUES (:item_id, 1, 0, :risk, 0, 0, 'low', 1, false, :degraded, '[]', '[]', '[]')
"""


def test_what_rules_alone_answered_loses_the_band_that_nobody_judged(empty_store: Store) -> None:
    _migrate(empty_store, "0001")
    with empty_store.write() as connection:
        connection.execute(text("INSERT INTO token_keys VALUES (1, 'k', 0)"))
        rows: list[dict[str, object]] = [
            {"item_id": "V1", "risk": None, "degraded": True},
            {"item_id": "V2", "risk": 0.5, "degraded": False},
        ]
        connection.execute(text(_OLD_ITEM), [{"item_id": row["item_id"]} for row in rows])
        connection.execute(text(_OLD_SCORE), rows)
    assert schema.upgrade(empty_store) == ("0001", schema.newest_revision())
    with empty_store.read() as connection:
        bands = connection.execute(text("SELECT band FROM scores ORDER BY item_id")).scalars()
        assert bands.all() == [None, "low"]


def test_every_migration_can_be_undone(store: Store) -> None:
    _migrate(store, "base")
    with store.read() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
