"""What a proof counts in the store: what is there once, twice, or not at all."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from service.store.audit_tables import AUDIT
from service.store.finding_tables import NOTES, REPLIES
from service.store.tables import INSPECTIONS, ITEMS

_AT_ONCE = 500


class Recorded(NamedTuple):
    """How many findings a store holds.

    Parameters
    ----------
    n_inspections : int
        Inspections.
    n_notes : int
        Different notes; a proof writes a note of its own with each finding.
    n_keys : int
        Idempotency keys with a reply.
    n_acts : int
        Rows of the audit that say that an inspection was recorded.
    """

    n_inspections: int
    n_notes: int
    n_keys: int
    n_acts: int


def recorded(connection: Connection) -> Recorded:
    """Count the findings in a store.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    Recorded
        The counts; all four are equal where each finding was recorded once.
    """
    counts = (
        select(func.count()).select_from(INSPECTIONS),
        select(func.count(NOTES.c.note.distinct())),
        select(func.count()).select_from(REPLIES),
        select(func.count()).select_from(AUDIT).where(AUDIT.c.act == "inspection.recorded"),
    )
    return Recorded(*(int(connection.execute(count).scalar_one()) for count in counts))


def notes_of(connection: Connection, inspection_ids: Sequence[str]) -> dict[str, str]:
    """Read the notes of inspections that are stored with one.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    inspection_ids : sequence of str
        Inspections to look for.

    Returns
    -------
    dict of str to str
        Only those that are there.
    """
    found: dict[str, str] = {}
    joined = INSPECTIONS.join(NOTES, NOTES.c.inspection_id == INSPECTIONS.c.inspection_id)
    for start in range(0, len(inspection_ids), _AT_ONCE):
        part = inspection_ids[start : start + _AT_ONCE]
        query = select(INSPECTIONS.c.inspection_id, NOTES.c.note).select_from(joined)
        rows = connection.execute(query.where(INSPECTIONS.c.inspection_id.in_(part)))
        found.update((row.inspection_id, row.note) for row in rows)
    return found


def items_there(connection: Connection, item_ids: Sequence[str]) -> set[str]:
    """Tell which items are stored, each in one version.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_ids : sequence of str
        Items to look for.

    Returns
    -------
    set of str
        Those that are stored once.
    """
    found: set[str] = set()
    for start in range(0, len(item_ids), _AT_ONCE):
        part = item_ids[start : start + _AT_ONCE]
        query = select(ITEMS.c.item_id).where(ITEMS.c.item_id.in_(part))
        rows = connection.execute(query.group_by(ITEMS.c.item_id).having(func.count() == 1))
        found.update(rows.scalars())
    return found
