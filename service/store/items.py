"""Items in the store: every version, and its identifiers apart."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, tuple_, update

from features.encoding import microseconds
from features.history import KeyedItems, as_of, key_items
from features.items import Shipment, Vehicle
from service.store.bodies import Body
from service.store.bulk import BulkInsert
from service.store.entity_log import log_items, log_late_names
from service.store.filing_values import declare_values
from service.store.recent import Recent
from service.store.tables import IDENTIFIERS, ITEMS
from service.store.tokens import Tokens


class NewVersion(NamedTuple):
    """One version of an item that is about to be stored."""

    item: Vehicle | Shipment
    body: Body
    version: int
    supersedes: int | None
    source: str | None
    received_at: datetime

    @property
    def as_of(self) -> int:
        """Moment as of which it is judged, in microseconds since the epoch."""
        return as_of(self.item, microseconds(self.received_at))


class Head(NamedTuple):
    """The latest version of a stored item."""

    version: int
    digest: str
    port: str
    received_at: datetime


def heads(connection: Connection, item_ids: Sequence[str]) -> dict[str, Head]:
    """Find the latest version of items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_ids : sequence of str
        Items to look for.

    Returns
    -------
    dict of str to Head
        Only those that are stored.
    """
    rows = connection.execute(
        select(
            ITEMS.c.item_id,
            ITEMS.c.version,
            ITEMS.c.digest,
            ITEMS.c.port,
            ITEMS.c.received_at,
        ).where(ITEMS.c.item_id.in_(item_ids), ITEMS.c.superseded_by.is_(None))
    )
    return {row.item_id: Head(*row[1:]) for row in rows}


def leaves_at(item: Vehicle | Shipment, lane_window: timedelta) -> datetime:
    """Tell when an item leaves the queue.

    Parameters
    ----------
    item : Vehicle or Shipment
        A validated item.
    lane_window : datetime.timedelta
        How long a vehicle without a departure stays.

    Returns
    -------
    datetime.datetime
        `departs_at`, or the end of the lane window.
    """
    return item.departs_at or item.presented_at + lane_window


_COLUMNS = (
    *("item_id", "version", "supersedes", "source", "received_at", "kind", "mode", "port"),
    *("presented_at", "departs_at", "leaves_at", "destination", "body", "digest", "token_key"),
)
_INSERT = BulkInsert(ITEMS, _COLUMNS)
_INSERT_IDENTIFIERS = BulkInsert(IDENTIFIERS, ("item_id", "version", "field", "value"))


def _item_row(new: NewVersion, token_key: int, lane_window: timedelta) -> tuple[Any, ...]:
    item = new.item
    return (
        *(item.item_id, new.version, new.supersedes, new.source, new.received_at),
        *(item.kind, item.mode, item.port, item.presented_at, item.departs_at),
        *(leaves_at(item, lane_window), item.destination, new.body.body, new.body.digest),
        token_key,
    )


def make_version(
    item: Vehicle | Shipment,
    body: Body,
    head: Head | None,
    *,
    source: str | None,
    received_at: datetime,
) -> NewVersion:
    """Make the version that follows the latest stored one.

    Parameters
    ----------
    item : Vehicle or Shipment
        A validated item.
    body : Body
        The item split for storage.
    head : Head or None
        The latest stored version, None for a new item.
    source : str or None
        Who sent it.
    received_at : datetime.datetime
        When it came.

    Returns
    -------
    NewVersion
        Version 1, or one more than the head, which it supersedes.
    """
    version = head.version + 1 if head else 1
    supersedes = head.version if head else None
    return NewVersion(item, body, version, supersedes, source, received_at)


def add_versions(  # noqa: PLR0913 - what versions are stored with, one thing each
    connection: Connection,
    versions: Sequence[NewVersion],
    tokens: Tokens,
    token_key: int,
    lane_window: timedelta,
    *,
    keyed: KeyedItems | None = None,
    recent: Recent | None = None,
) -> None:
    """Store versions with their identifiers and what they add to each entity's history.

    An entity's entry keeps the moment and the figures of the first version that named it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    versions : sequence of NewVersion
        What to store; one item may occur only once unless its versions are in order.
    tokens : Tokens
        Makes the tokens that stand for identifiers.
    token_key : int
        Number of the key behind those tokens.
    lane_window : datetime.timedelta
        How long a vehicle without a departure stays in the queue.
    keyed : KeyedItems, optional
        What they add to history, where the caller has it already.
    recent : Recent, optional
        What the server that takes them in keeps in mind of history, opened for this transaction.
    """
    if not versions:
        return
    _INSERT(connection, [_item_row(new, token_key, lane_window) for new in versions])
    superseded: list[dict[str, Any]] = [
        {"item": new.item.item_id, "old": new.supersedes, "new": new.version}
        for new in versions
        if new.supersedes is not None
    ]
    if superseded:
        connection.execute(_SUPERSEDE, superseded)
    identifiers = [
        (new.item.item_id, new.version, field, value)
        for new in versions
        for field, value in new.body.identifiers.items()
    ]
    _INSERT_IDENTIFIERS(connection, identifiers)
    items, amended = [new.item for new in versions], [row["item"] for row in superseded]
    if keyed is None:
        keyed = key_items(items, [new.as_of for new in versions])
    log_items(connection, keyed.keys, tokens, recent, amended)
    log_late_names(connection, amended)
    declare_values(connection, items, amended, tokens)


_SUPERSEDE = (
    update(ITEMS)
    .where(ITEMS.c.item_id == bindparam("item"), ITEMS.c.version == bindparam("old"))
    .values(superseded_by=bindparam("new"))
)


def versions_of(connection: Connection, item_id: str) -> Sequence[Row[Any]]:
    """List every version of an item, latest first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.

    Returns
    -------
    sequence of sqlalchemy.Row
        Rows of `items`; empty if it is not stored.
    """
    return connection.execute(
        select(ITEMS).where(ITEMS.c.item_id == item_id).order_by(ITEMS.c.version.desc())
    ).all()


def identifiers_of(
    connection: Connection, versions: Sequence[tuple[str, int]]
) -> Mapping[tuple[str, int], dict[str, str]]:
    """Read the identifiers in clear of versions of items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    versions : sequence of tuple of str and int
        Item and version.

    Returns
    -------
    mapping of tuple to dict of str to str
        Field to identifier; an entry per version asked for, empty where they were purged.
    """
    found: dict[tuple[str, int], dict[str, str]] = {key: {} for key in versions}
    key = tuple_(IDENTIFIERS.c.item_id, IDENTIFIERS.c.version)
    for row in connection.execute(select(IDENTIFIERS).where(key.in_(versions))):
        found[row.item_id, row.version][row.field] = row.value
    return found
