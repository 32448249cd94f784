"""Who changed the history of entities how often, so that what is kept in mind can be trusted."""

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection, delete, select, text

from service.store.tables import HISTORY_CHANGES

Change = Literal["loaded", "results", "signals", "purged"]
"""What is not a posting: items from files, findings, what agencies know, what was taken away."""

_BATCHES = "batches:"

_COUNT = text(
    "INSERT INTO history_changes (writer, n) VALUES (:writer, 1)"
    " ON CONFLICT (writer) DO UPDATE SET n = history_changes.n + 1"
)
_SET = text(
    "INSERT INTO history_changes (writer, n) VALUES (:writer, :n)"
    " ON CONFLICT (writer) DO UPDATE SET n = :n"
)


def note_change(connection: Connection, change: Change) -> None:
    """Note that this transaction changes the history of entities.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    change : {"loaded", "results", "signals", "purged"}
        What it does; transactions that note the same wait for each other.
    """
    connection.execute(_COUNT, {"writer": change})


def note_batch(connection: Connection, server: str, n_batches: int) -> None:
    """Note that this transaction takes in items of a server.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    server : str
        The server; no two have one name, so that they do not wait for each other.
    n_batches : int
        How many it has begun; it never gives a number twice.
    """
    connection.execute(_SET, {"writer": f"{_BATCHES}{server}", "n": n_batches})


def forget_servers(connection: Connection) -> None:
    """Take away what servers noted: those that run note again, and others look anew.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    """
    writer = HISTORY_CHANGES.c.writer
    connection.execute(delete(HISTORY_CHANGES).where(writer.startswith(_BATCHES)))


def changes(connection: Connection, *, but: str) -> Mapping[str, int]:
    """Read what others noted.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    but : str
        The server that asks; its own batches are left out.

    Returns
    -------
    mapping of str to int
        Who, and how often.
    """
    rows = connection.execute(select(HISTORY_CHANGES.c.writer, HISTORY_CHANGES.c.n))
    return {writer: n for writer, n in rows if writer != f"{_BATCHES}{but}"}
