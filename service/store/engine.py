"""One store: its engine, its guarantees on every connection, and its transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from features.errors import WeirError
from service.store.file import StoreFile, StoreUnavailable
from service.store.turns import Turns

__all__ = [
    "Store",
    "StoreConflict",
    "StoreUnavailable",
    "insert_or_skip",
    "open_engine",
    "refusal",
    "savepoint",
]

BUSY_TIMEOUT_MILLISECONDS = 5_000
STATEMENT_TIMEOUT_MILLISECONDS = 10_000
POOL: dict[str, int] = {"pool_size": 10, "max_overflow": 40, "pool_timeout": 5}
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "cache_size": -65_536,  # in KiB: the indexes that every posting walks stay in memory
    "busy_timeout": BUSY_TIMEOUT_MILLISECONDS,
}
"""What every SQLite connection must report before it is used; `synchronous` 2 is FULL."""


_LOST_RACES = frozenset({"40001", "40P01"})  # serialization failure, deadlock
_OUR_FAULTS = (ProgrammingError, DataError)


class StoreConflict(WeirError):  # noqa: N818 - what the caller sees
    """Another writer was there first; the same request can be tried again."""


def _guarantee_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for name, wanted in PRAGMAS.items():
        connection.execute(f"PRAGMA {name} = {wanted}")
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != wanted:
            raise StoreUnavailable(
                f"SQLite answers {name} = {found} where {wanted} is needed for durable writes; "
                "put the store on a local disk"
            )


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("weir_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def open_engine(url: str) -> Engine:
    """Make an engine whose connections are durable, or refuse to open.

    SQLite runs in WAL mode with `synchronous=FULL` and foreign keys on; each of these is read
    back on every new connection. PostgreSQL gets `synchronous_commit=on`.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of a SQLite file or a PostgreSQL database.

    Returns
    -------
    sqlalchemy.Engine
        An engine; no connection is opened yet.
    """
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            poolclass=QueuePool,
            connect_args={"check_same_thread": False},
            # a connection forgets its cache when another one has written
            pool_use_lifo=True,
            **POOL,
        )
        event.listen(engine, "connect", _guarantee_pragmas)
        event.listen(engine, "begin", _begin)
        return engine
    given = make_url(url)
    options = (
        f"{given.query.get('options', '')} -c synchronous_commit=on "
        f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS} "
        f"-c lock_timeout={BUSY_TIMEOUT_MILLISECONDS}"
    )
    return create_engine(
        given.difference_update_query(["options"]),
        pool_pre_ping=True,
        **POOL,
        connect_args={"options": options.strip(), "connect_timeout": 5},
    )


def insert_or_skip(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Start an insert that leaves rows alone whose key is there already.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Tells which engine it is for.
    table : sqlalchemy.Table
        Where to insert.

    Returns
    -------
    sqlalchemy.dialects.postgresql.Insert or sqlalchemy.dialects.sqlite.Insert
        `INSERT ... ON CONFLICT DO NOTHING`.
    """
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Run a part of a transaction that may fail without the rest.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.

    Yields
    ------
    None
        What is written meanwhile is undone if the block raises; the transaction goes on.

    Raises
    ------
    StoreConflict
        If the part met a record that is there already.
    """
    try:
        with connection.begin_nested():
            yield
    except IntegrityError as failed:
        raise _translate(failed) from failed


def _reason(error: DBAPIError | PoolTimeout) -> str:
    said = str(getattr(error, "orig", None) or error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def _translate(error: DBAPIError | PoolTimeout) -> WeirError:
    state: Any = getattr(getattr(error, "orig", None), "sqlstate", None)
    if isinstance(error, IntegrityError) or state in _LOST_RACES:
        return StoreConflict("another request wrote the same record first; send it again")
    return StoreUnavailable(
        "the store cannot be reached or written just now; send it again", reason=_reason(error)
    )


def refusal(error: Exception) -> StoreUnavailable | None:
    """Put what the database refused in words for the operator.

    Parameters
    ----------
    error : Exception
        Anything that was raised.

    Returns
    -------
    StoreUnavailable or None
        None if it is not the database's.
    """
    if not isinstance(error, DBAPIError):
        return None
    return StoreUnavailable("the store refused this", reason=_reason(error))


def _file_of(url: str) -> StoreFile | None:
    database = make_url(url).database if url.startswith("sqlite") else None
    if not database or database == ":memory:" or database.startswith("file:"):
        return None
    return StoreFile(Path(database))


class Store:
    """A store that is open, with one way to read and one to write.

    Parameters
    ----------
    url : str
        SQLAlchemy URL of a SQLite file or a PostgreSQL database.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._file = file = _file_of(url)
        if file is not None:
            event.listen(self.engine, "do_connect", lambda *_: file.prepare())
        self._writing = self.engine.execution_options(weir_writes=True)
        self.has_one_writer = self.engine.dialect.name == "sqlite"
        """Whether everybody else waits while one transaction writes."""
        patience = BUSY_TIMEOUT_MILLISECONDS / 1_000
        self._turns = Turns(patience) if self.has_one_writer else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection for reading one consistent state.

        Yields
        ------
        sqlalchemy.Connection
            A connection in a transaction that is rolled back at the end.

        Raises
        ------
        StoreUnavailable
            If the store cannot be reached or read.
        """
        self._require_in_place()
        try:
            with self.engine.connect() as connection:
                yield connection
        except _OUR_FAULTS:
            raise
        except (DBAPIError, PoolTimeout) as failed:
            raise _translate(failed) from failed

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Lend a connection for one transaction, durable when the block ends.

        Only a request's edge opens this; what it calls never commits.

        Yields
        ------
        sqlalchemy.Connection
            A connection in a transaction that commits if the block does not raise.

        Raises
        ------
        StoreUnavailable
            If the store cannot be reached or written; nothing was kept.
        StoreConflict
            If another writer was there first; nothing was kept.
        """
        self._require_in_place()
        try:
            with self._turn(), self._writing.begin() as connection:
                yield connection
        except _OUR_FAULTS:
            raise
        except (DBAPIError, PoolTimeout) as failed:
            raise _translate(failed) from failed

    def _turn(self) -> AbstractContextManager[None]:
        return self._turns.take() if self._turns is not None else nullcontext()

    def _require_in_place(self) -> None:
        if self._file is not None:
            self._file.require_in_place()

    def gather_statistics(self) -> None:
        """Let the database look at its tables, as it does by itself in time.

        After much was loaded at once, PostgreSQL plans by guesses until it has.
        """
        if self.engine.dialect.name == "postgresql":
            with self.write() as connection:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
