"""Sessions in the store: who is signed in, and since when."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from service.store.session_tables import SESSIONS


class StoredSession(NamedTuple):
    """A session as the store knows it.

    Parameters
    ----------
    session_hash : str
        Hash of what the browser holds.
    key_id : str
        The key that was signed in with.
    port : str or None
        The one port that it was narrowed to, None for all of the key.
    started_at, seen_at, expires_at : datetime.datetime
        Since when, when something was last done, and when it ends at the latest.
    """

    session_hash: str
    key_id: str
    port: str | None
    started_at: datetime
    seen_at: datetime
    expires_at: datetime


def add_session(connection: Connection, session: StoredSession) -> None:
    """Store a new session, and forget those that are over.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    session : StoredSession
        The session.
    """
    over = SESSIONS.c.expires_at <= session.started_at
    connection.execute(delete(SESSIONS).where(over))
    connection.execute(insert(SESSIONS).values(session._asdict()))


def find_session(connection: Connection, session_hash: str) -> StoredSession | None:
    """Read one session.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    session_hash : str
        Hash of what the browser holds.

    Returns
    -------
    StoredSession or None
        The session, over or not; None if there is none.
    """
    query = select(SESSIONS).where(SESSIONS.c.session_hash == session_hash)
    row = connection.execute(query).first()
    return StoredSession(*row) if row else None


def mark_seen(connection: Connection, session_hash: str, now: datetime) -> None:
    """Put down that something was done in a session.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    session_hash : str
        Hash of what the browser holds.
    now : datetime.datetime
        The present moment.
    """
    mine = SESSIONS.c.session_hash == session_hash
    connection.execute(update(SESSIONS).where(mine).values(seen_at=now))


def drop_session(connection: Connection, session_hash: str) -> None:
    """Forget a session.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    session_hash : str
        Hash of what the browser holds.
    """
    connection.execute(delete(SESSIONS).where(SESSIONS.c.session_hash == session_hash))
