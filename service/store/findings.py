"""Findings in the store: inspections of one item, notes, skips, officers' own decisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from features.records import Decision, Inspection
from service.store.finding_tables import DECISIONS, NOTES, SKIPS
from service.store.tables import INSPECTIONS


class Skip(NamedTuple):
    """An item that was let go on purpose.

    Parameters
    ----------
    skip_id, item_id : str
        The record, and the item.
    version : int
        Version of the item that was judged.
    reason : str
        Code.
    detail : str or None
        Further words.
    skipped_at : datetime.datetime
        When.
    agency, key_id : str
        By whom.
    """

    skip_id: str
    item_id: str
    version: int
    reason: str
    detail: str | None
    skipped_at: datetime
    agency: str
    key_id: str


def find_inspection(connection: Connection, inspection_id: str) -> Inspection | None:
    """Read one inspection.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    inspection_id : str
        Its id.

    Returns
    -------
    Inspection or None
        None if there is none.
    """
    query = select(INSPECTIONS).where(INSPECTIONS.c.inspection_id == inspection_id)
    row = connection.execute(query).first()
    return Inspection(**row._asdict()) if row else None


def is_superseded(connection: Connection, inspection_id: str) -> bool:
    """Tell whether an inspection was corrected already.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    inspection_id : str
        Its id.

    Returns
    -------
    bool
        True if another one supersedes it.
    """
    query = select(INSPECTIONS.c.inspection_id).where(INSPECTIONS.c.supersedes == inspection_id)
    return connection.execute(query).first() is not None


def add_note(connection: Connection, inspection_id: str, note: str, now: datetime) -> None:
    """Keep an inspector's words beside the record.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    inspection_id : str
        The inspection, stored already.
    note : str
        The words.
    now : datetime.datetime
        The present moment.
    """
    row = {"inspection_id": inspection_id, "note": note, "written_at": now}
    connection.execute(insert(NOTES).values(row))


def inspections_of(connection: Connection, item_id: str) -> list[dict[str, Any]]:
    """List the inspections of an item, corrected ones included, earliest first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.

    Returns
    -------
    list of dict
        Columns of `inspections`, and `note`, None where there is none or it was purged.
    """
    joined = INSPECTIONS.outerjoin(NOTES, NOTES.c.inspection_id == INSPECTIONS.c.inspection_id)
    rows = connection.execute(
        select(INSPECTIONS, NOTES.c.note)
        .select_from(joined)
        .where(INSPECTIONS.c.item_id == item_id)
        .order_by(INSPECTIONS.c.recorded_at, INSPECTIONS.c.inspection_id)
    )
    # names of columns are no plain text, which JSON writers refuse as keys
    return [{str(name): value for name, value in row.items()} for row in rows.mappings()]


def find_skip(connection: Connection, item_id: str, version: int) -> Skip | None:
    """Find the skip of a version of an item.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.
    version : int
        Its version.

    Returns
    -------
    Skip or None
        None if it was not skipped.
    """
    query = select(SKIPS).where(SKIPS.c.item_id == item_id, SKIPS.c.version == version)
    row = connection.execute(query).first()
    return Skip(*row) if row else None


def add_skip(connection: Connection, skip: Skip) -> None:
    """Store a skip.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    skip : Skip
        What was let go.
    """
    connection.execute(insert(SKIPS).values(skip._asdict()))


def was_chosen(connection: Connection, item_id: str) -> bool:
    """Tell whether somebody or some policy chose an item for inspection.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.

    Returns
    -------
    bool
        True if a decision says so.
    """
    query = select(DECISIONS.c.decision_id).where(
        DECISIONS.c.item_id == item_id, DECISIONS.c.chosen
    )
    return connection.execute(query.limit(1)).first() is not None


def add_decisions(connection: Connection, decisions: Sequence[Decision]) -> None:
    """Store decisions.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    decisions : sequence of Decision
        New ones.
    """
    if decisions:
        connection.execute(insert(DECISIONS), [each.model_dump() for each in decisions])


def known_decisions(connection: Connection, ids: Sequence[str]) -> dict[str, Decision]:
    """Read decisions.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    ids : sequence of str
        Decisions to look for.

    Returns
    -------
    dict of str to Decision
        Only those that are stored.
    """
    rows = connection.execute(select(DECISIONS).where(DECISIONS.c.decision_id.in_(ids)))
    return {row.decision_id: Decision(**row._asdict()) for row in rows}
