"""What of a file is stored already, so that loading it again changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, tuple_

from features.records import Inspection, Signal
from service.store.tables import INSPECTIONS, ITEMS, SIGNALS


def known_versions(
    connection: Connection, versions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], str]:
    """Read the digests of versions of items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    versions : sequence of tuple of str and int
        Item and version.

    Returns
    -------
    dict of tuple to str
        Only those that are stored.
    """
    key = tuple_(ITEMS.c.item_id, ITEMS.c.version)
    rows = connection.execute(
        select(ITEMS.c.item_id, ITEMS.c.version, ITEMS.c.digest).where(key.in_(versions))
    )
    return {(row.item_id, row.version): row.digest for row in rows}


def known_items(connection: Connection, item_ids: Sequence[str]) -> set[str]:
    """Tell which items are stored.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_ids : sequence of str
        Items to look for.

    Returns
    -------
    set of str
        Those that are stored in any version.
    """
    rows = connection.execute(select(ITEMS.c.item_id).where(ITEMS.c.item_id.in_(item_ids)))
    return set(rows.scalars())


def known_inspections(
    connection: Connection, inspection_ids: Sequence[str]
) -> dict[str, Inspection]:
    """Read inspections.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    inspection_ids : sequence of str
        Inspections to look for.

    Returns
    -------
    dict of str to Inspection
        Only those that are stored.
    """
    rows = connection.execute(
        select(INSPECTIONS).where(INSPECTIONS.c.inspection_id.in_(inspection_ids))
    )
    return {row.inspection_id: Inspection(**row._asdict()) for row in rows}


def successors(connection: Connection, inspection_ids: Sequence[str]) -> dict[str, str]:
    """Find the inspections that supersede others.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    inspection_ids : sequence of str
        Inspections that may be superseded.

    Returns
    -------
    dict of str to str
        Superseded inspection to the one that supersedes it.
    """
    rows = connection.execute(
        select(INSPECTIONS.c.supersedes, INSPECTIONS.c.inspection_id).where(
            INSPECTIONS.c.supersedes.in_(inspection_ids)
        )
    )
    return {row.supersedes: row.inspection_id for row in rows}


def known_signals(connection: Connection, signal_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read signals as `service.store.signals.signal_row` writes them.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    signal_ids : sequence of str
        Signals to look for.

    Returns
    -------
    dict of str to dict
        Only those that are stored; the number of the token's key is left out.
    """
    names = [*(name for name in Signal.model_fields if name != "entity"), "token"]
    rows = connection.execute(select(SIGNALS).where(SIGNALS.c.signal_id.in_(signal_ids)))
    return {row.signal_id: {name: getattr(row, name) for name in names} for row in rows}


def body_of(connection: Connection, item_id: str, version: int) -> dict[str, Any]:
    """Read the body of one stored version.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.
    version : int
        A version that is stored.

    Returns
    -------
    dict of str to object
        As posted, with tokens in place of identifiers.
    """
    body: dict[str, Any] = connection.execute(
        select(ITEMS.c.body).where(ITEMS.c.item_id == item_id, ITEMS.c.version == version)
    ).scalar_one()
    return body
