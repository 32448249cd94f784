"""Taking away what was kept long enough, class by class."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, select, text

from service.store.audit_tables import AUDIT, AUDIT_PAYLOADS
from service.store.chain import PURGED
from service.store.changes import note_change
from service.store.finding_tables import CLAIMS, DECISIONS, NOTES, REPLIES, SKIPS
from service.store.model_tables import SHADOW_SCORES
from service.store.rule_tables import LOOKOUTS, RULE_HITS, SUPPRESSIONS
from service.store.shift_tables import PLANNED
from service.store.tables import (
    ENTITY_ITEMS,
    ENTITY_RESULTS,
    FILING_VALUES,
    IDENTIFIERS,
    INSPECTIONS,
    ITEMS,
    SCORES,
    SIGNALS,
)

OF_ITEMS = (
    SKIPS,
    CLAIMS,
    DECISIONS,
    RULE_HITS,
    SHADOW_SCORES,
    SCORES,
    IDENTIFIERS,
    ENTITY_ITEMS,
    FILING_VALUES,
)
"""Tables whose rows go with their item, besides its inspections."""


def take_away(connection: Connection, name: str, before: datetime) -> int:
    """Delete the rows of one class that are older than a moment.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    name : str
        One of `CLASSES`.
    before : datetime.datetime
        What is as old as this stays.

    Returns
    -------
    int
        Rows of the class that were deleted; rows that go with them are not counted.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    note_change(connection, "purged")
    return CLASSES[name](connection, before)


def _delete(connection: Connection, table: Table, condition: ColumnElement[bool]) -> int:
    return connection.execute(delete(table).where(condition)).rowcount


def _old_items(before: datetime) -> Select[tuple[str]]:
    return select(ITEMS.c.item_id).where(
        ITEMS.c.superseded_by.is_(None), ITEMS.c.presented_at < before
    )


def _items(connection: Connection, before: datetime) -> int:
    old = _old_items(before)
    n_items = connection.execute(select(func.count()).select_from(old.subquery())).scalar_one()
    theirs = select(INSPECTIONS.c.inspection_id).where(INSPECTIONS.c.item_id.in_(old))
    for table in (NOTES, ENTITY_RESULTS):
        _delete(connection, table, table.c.inspection_id.in_(theirs))
    _delete(connection, INSPECTIONS, INSPECTIONS.c.item_id.in_(old))
    decided = select(DECISIONS.c.decision_id).where(DECISIONS.c.item_id.in_(old))
    _delete(connection, PLANNED, PLANNED.c.decision_id.in_(decided))
    for table in OF_ITEMS:
        _delete(connection, table, table.c.item_id.in_(old))
    _delete(connection, ITEMS, ITEMS.c.item_id.in_(old))
    return int(n_items)


def _identifiers(connection: Connection, before: datetime) -> int:
    return _delete(connection, IDENTIFIERS, IDENTIFIERS.c.item_id.in_(_old_items(before)))


def _notes(connection: Connection, before: datetime) -> int:
    return _delete(connection, NOTES, NOTES.c.written_at < before)


def _signals(connection: Connection, before: datetime) -> int:
    until = func.coalesce(SIGNALS.c.expires_at, SIGNALS.c.known_at)
    n_rows = _delete(connection, SIGNALS, until < before)
    return n_rows + sum(
        _delete(connection, table, table.c.expires_at < before)
        for table in (LOOKOUTS, SUPPRESSIONS)
    )


def _replies(connection: Connection, before: datetime) -> int:
    return _delete(connection, REPLIES, REPLIES.c.replied_at < before)


def _audit(connection: Connection, before: datetime) -> int:
    # what says which payloads may be gone must stay
    old = select(AUDIT.c.seq).where(AUDIT.c.at < before, AUDIT.c.act != PURGED)
    return _delete(connection, AUDIT_PAYLOADS, AUDIT_PAYLOADS.c.seq.in_(old))


CLASSES: Mapping[str, Callable[[Connection, datetime], int]] = {
    "identifiers": _identifiers,
    "notes": _notes,
    "replies": _replies,
    "signals": _signals,
    "audit": _audit,
    "items": _items,
}
"""What is kept for how long is set by class; the rows of the audit themselves are never deleted."""
