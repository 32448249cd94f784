"""The queue in the store: what has not left and nobody has dealt with, page by page."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import orjson
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from features.encoding import microseconds
from features.errors import InvalidRecord
from features.fields import RecordId
from service.store.finding_tables import CLAIMS, SKIPS
from service.store.scores import MUST_INSPECT
from service.store.tables import INSPECTIONS, ITEMS, SCORES
from service.store.types import from_microseconds

Order = Literal["priority", "departure"]

_LONGEST_CURSOR = 400

_SHOWN = ("kind", "mode", "port", "presented_at", "departs_at", "leaves_at", "destination")
"""What a place in the queue tells of its item."""

_BY_PRIORITY: tuple[tuple[ColumnElement[Any], bool], ...] = (
    (SCORES.c.tier, True),
    (SCORES.c.priority, True),
    (SCORES.c.raised, True),
    (ITEMS.c.leaves_at, False),
    (ITEMS.c.item_id, False),
)
_BY_DEPARTURE: tuple[tuple[ColumnElement[Any], bool], ...] = (
    (ITEMS.c.leaves_at, False),
    (SCORES.c.tier, True),
    (SCORES.c.priority, True),
    (SCORES.c.raised, True),
    (ITEMS.c.item_id, False),
)
_ORDERS = {"priority": _BY_PRIORITY, "departure": _BY_DEPARTURE}
"""Columns that an order goes by, and whether the largest comes first; an item's id ends each."""


class _Place(BaseModel):
    """What a cursor says, checked: callers may send anything."""

    model_config = ConfigDict(strict=True)

    order: Order
    tier: Annotated[int, Field(ge=0, le=2)]
    priority: Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
    raised: bool
    leaves_at: Annotated[int, Field(ge=0, le=2**53)]
    item_id: RecordId


class QueueFilter(NamedTuple):
    """What a page of the queue shows.

    Parameters
    ----------
    ports : sequence of str or None
        None shows every port.
    mode : str or None
        None shows every mode.
    limit : int
        Most items on the page.
    order : str
        `priority`: must-inspect first, then by priority; `departure`: what leaves first.
    cursor : str or None
        Where the page before ended.
    lane : str or None
        Only vehicles in this lane.
    """

    ports: Sequence[str] | None
    mode: str | None
    limit: int
    order: Order = "priority"
    cursor: str | None = None
    lane: str | None = None


def write_cursor(row: Row[Any], order: Order) -> str:
    """Say where a page ends, so that the next one can begin there.

    Parameters
    ----------
    row : sqlalchemy.Row
        Last row of the page.
    order : str
        Order of the page.

    Returns
    -------
    str
        Opaque text for a URL.
    """
    place = [getattr(row, column.key) for column, _ in _ORDERS[order] if column.key]
    plain = [microseconds(each) if isinstance(each, datetime) else each for each in place]
    return base64.urlsafe_b64encode(orjson.dumps([order, *plain])).decode().rstrip("=")


def read_cursor(cursor: str, order: Order) -> list[Any]:
    """Read where a page ended.

    Parameters
    ----------
    cursor : str
        What `write_cursor` gave.
    order : str
        Order that is asked for now.

    Returns
    -------
    list
        One value for each column of the order.

    Raises
    ------
    InvalidRecord
        If it is no cursor of this order.
    """
    names = [column.key for column, _ in _ORDERS[order]]
    try:
        padded = cursor[:_LONGEST_CURSOR] + "=" * (-len(cursor) % 4)
        told, *values = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
        place = _Place.model_validate(dict(zip(names, values, strict=True)) | {"order": told})
    except (ValueError, TypeError, binascii.Error):
        place = None
    if place is None or place.order != order:
        raise InvalidRecord(
            "this is no place in the queue in this order; begin without a cursor", field="cursor"
        )
    moment = from_microseconds(place.leaves_at)
    return [moment if name == "leaves_at" else getattr(place, name or "") for name in names]


def _columns_of(ranked: FromClause, order: Order) -> list[tuple[ColumnElement[Any], bool]]:
    return [(ranked.c[column.key or ""], first) for column, first in _ORDERS[order]]


def _sorted(columns: Sequence[tuple[ColumnElement[Any], bool]]) -> list[ColumnElement[Any]]:
    return [column.desc() if largest_first else column for column, largest_first in columns]


def _after(
    place: Sequence[Any], columns: Sequence[tuple[ColumnElement[Any], bool]]
) -> ColumnElement[bool]:
    """Compare column by column: SQL compares rows only where all go the same way."""
    later: ColumnElement[bool] = false()
    for (column, largest_first), value in reversed(list(zip(columns, place, strict=True))):
        bound = literal(value, column.type)
        beyond = column < bound if largest_first else column > bound
        later = or_(beyond, and_(column == bound, later))
    return later


def _undecided() -> list[ColumnElement[bool]]:
    """Leave out what was examined to the end, and what was let go as it is now."""
    later = INSPECTIONS.alias("later")
    examined = exists().where(
        INSPECTIONS.c.item_id == ITEMS.c.item_id,
        INSPECTIONS.c.outcome != "not_completed",
        ~exists().where(later.c.supersedes == INSPECTIONS.c.inspection_id),
    )
    skipped = exists().where(SKIPS.c.item_id == ITEMS.c.item_id, SKIPS.c.version == ITEMS.c.version)
    return [~examined, ~skipped]


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
        What the page shows.

    Returns
    -------
    sequence of sqlalchemy.Row
        Columns of `scores`, then of `items` and `body`, then `claimed_by` and `claimed_until`,
        None where nobody has the item in hand, then `cluster_size`, items in that place.

    Raises
    ------
    InvalidRecord
        If the cursor is none.
    """
    conditions = [ITEMS.c.superseded_by.is_(None), ITEMS.c.leaves_at > now, *_undecided()]
    if wanted.ports is not None:
        conditions.append(ITEMS.c.port.in_(wanted.ports))
    if wanted.mode is not None:
        conditions.append(ITEMS.c.mode == wanted.mode)
    if wanted.lane is not None:
        conditions.append(_lane(connection) == wanted.lane)
    ranked = _ranked(conditions, wanted.order)
    columns = _columns_of(ranked, wanted.order)
    places = select(ranked)
    if wanted.cursor is not None:
        places = places.where(_after(read_cursor(wanted.cursor, wanted.order), columns))
    page = places.order_by(*_sorted(columns)).limit(wanted.limit).subquery("page")
    return connection.execute(_shown(page, now, wanted.order)).all()


def _lane(connection: Connection) -> ColumnElement[Any]:
    if connection.dialect.name == "sqlite":
        return func.json_extract(ITEMS.c.body, "$.lane")
    return func.json_extract_path_text(cast(ITEMS.c.body, JSON), "lane")


def _shown(page: FromClause, now: datetime, order: Order) -> Select[Any]:
    """Fetch what is shown only for the places of one page: ranking reads every waiting item."""
    version = and_(ITEMS.c.item_id == page.c.item_id, ITEMS.c.version == page.c.version)
    score = and_(SCORES.c.item_id == page.c.item_id, SCORES.c.version == page.c.version)
    held = and_(CLAIMS.c.item_id == page.c.item_id, CLAIMS.c.expires_at > now)
    return (
        select(
            SCORES,
            *(ITEMS.c[name] for name in (*_SHOWN, "body")),
            CLAIMS.c.key_id.label("claimed_by"),
            CLAIMS.c.expires_at.label("claimed_until"),
            page.c.cluster_size,
        )
        .select_from(page.join(ITEMS, version).join(SCORES, score).outerjoin(CLAIMS, held))
        .order_by(*_sorted(_columns_of(page, order)))
    )


def _ranked(conditions: Sequence[ColumnElement[bool]], order: Order) -> FromClause:
    """Give each place in the queue its item, the items of a cluster sharing one.

    Windows cost several times what all else does, so only the items of clusters go through them.
    """
    joined = SCORES.join(
        ITEMS, and_(ITEMS.c.item_id == SCORES.c.item_id, ITEMS.c.version == SCORES.c.version)
    )
    # must-inspect items keep a place of their own, for each of them has to be opened
    place = case((SCORES.c.tier == MUST_INSPECT, None), else_=SCORES.c.cluster).label("place")
    own = [column for column, _ in _ORDERS[order][:-1]]
    waiting = (
        select(SCORES.c.item_id, SCORES.c.version, *own, place)
        .select_from(joined)
        .where(*conditions)
        .cte("waiting")
    )
    shown = [column for column in waiting.c if column.key != "place"]
    alone = select(*shown, literal(1).label("cluster_size")).where(waiting.c.place.is_(None))
    linked = (
        select(
            *shown,
            func.count().over(partition_by=waiting.c.place).label("cluster_size"),
            func.row_number()
            .over(partition_by=waiting.c.place, order_by=_sorted(_columns_of(waiting, order)))
            .label("within"),
        )
        .where(waiting.c.place.is_not(None))
        .subquery("linked")
    )
    first = select(*(linked.c[column.key] for column in shown), linked.c.cluster_size)
    return union_all(alone, first.where(linked.c.within == 1)).subquery("ranked")
