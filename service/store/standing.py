"""Where an item stands: its latest version, held against amendments."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from service.store.tables import ITEMS


class Standing(NamedTuple):
    """The latest version of an item.

    Parameters
    ----------
    item_id : str
        The item.
    version : int
        Number of the version.
    port, mode : str
        Where and how it leaves.
    presented_at, leaves_at : datetime.datetime
        When it came, and when it leaves the queue.
    """

    item_id: str
    version: int
    port: str
    mode: str
    presented_at: datetime
    leaves_at: datetime


def standing(connection: Connection, item_id: str) -> Standing | None:
    """Read the latest version of an item and lock it.

    An amendment that runs meanwhile either is seen or waits, so that a finding reaches every
    entity that any version of the item names.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    item_id : str
        The item.

    Returns
    -------
    Standing or None
        None if it is not stored.
    """
    mine = ITEMS.c.item_id == item_id
    # every version: PostgreSQL, having waited for an amendment, would find no latest one
    lock = select(ITEMS.c.version).where(mine).order_by(ITEMS.c.version).with_for_update()
    if not connection.execute(lock).all():
        return None
    columns = (getattr(ITEMS.c, name) for name in Standing._fields)
    latest = select(*columns).where(mine, ITEMS.c.superseded_by.is_(None))
    return Standing(*connection.execute(latest).one())
