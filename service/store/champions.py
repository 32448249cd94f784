"""The champion pointer: which bundle is in use, and every move that led there."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from features.errors import WeirError
from service.store.tables import CHAMPIONS


class NothingToRollBack(WeirError):  # noqa: N818 - named after the user's mistake
    """No bundle was promoted before the one in use."""


def _latest(connection: Connection) -> Row[Any] | None:
    return connection.execute(select(CHAMPIONS).order_by(CHAMPIONS.c.move.desc()).limit(1)).first()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE champions IN SHARE ROW EXCLUSIVE MODE"))


def champion(connection: Connection) -> str | None:
    """Name the bundle in use.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    str or None
        Version of a promoted bundle, None for the one that Weir ships.
    """
    latest = _latest(connection)
    return latest.version if latest else None


def promote(connection: Connection, version: str, now: datetime) -> None:
    """Point at another bundle.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    version : str
        Version of an installed bundle.
    now : datetime.datetime
        The present moment.
    """
    _lock(connection)
    latest = _latest(connection)
    connection.execute(
        insert(CHAMPIONS).values(
            action="promote",
            version=version,
            replaces=latest.move if latest else None,
            moved_at=now,
        )
    )


def rollback_target(connection: Connection) -> str | None:
    """Name the bundle that a rollback would go to.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    str or None
        Version of a promoted bundle, None for the one that Weir ships.
    """
    latest = _latest(connection)
    if latest is None:
        return None
    query = select(CHAMPIONS.c.version).where(CHAMPIONS.c.move == latest.replaces)
    found: str | None = connection.execute(query).scalar()
    return found


def roll_back(connection: Connection, now: datetime) -> str | None:
    """Point at the bundle that was in use before the present one was promoted.

    Doing it twice goes back two promotions, not to and fro.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    str or None
        Version of the bundle now in use, None for the one that Weir ships.

    Raises
    ------
    NothingToRollBack
        If the shipped bundle is in use.
    """
    _lock(connection)
    latest = _latest(connection)
    if latest is None or latest.version is None:
        raise NothingToRollBack("the bundle that Weir ships is in use; nothing came before it")
    before = connection.execute(
        select(CHAMPIONS).where(CHAMPIONS.c.move == latest.replaces)
    ).first()
    version = before.version if before else None
    connection.execute(
        insert(CHAMPIONS).values(
            action="rollback",
            version=version,
            replaces=before.replaces if before else None,
            moved_at=now,
        )
    )
    return version
