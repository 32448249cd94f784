"""Shifts in the store: opening them, finding them, and what their plans spent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from models.policy.shift import Spent
from service.store.shift_tables import PLANS, SHIFTS

NO_SHIFT = "none"
"""Not a shift: what officers chose without one is written under this name."""


class Shift(NamedTuple):
    """What a port can do in a window.

    Parameters
    ----------
    shift_id, port : str
        Its name, and the Schedule D code.
    way : str
        `queue`: planned from what has not left; `lane`: decided item by item.
    modes : list of str
        Modes that it inspects.
    starts_at, ends_at : datetime.datetime
        The window.
    minutes : dict of str to float
        Minutes of inspection in it, by exam method.
    exploration_share, floor, uniform_share, exponent : float
        As in `models.policy.plan.Settings`; the floor is for the whole shift.
    tilt : str
        What the tilted part of the draw leans to.
    plan_every_minutes : float
        How far ahead a plan spends.
    expected_items : float or None
        Items expected in the lane.
    opened_at : datetime.datetime
        When it was opened.
    agency, key_id : str
        By whom.
    """

    shift_id: str
    port: str
    way: str
    modes: list[str]
    starts_at: datetime
    ends_at: datetime
    minutes: dict[str, float]
    exploration_share: float
    floor: float
    uniform_share: float
    tilt: str
    exponent: float
    plan_every_minutes: float
    expected_items: float | None
    opened_at: datetime
    agency: str
    key_id: str


class PlanMade(NamedTuple):
    """One plan of a shift.

    Parameters
    ----------
    shift_id : str
        The shift.
    number : int
        From 1.
    planned_at : datetime.datetime
        When.
    n_candidates : int
        Items that it chose from.
    spent : dict of str to list of float
        By exam method the fields of `models.policy.shift.Spent`.
    key_id : str
        By whom.
    """

    shift_id: str
    number: int
    planned_at: datetime
    n_candidates: int
    spent: dict[str, list[float]]
    key_id: str


def add_shift(connection: Connection, shift: Shift) -> None:
    """Store a shift.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    shift : Shift
        A new one.
    """
    connection.execute(insert(SHIFTS).values(shift._asdict()))


def find_shift(connection: Connection, shift_id: str, *, lock: bool = False) -> Shift | None:
    """Read a shift.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    shift_id : str
        Its name.
    lock : bool
        Whether others that lock it wait until the transaction ends.

    Returns
    -------
    Shift or None
        None if there is none.
    """
    query = select(SHIFTS).where(SHIFTS.c.shift_id == shift_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return Shift(*row) if row else None


def shifts_between(
    connection: Connection,
    ports: Sequence[str] | None,
    window: tuple[datetime, datetime] | None = None,
    *,
    most: int = 500,
) -> list[Shift]:
    """List shifts, the latest first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    ports : sequence of str or None
        None lists those of every port.
    window : tuple of datetime.datetime, optional
        Only shifts that have a moment in it, its end not counted.
    most : int
        Most shifts to list.

    Returns
    -------
    list of Shift
        By beginning, latest first.
    """
    query = select(SHIFTS)
    if ports is not None:
        query = query.where(SHIFTS.c.port.in_(ports))
    if window is not None:
        query = query.where(SHIFTS.c.starts_at < window[1], SHIFTS.c.ends_at > window[0])
    ordered = query.order_by(SHIFTS.c.starts_at.desc(), SHIFTS.c.shift_id).limit(most)
    return [Shift(*row) for row in connection.execute(ordered)]


def add_plan(connection: Connection, made: PlanMade) -> None:
    """Store that a shift was planned.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write and that holds the shift.
    made : PlanMade
        The plan.
    """
    connection.execute(insert(PLANS).values(made._asdict()))


def plans_of(connection: Connection, shift_id: str) -> list[PlanMade]:
    """List the plans of a shift.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    shift_id : str
        The shift.

    Returns
    -------
    list of PlanMade
        In order.
    """
    query = select(PLANS).where(PLANS.c.shift_id == shift_id).order_by(PLANS.c.number)
    return [PlanMade(*row) for row in connection.execute(query)]


def spent_by(plans: Sequence[PlanMade]) -> Mapping[str, Spent]:
    """Add up what plans spent.

    Parameters
    ----------
    plans : sequence of PlanMade
        Plans of one shift.

    Returns
    -------
    mapping of str to Spent
        By exam method.
    """
    spent: dict[str, Spent] = {}
    for made in plans:
        for method, fields in made.spent.items():
            spent[method] = spent.get(method, Spent()).plus(Spent(*fields))
    return spent


def plain(shift: Shift) -> dict[str, Any]:
    """Give what a shift is as JSON values, without who opened it and when.

    Parameters
    ----------
    shift : Shift
        The shift.

    Returns
    -------
    dict
        Field to value.
    """
    told = shift._asdict()
    for name in ("opened_at", "key_id"):
        del told[name]
    return told
