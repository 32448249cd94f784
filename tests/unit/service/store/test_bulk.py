from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, select
from sqlalchemy.exc import IntegrityError

from service.store.bulk import BulkInsert
from service.store.types import Json, Moment

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TABLE = Table(
    "order",  # a word that must be quoted
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Moment),
    Column("body", Json),
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        TABLE.create(connection)
        yield connection
    engine.dispose()


def rows(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(TABLE).order_by(TABLE.c.id))]


def test_values_are_stored_as_the_types_of_their_columns_ask(connection: Connection) -> None:
    insert = BulkInsert(TABLE, ("body", "id", "at"))
    insert(connection, [({"a": [1]}, 1, NOON), (None, 2, None)])
    assert rows(connection) == [(1, NOON, {"a": [1]}), (2, None, None)]


def test_values_that_are_given_as_they_are_stored_are_left_alone(connection: Connection) -> None:
    insert = BulkInsert(TABLE, ("id", "at"), as_stored=True)
    insert(connection, [(1, 1_000_000)])
    assert rows(connection) == [(1, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), None)]


def test_no_rows_are_no_statement(connection: Connection) -> None:
    BulkInsert(TABLE, ("id",))(connection, [])
    assert rows(connection) == []


def test_a_key_that_is_there_already_is_an_error(connection: Connection) -> None:
    insert = BulkInsert(TABLE, ("id",))
    insert(connection, [(1,)])
    with pytest.raises(IntegrityError):
        insert(connection, [(2,), (1,)])


def test_a_key_that_is_there_already_is_skipped_where_that_was_asked(
    connection: Connection,
) -> None:
    BulkInsert(TABLE, ("id", "body"))(connection, [(1, "first")])
    BulkInsert(TABLE, ("id", "body"), skip=True)(connection, [(1, "second"), (2, "new")])
    assert rows(connection) == [(1, None, "first"), (2, None, "new")]
