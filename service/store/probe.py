"""Finding out whether the store takes writes."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert

from service.store.tables import PROBES


def probe(connection: Connection, now: datetime) -> None:
    """Overwrite the one row that exists for this.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write; committing it is what shows that the disk takes it.
    now : datetime.datetime
        The present moment.
    """
    connection.execute(delete(PROBES))
    connection.execute(insert(PROBES).values(probe=1, probed_at=now))
