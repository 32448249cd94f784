"""What of a file is stored already, so that loading it again changes nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection, select, tuple_

from features.records import Inspection
from service.store.tables import INSPECTIONS, ITEMS


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
