"""Finding out whether the store takes writes."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert

from service.store.tables import PROBES

MANY_ROWS = 10_000
"""Rows that need more pages than a batch of items does."""


class Writes:
    """Remembers whether the last items that came could be stored."""

    def __init__(self) -> None:
        self.failing = False


def probe(connection: Connection, now: datetime, *, n_rows: int = 1) -> None:
    """Overwrite the rows that exist for this.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write; committing it is what shows that the disk takes it.
    now : datetime.datetime
        The present moment.
    n_rows : int
        How many; a full disk may still take one.
    """
    connection.execute(delete(PROBES))
    rows = [{"probe": number, "probed_at": now} for number in range(1, n_rows + 1)]
    connection.execute(insert(PROBES), rows)
