"""What plans choose from and what they chose, in the store."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    select,
)

from service.store.finding_tables import DECISIONS, SKIPS
from service.store.shift_tables import PLANNED
from service.store.tables import INSPECTIONS, ITEMS, SCORES

PLANNED_COLUMNS = tuple(column.key for column in PLANNED.columns)


class Field(NamedTuple):
    """Which items a plan chooses from.

    Parameters
    ----------
    port : str
        Schedule D code.
    modes : sequence of str
        Modes.
    at, until : datetime.datetime
        Items that have not left at `at` and are presented before `until`.
    """

    port: str
    modes: Sequence[str]
    at: datetime
    until: datetime

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions on `items`."""
        return [
            ITEMS.c.superseded_by.is_(None),
            ITEMS.c.port == self.port,
            ITEMS.c.mode.in_(self.modes),
            ITEMS.c.leaves_at > self.at,
            ITEMS.c.presented_at < self.until,
        ]


_SEEN = (
    ITEMS.c.item_id,
    ITEMS.c.version,
    ITEMS.c.port,
    ITEMS.c.mode,
    ITEMS.c.leaves_at,
    SCORES.c.risk,
    SCORES.c.severity,
    SCORES.c.priority,
    SCORES.c.raised,
    SCORES.c.tier,
    SCORES.c.rule_hits,
    SCORES.c.cluster,
    SCORES.c.bundle,
)
"""What a plan sees of an item; risk and all after it are None where it has no score."""


def _with_scores(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    same = and_(SCORES.c.item_id == ITEMS.c.item_id, SCORES.c.version == ITEMS.c.version)
    let_go = exists().where(SKIPS.c.item_id == ITEMS.c.item_id, SKIPS.c.version == ITEMS.c.version)
    return (
        select(*_SEEN, let_go.label("let_go"))
        .select_from(ITEMS.outerjoin(SCORES, same))
        .where(*conditions)
        .order_by(ITEMS.c.item_id)
    )


def _decisions_where(conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    columns = [DECISIONS.c[name] for name in ("item_id", "propensity", "chosen", "shift_id")]
    return (
        select(*columns, *(PLANNED.c[name] for name in PLANNED_COLUMNS))
        .select_from(
            DECISIONS.join(ITEMS, ITEMS.c.item_id == DECISIONS.c.item_id).outerjoin(
                PLANNED, PLANNED.c.decision_id == DECISIONS.c.decision_id
            )
        )
        .where(*conditions)
        .order_by(DECISIONS.c.decided_at, DECISIONS.c.propensity)
    )


_IN_LANE = [
    ITEMS.c.superseded_by.is_(None),
    ITEMS.c.item_id.in_(bindparam("ids", expanding=True)),
]
# built once: in the lane, building them would cost more than the rows that they find
_LANE_ITEMS = _with_scores(_IN_LANE)
_LANE_DECISIONS = _decisions_where(_IN_LANE)


def items_to_plan(connection: Connection, field: Field) -> Sequence[Row[Any]]:
    """Read what has not left, with its scores.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    field : Field
        Which items.

    Returns
    -------
    sequence of sqlalchemy.Row
        By item id: `item_id, version, port, mode, leaves_at, risk, severity, priority, raised,
        tier, rule_hits, cluster, bundle` and `let_go`, whether an officer let this version go.
    """
    return connection.execute(_with_scores(field.conditions)).all()


def items_in_lane(connection: Connection, item_ids: Sequence[str]) -> Sequence[Row[Any]]:
    """Read the latest versions of items, with their scores.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_ids : sequence of str
        The items.

    Returns
    -------
    sequence of sqlalchemy.Row
        As from `items_to_plan`.
    """
    return connection.execute(_LANE_ITEMS, {"ids": item_ids}).all()


class Before(NamedTuple):
    """What was decided about an item before.

    Parameters
    ----------
    propensity : float
        Probability that the policy has chosen it by now.
    chosen : bool
        Whether it, or an officer, has.
    shift_ids : frozenset of str
        Shifts that decided about it.
    seen : dict or None
        What the last decision of a plan or in the lane rested on: columns of `planned`.
    """

    propensity: float = 0.0
    chosen: bool = False
    shift_ids: frozenset[str] = frozenset()
    seen: Mapping[str, Any] | None = None


def decided_before(
    connection: Connection, conditions: Sequence[ColumnElement[bool]]
) -> dict[str, Before]:
    """Read what was decided about items so far.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    conditions : sequence of sqlalchemy.ColumnElement
        Conditions on `items`.

    Returns
    -------
    dict of str to Before
        Only items with a decision.
    """
    return _gathered(connection.execute(_decisions_where(conditions)))


def _gathered(rows: Iterable[Row[Any]]) -> dict[str, Before]:
    found: dict[str, Before] = {}
    for row in rows:
        before = found.get(row.item_id, Before())
        seen = {name: getattr(row, name) for name in PLANNED_COLUMNS}
        found[row.item_id] = Before(
            row.propensity,
            before.chosen or row.chosen,
            before.shift_ids | {row.shift_id},
            before.seen if row.decision_id is None else seen,
        )
    return found


def decided_in_lane(connection: Connection, item_ids: Sequence[str]) -> dict[str, Before]:
    """Read what was decided about items so far, by their ids.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_ids : sequence of str
        The items.

    Returns
    -------
    dict of str to Before
        Only items with a decision.
    """
    return _gathered(connection.execute(_LANE_DECISIONS, {"ids": item_ids}))


def add_planned(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store what decisions rested on; the decisions are stored already.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    rows : sequence of mapping
        Columns of `planned`.
    """
    if rows:
        connection.execute(insert(PLANNED), list(rows))


def chosen_in(connection: Connection, shift_id: str) -> Sequence[Row[Any]]:
    """List what the plans of a shift chose, earliest departure first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    shift_id : str
        The shift.

    Returns
    -------
    sequence of sqlalchemy.Row
        `item_id, kind, mode, leaves_at, destination, method, minutes, arm` and `examined`,
        whether an examination of it was completed. In no order that betrays what chose it.
    """
    later = INSPECTIONS.alias("later")
    examined = exists().where(
        INSPECTIONS.c.item_id == ITEMS.c.item_id,
        INSPECTIONS.c.outcome != "not_completed",
        ~exists().where(later.c.supersedes == INSPECTIONS.c.inspection_id),
    )
    shown = (ITEMS.c[name] for name in ("kind", "mode", "leaves_at", "destination"))
    told: list[ColumnElement[Any]] = [
        DECISIONS.c.item_id,
        *shown,
        PLANNED.c.method,
        PLANNED.c.minutes,
        DECISIONS.c.arm,
        examined.label("examined"),
    ]
    query = (
        select(*told)
        .select_from(
            DECISIONS.join(PLANNED, PLANNED.c.decision_id == DECISIONS.c.decision_id).join(
                ITEMS,
                and_(ITEMS.c.item_id == DECISIONS.c.item_id, ITEMS.c.superseded_by.is_(None)),
            )
        )
        .where(DECISIONS.c.shift_id == shift_id, DECISIONS.c.chosen, ~PLANNED.c.settled)
        .order_by(ITEMS.c.leaves_at, ITEMS.c.item_id)
    )
    return connection.execute(query).all()


class ChosenExam(NamedTuple):
    """An exam that a plan or a lane chose for an item. Nothing in it betrays what chose.

    Parameters
    ----------
    shift_id : str
        The shift that chose.
    method : str
        The exam.
    minutes : float
        Minutes that it is taken to cost.
    """

    shift_id: str
    method: str
    minutes: float


def exams_chosen(connection: Connection, item_ids: Sequence[str]) -> dict[str, ChosenExam]:
    """Read which exam plans and lanes chose for items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_ids : sequence of str
        The items.

    Returns
    -------
    dict of str to ChosenExam
        The latest choice; only items that were chosen.
    """
    query = (
        select(DECISIONS.c.item_id, DECISIONS.c.shift_id, PLANNED.c.method, PLANNED.c.minutes)
        .select_from(DECISIONS.join(PLANNED, PLANNED.c.decision_id == DECISIONS.c.decision_id))
        .where(DECISIONS.c.item_id.in_(item_ids), DECISIONS.c.chosen, ~PLANNED.c.settled)
        .order_by(DECISIONS.c.decided_at)
    )
    return {item_id: ChosenExam(*exam) for item_id, *exam in connection.execute(query)}


def latest_propensity(connection: Connection, item_id: str) -> float:
    """Tell with what probability the policy has chosen an item by now.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.

    Returns
    -------
    float
        0 where nothing was decided about it.
    """
    query = (
        select(DECISIONS.c.propensity)
        .where(DECISIONS.c.item_id == item_id)
        .order_by(DECISIONS.c.decided_at.desc(), DECISIONS.c.propensity.desc())
        .limit(1)
    )
    return float(connection.execute(query).scalar() or 0.0)
