"""The tables of the contract as they leave the store: row by row, tokens in place of names."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, Select, Text, select, text, type_coerce

from features.items import ITEM
from features.records import TABLES
from service.store.finding_tables import DECISIONS, OUTCOMES
from service.store.tables import ENTITY_ITEMS, INSPECTIONS, ITEMS, SCORES, SIGNALS

ROWS_AT_ONCE = 5_000

Rows = Iterator[list[dict[str, Any]]]


def freeze(connection: Connection) -> None:
    """Make a transaction see one moment of the store throughout, however long it reads.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that did nothing yet; SQLite's reads are of one moment anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def rows_since(connection: Connection, name: str, since: datetime) -> Rows:
    """Read what became known of one table from a moment on.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    name : str
        One of `EXPORTED`.
    since : datetime.datetime
        The moment, itself included.

    Yields
    ------
    list of dict
        Some rows with the columns of the contract, in an order that `weir import` takes.
    """
    query, write = EXPORTED[name](since)
    result = connection.execute(
        query, execution_options={"stream_results": True, "max_row_buffer": ROWS_AT_ONCE}
    )
    with result:
        for rows in result.partitions(ROWS_AT_ONCE):
            yield [write(row) for row in rows]


Writer = Callable[[Row[Any]], dict[str, Any]]
Table = Callable[[datetime], tuple[Select[Any], Writer]]


def _plain(name: str) -> Writer:
    columns = list(TABLES[name].columns)
    return lambda row: {column: getattr(row, column) for column in columns}


def _items(since: datetime) -> tuple[Select[Any], Writer]:
    # as text: it is validated as JSON, which the store's own type would have parsed already
    body = type_coerce(ITEMS.c.body, Text).label("written")
    ledger = (ITEMS.c.version, ITEMS.c.supersedes, ITEMS.c.source, ITEMS.c.received_at)
    blank = dict.fromkeys(TABLES["items"].columns)

    def write(row: Row[Any]) -> dict[str, Any]:
        told = row._asdict()
        item = ITEM.validate_json(told.pop("written")).model_dump()
        return {**blank, **item, **told}

    query = select(*ledger, body).where(ITEMS.c.received_at >= since)
    return query.order_by(ITEMS.c.item_id, ITEMS.c.version), write


def _scores(since: datetime) -> tuple[Select[Any], Writer]:
    query = select(SCORES).where(SCORES.c.as_of >= since)
    return query.order_by(SCORES.c.item_id, SCORES.c.version), _plain("scores")


def _decisions(since: datetime) -> tuple[Select[Any], Writer]:
    query = select(DECISIONS).where(DECISIONS.c.decided_at >= since)
    return query.order_by(DECISIONS.c.decided_at, DECISIONS.c.decision_id), _plain("decisions")


def _inspections(since: datetime) -> tuple[Select[Any], Writer]:
    query = select(INSPECTIONS).where(INSPECTIONS.c.recorded_at >= since)
    in_order = query.order_by(INSPECTIONS.c.recorded_at, INSPECTIONS.c.inspection_id)
    return in_order, _plain("inspections")


def _plate_body(token: ColumnElement[str]) -> ColumnElement[str | None]:
    """Find an item of a plate: its state is a part of the plate's name outside the store."""
    named = (ENTITY_ITEMS.c.token == token) & (ENTITY_ITEMS.c.kind == "plate")
    return (
        select(type_coerce(ITEMS.c.body, Text))
        .join(ENTITY_ITEMS, ENTITY_ITEMS.c.item_id == ITEMS.c.item_id)
        .where(named, ITEMS.c.superseded_by.is_(None))
        .order_by(ITEMS.c.item_id)
        .limit(1)
        .scalar_subquery()
    )


def _entity(row: Row[Any]) -> str | None:
    if row.entity_kind != "plate" or row.plate_body is None:
        token: str | None = row.token
        return token
    state = orjson.loads(row.plate_body).get("plate_state", "")
    return f"{state}:{row.token}" if state else row.token


def _about_entities(name: str) -> Writer:
    columns = [column for column in TABLES[name].columns if column != "entity"]

    def write(row: Row[Any]) -> dict[str, Any]:
        values = {column: getattr(row, column) for column in columns}
        return {
            column: _entity(row) if column == "entity" else values[column]
            for column in TABLES[name].columns
        }

    return write


def _signals(since: datetime) -> tuple[Select[Any], Writer]:
    query = select(SIGNALS, _plate_body(SIGNALS.c.token).label("plate_body"))
    query = query.where(SIGNALS.c.known_at >= since)
    return query.order_by(SIGNALS.c.known_at, SIGNALS.c.signal_id), _about_entities("signals")


def _outcomes(since: datetime) -> tuple[Select[Any], Writer]:
    query = select(OUTCOMES, _plate_body(OUTCOMES.c.token).label("plate_body"))
    query = query.where(OUTCOMES.c.recorded_at >= since)
    in_order = query.order_by(OUTCOMES.c.recorded_at, OUTCOMES.c.outcome_id)
    return in_order, _about_entities("outcomes")


EXPORTED: Mapping[str, Table] = {
    "items": _items,
    "decisions": _decisions,
    "inspections": _inspections,
    "signals": _signals,
    "outcomes": _outcomes,
    "scores": _scores,
}
"""Every table that leaves: its query, in order, and how a row of it is written."""
