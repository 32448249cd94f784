"""Scores in the store: what was answered for each version, and the queue that they make."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, case, func, insert, select, tuple_

from service.store.tables import ITEMS, SCORES

_MUST_INSPECT = 2
"""The highest tier."""


class QueueFilter(NamedTuple):
    """What a queue shows."""

    ports: Sequence[str] | None
    """None shows every port."""
    mode: str | None
    limit: int


def add_scores(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store the answers for new versions.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    rows : sequence of dict
        Columns of `scores`.
    """
    if rows:
        connection.execute(insert(SCORES), list(rows))


def scores_of(
    connection: Connection, versions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Row[Any]]:
    """Read the answers that were given for versions of items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    versions : sequence of tuple of str and int
        Item and version.

    Returns
    -------
    dict of tuple to sqlalchemy.Row
        Rows of `scores`; a version that was imported has none.
    """
    if not versions:
        return {}
    key = tuple_(SCORES.c.item_id, SCORES.c.version)
    rows = connection.execute(select(SCORES).where(key.in_(versions)))
    return {(row.item_id, row.version): row for row in rows}


def queue(connection: Connection, now: datetime, wanted: QueueFilter) -> Sequence[Row[Any]]:
    """Rank what has not left yet.

    Must-inspect items come first, then by priority; items that a rule raises go before equals,
    what leaves sooner before what leaves later. Only the latest version of an item ranks. The
    items of one cluster have one place, that of the first of them, must-inspect items apart.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    now : datetime.datetime
        The present moment; what leaves at it or before is gone.
    wanted : QueueFilter
        Ports, mode, and the most items to give.

    Returns
    -------
    sequence of sqlalchemy.Row
        Columns of `scores`, then of `items`, then `cluster_size`: items in that place.
    """
    conditions = [ITEMS.c.superseded_by.is_(None), ITEMS.c.leaves_at > now]
    if wanted.ports is not None:
        conditions.append(ITEMS.c.port.in_(wanted.ports))
    if wanted.mode is not None:
        conditions.append(ITEMS.c.mode == wanted.mode)
    joined = SCORES.join(
        ITEMS, and_(ITEMS.c.item_id == SCORES.c.item_id, ITEMS.c.version == SCORES.c.version)
    )
    # must-inspect items keep a place of their own, for each of them has to be opened
    alone = case((SCORES.c.tier == _MUST_INSPECT, SCORES.c.item_id), else_=SCORES.c.cluster)
    place = func.coalesce(alone, SCORES.c.item_id)
    order = (
        SCORES.c.tier.desc(),
        SCORES.c.priority.desc(),
        SCORES.c.raised.desc(),
        ITEMS.c.leaves_at,
        ITEMS.c.item_id,
    )
    ranked = (
        select(
            SCORES,
            *(ITEMS.c[name] for name in _SHOWN),
            func.count().over(partition_by=place).label("cluster_size"),
            func.row_number().over(partition_by=place, order_by=order).label("within"),
        )
        .select_from(joined)
        .where(*conditions)
        .subquery()
    )
    return connection.execute(
        select(ranked)
        .where(ranked.c.within == 1)
        .order_by(
            ranked.c.tier.desc(),
            ranked.c.priority.desc(),
            ranked.c.raised.desc(),
            ranked.c.leaves_at,
            ranked.c.item_id,
        )
        .limit(wanted.limit)
    ).all()


_SHOWN = ("kind", "mode", "port", "presented_at", "departs_at", "leaves_at", "destination")
