"""What surrounds an item in the store: its entities, and the others of its cluster."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from features.history import ENTITIES
from features.records import EntityKind
from service.store.tables import ENTITY_ITEMS, ITEMS, SCORES


class Named(NamedTuple):
    """An entity that an item names."""

    kind: EntityKind
    token: str


def entities_of(connection: Connection, item_id: str) -> list[Named]:
    """List the entities that any version of an item names.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.

    Returns
    -------
    list of Named
        In the order of `features.history.ENTITIES`.
    """
    rows = connection.execute(
        select(ENTITY_ITEMS.c.kind, ENTITY_ITEMS.c.token).where(
            ENTITY_ITEMS.c.item_id == item_id, ENTITY_ITEMS.c.kind.in_(ENTITIES)
        )
    )
    return sorted((Named(*row) for row in rows), key=lambda each: ENTITIES.index(each.kind))


def cluster_of(
    connection: Connection,
    item_id: str,
    *,
    ports: Sequence[str] | None,
    now: datetime,
    limit: int,
) -> Sequence[Row[Any]]:
    """List the other items of an item's cluster that have not left yet.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.
    ports : sequence of str or None
        Ports in reach; None reaches every port.
    now : datetime.datetime
        The present moment.
    limit : int
        Most items.

    Returns
    -------
    sequence of sqlalchemy.Row
        `item_id`, `mode`, `port`, `leaves_at`, `band` and `body`, what leaves first first; empty
        for an item of no cluster.
    """
    version = and_(ITEMS.c.item_id == SCORES.c.item_id, ITEMS.c.version == SCORES.c.version)
    latest = ITEMS.c.superseded_by.is_(None)
    joined = SCORES.join(ITEMS, version)
    mine = (
        select(SCORES.c.cluster)
        .select_from(joined)
        .where(SCORES.c.item_id == item_id, latest)
        .scalar_subquery()
    )
    shown: list[ColumnElement[Any]] = [SCORES.c.band]
    shown += [ITEMS.c[name] for name in ("item_id", "mode", "port", "leaves_at", "body")]
    query = (
        select(*shown)
        .select_from(joined)
        .where(
            latest, ITEMS.c.leaves_at > now, ITEMS.c.item_id != item_id, SCORES.c.cluster == mine
        )
    )
    if ports is not None:
        query = query.where(ITEMS.c.port.in_(ports))
    return connection.execute(query.order_by(ITEMS.c.leaves_at, ITEMS.c.item_id).limit(limit)).all()
