"""Lookouts and suppressions in the store: entities that are watched, or not, until a moment."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, insert, select, update

from features.entities import signal_key
from features.records import EntityKind
from service.store.rule_tables import LOOKOUTS, SUPPRESSIONS
from service.store.rules import note_move
from service.store.tokens import Tokens


class WatchedEntity(NamedTuple):
    """An entity as the store keeps it.

    Parameters
    ----------
    entity_kind : str
        Its kind.
    token : str
        What stands for it.
    token_key : int
        Number of the key behind the token.
    """

    entity_kind: EntityKind
    token: str
    token_key: int


class Watch(NamedTuple):
    """What lookouts and suppressions have in common.

    Parameters
    ----------
    watch_id : str
        Its id.
    entity : WatchedEntity
        Whom it is about.
    agency : str
        Whose it is.
    words : dict of str to str
        What tells the one kind from the other: `text` and `action`, or `reason`.
    created_at, expires_at : datetime.datetime
        When it begins and ends.
    created_by : str
        Key id.
    ended_at, ended_by
        When and by whom it was ended before its time.
    """

    watch_id: str
    entity: WatchedEntity
    agency: str
    words: dict[str, str]
    created_at: datetime
    expires_at: datetime
    created_by: str
    ended_at: datetime | None = None
    ended_by: str | None = None

    def lasts(self, now: datetime) -> bool:
        """Tell whether it is in force.

        Parameters
        ----------
        now : datetime.datetime
            The present moment.

        Returns
        -------
        bool
            False once it has ended or expired.
        """
        return self.ended_at is None and now < self.expires_at


class WatchTable(NamedTuple):
    """One of the two tables.

    Parameters
    ----------
    table : sqlalchemy.Table
        The table.
    key : str
        Its key.
    words : tuple of str
        Columns that the other table does not have.
    """

    table: Table
    key: str
    words: tuple[str, ...]


LOOKOUT_TABLE = WatchTable(LOOKOUTS, "lookout_id", ("text", "action"))
SUPPRESSION_TABLE = WatchTable(SUPPRESSIONS, "suppression_id", ("reason",))
_SHARED = ("agency", "created_at", "expires_at", "created_by", "ended_at", "ended_by")


def entity_of(kind: EntityKind, identifier: str, tokens: Tokens, token_key: int) -> WatchedEntity:
    """Write an entity as the store keeps it.

    Parameters
    ----------
    kind : str
        Its kind.
    identifier : str
        As somebody spelled it; a plate may have its state before it.
    tokens : Tokens
        Makes tokens.
    token_key : int
        Number of the key behind them.

    Returns
    -------
    WatchedEntity
        The token of the same entity in items.
    """
    return WatchedEntity(kind, tokens.token(kind, signal_key(kind, identifier)), token_key)


def add_watch(connection: Connection, where: WatchTable, watch: Watch) -> None:
    """Store a lookout or a suppression; it is in force from now on.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    where : WatchTable
        The table.
    watch : Watch
        New.
    """
    row: dict[str, Any] = {where.key: watch.watch_id} | watch.entity._asdict() | watch.words
    row |= {name: getattr(watch, name) for name in _SHARED}
    connection.execute(insert(where.table).values(row))
    note_move(connection, watch.created_at)


def _watch(row: Any, where: WatchTable) -> Watch:  # noqa: ANN401 - a row of either table
    return Watch(
        watch_id=getattr(row, where.key),
        entity=WatchedEntity(row.entity_kind, row.token, row.token_key),
        words={name: getattr(row, name) for name in where.words},
        **{name: getattr(row, name) for name in _SHARED},
    )


def find_watch(connection: Connection, where: WatchTable, watch_id: str) -> Watch | None:
    """Read one.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    where : WatchTable
        The table.
    watch_id : str
        Its id.

    Returns
    -------
    Watch or None
        None if there is none.
    """
    query = select(where.table).where(where.table.c[where.key] == watch_id)
    row = connection.execute(query).first()
    return None if row is None else _watch(row, where)


def watches_in_force(
    connection: Connection, where: WatchTable, now: datetime, agency: str | None, most: int
) -> list[Watch]:
    """Read what neither has ended nor expired.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    where : WatchTable
        The table.
    now : datetime.datetime
        The present moment.
    agency : str or None
        Whose; None reads those of every agency.
    most : int
        Most rows to read.

    Returns
    -------
    list of Watch
        Those that expire first come first.
    """
    table = where.table
    query = select(table).where(table.c.ended_at.is_(None), table.c.expires_at > now)
    if agency is not None:
        query = query.where(table.c.agency == agency)
    rows = connection.execute(query.order_by(table.c.expires_at, table.c[where.key]).limit(most))
    return [_watch(row, where) for row in rows]


def end_watch(
    connection: Connection, where: WatchTable, watch_id: str, by: str, now: datetime
) -> None:
    """End one before its time.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    where : WatchTable
        The table.
    watch_id : str
        Its id.
    by : str
        Key id of who ends it.
    now : datetime.datetime
        The present moment.
    """
    this = update(where.table).where(where.table.c[where.key] == watch_id)
    connection.execute(this.values(ended_at=now, ended_by=by))
    note_move(connection, now)
