"""The log of each entity: the items that named it, and what inspections of them found."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from features.history import ENTITIES, KeyedItem, PastItem, partner_kind
from features.records import EntityKind, Inspection
from service.store.bulk import BulkInsert
from service.store.changes import note_change
from service.store.engine import insert_or_skip
from service.store.recent import Recent
from service.store.tables import ENTITY_ITEMS, ENTITY_RESULTS, INSPECTIONS
from service.store.tokens import Tokens
from service.store.types import from_microseconds

_INSERT = BulkInsert(
    ENTITY_ITEMS,
    ("item_id", "kind", "token", "known_at", "value_cents", "just_under", "port", "partner"),
    skip=True,
    as_stored=True,
)


def _item_entries(keyed: Sequence[KeyedItem], tokens: Tokens) -> Iterator[tuple[Any, ...]]:
    entities = {kind: key for kind, key, _ in keyed if kind in ENTITIES}
    for kind, key, (known_at, item_id, value_cents, just_under, port, _) in keyed:
        other = partner_kind(kind, entities)
        partner = tokens.token(other, entities[other]) if other else None
        token = tokens.token(kind, key)
        yield item_id, kind, token, known_at, value_cents, just_under, port, partner


def log_items(
    connection: Connection,
    logged: Sequence[Sequence[KeyedItem]],
    tokens: Tokens,
    recent: Recent | None = None,
    amended: Collection[str] = (),
) -> None:
    """Add items to the log of each entity, pair and filing key that they name.

    An entry keeps the moment and the figures of the first version that named the key.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    logged : sequence of sequence of KeyedItem
        Per item, what it adds to the history of each of its keys.
    tokens : Tokens
        Makes the tokens that stand for identifiers.
    recent : Recent, optional
        What the server that takes the items in keeps in mind, opened for this transaction.
    amended : collection of str
        Those of the items that were stored before.
    """
    # one order for every writer, so that two of them cannot wait for each other
    rows = sorted(row for keyed in logged for row in _item_entries(keyed, tokens))
    _INSERT(connection, rows)
    if recent is not None:
        recent.add(rows, amended)
    elif rows:
        note_change(connection, "loaded")


def log_entries(
    connection: Connection,
    key: tuple[EntityKind, str],
    partners_are: EntityKind,
    entries: Sequence[PastItem],
    tokens: Tokens,
) -> None:
    """Add entries to the log of one entity, as items that name it would.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    key : tuple of str
        Kind and key of the entity.
    partners_are : str
        Kind of entity that the partners of the entries are.
    entries : sequence of PastItem
        What to add; partners are keys.
    tokens : Tokens
        Makes the tokens that stand for identifiers.
    """
    token = tokens.token(*key)
    names = {entry.partner for entry in entries if entry.partner is not None}
    partners = {name: tokens.token(partners_are, name) for name in names}
    rows = [
        entry._asdict()
        | {
            "kind": key[0],
            "token": token,
            "known_at": from_microseconds(entry.known_at),
            "partner": partners.get(entry.partner or ""),
        }
        for entry in entries
    ]
    if rows:
        connection.execute(insert_or_skip(connection, ENTITY_ITEMS), rows)
        note_change(connection, "loaded")


def deltas(outcome: str, replaced: str | None) -> tuple[int, int, int]:
    """Tell how an inspection changes the counts of finds, of clears and of skips.

    Parameters
    ----------
    outcome : str
        What it found: clear, find or not_completed.
    replaced : str or None
        Outcome of the inspection that it corrects.

    Returns
    -------
    tuple of int
        Change of the number of finds, of clears and of what was not completed, each -1, 0 or 1.

    Examples
    --------
    >>> deltas("find", None), deltas("clear", "find")
    ((1, 0, 0), (-1, 1, 0))
    """
    find = (outcome == "find") - (replaced == "find")
    clear = (outcome == "clear") - (replaced == "clear")
    skip = (outcome == "not_completed") - (replaced == "not_completed")
    return find, clear, skip


def _log_results(connection: Connection, inspections: Sequence[Any]) -> None:
    item_ids = sorted({inspection.item_id for inspection in inspections})
    named: dict[str, list[Any]] = {item_id: [] for item_id in item_ids}
    columns = (ENTITY_ITEMS.c.item_id, ENTITY_ITEMS.c.kind, ENTITY_ITEMS.c.token)
    for entry in connection.execute(
        select(*columns, ENTITY_ITEMS.c.known_at).where(
            ENTITY_ITEMS.c.item_id.in_(item_ids), ENTITY_ITEMS.c.kind.in_(ENTITIES)
        )
    ):
        named[entry.item_id].append(entry)
    replaced = _outcomes(connection, [each.supersedes for each in inspections if each.supersedes])
    rows = []
    for inspection in inspections:
        find, clear, skip = deltas(inspection.outcome, replaced.get(inspection.supersedes))
        rows += [
            {
                "inspection_id": inspection.inspection_id,
                "kind": entry.kind,
                "token": entry.token,
                "item_id": inspection.item_id,
                "recorded_at": max(entry.known_at, inspection.recorded_at),
                "find": find,
                "clear": clear,
                "skip": skip,
            }
            for entry in named[inspection.item_id]
        ]
    if rows:
        connection.execute(insert_or_skip(connection, ENTITY_RESULTS), rows)
        note_change(connection, "results")


def _outcomes(connection: Connection, inspection_ids: Sequence[str]) -> dict[str, str]:
    if not inspection_ids:
        return {}
    rows = connection.execute(
        select(INSPECTIONS.c.inspection_id, INSPECTIONS.c.outcome).where(
            INSPECTIONS.c.inspection_id.in_(inspection_ids)
        )
    )
    return {row.inspection_id: row.outcome for row in rows}


def log_late_names(connection: Connection, item_ids: Sequence[str]) -> None:
    """Give entities that an amendment has just named the results that the item already has.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write; the amendments are logged already.
    item_ids : sequence of str
        Amended items.
    """
    if item_ids:
        query = select(INSPECTIONS).where(INSPECTIONS.c.item_id.in_(item_ids))
        _log_results(connection, connection.execute(query).all())


def add_inspections(connection: Connection, inspections: Sequence[Inspection]) -> None:
    """Store inspections and add what they found to the log of each entity.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    inspections : sequence of Inspection
        New inspections; their items and what they supersede must be stored or among them.
    """
    if inspections:
        rows = [inspection.model_dump() for inspection in inspections]
        connection.execute(INSPECTIONS.insert(), rows)
        _log_results(connection, inspections)
