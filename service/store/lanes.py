"""Lanes in the store: which shift decides there now, and where it stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from models.policy.lane import LaneState
from service.store.shift_tables import LANES, SHIFTS
from service.store.shifts import Shift
from service.store.types import Json, Moment

Standings = Mapping[tuple[str, str], LaneState]
"""Shift and exam method to where it stands."""

# built once: what they are built of costs more than the rows that they find
_LIVE = (
    select(SHIFTS)
    .where(
        SHIFTS.c.way == "lane",
        SHIFTS.c.port.in_(bindparam("ports", expanding=True)),
        SHIFTS.c.starts_at <= bindparam("at", type_=Moment),
        SHIFTS.c.ends_at > bindparam("at", type_=Moment),
    )
    .order_by(SHIFTS.c.shift_id)
    .with_for_update()
)
_STANDINGS = select(LANES).where(LANES.c.shift_id.in_(bindparam("shift_ids", expanding=True)))
_MOVE = (
    update(LANES)
    .where(
        LANES.c.shift_id == bindparam("of_shift"),
        LANES.c.method == bindparam("of_method"),
    )
    .values(state=bindparam("now", type_=Json))
)


def live_lanes(connection: Connection, ports: Sequence[str], now: datetime) -> list[Shift]:
    """Read the shifts that decide in the lanes of ports now, and hold them.

    Other workers that decide there wait until the transaction ends, so that no two items are
    decided from the same state.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    ports : sequence of str
        Schedule D codes.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    list of Shift
        By name.
    """
    rows = connection.execute(_LIVE, {"ports": ports, "at": now})
    return [Shift(*row) for row in rows]


def standings_of(
    connection: Connection, shift_ids: Sequence[str]
) -> dict[tuple[str, str], LaneState]:
    """Read where shifts in the lane stand.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that holds the shifts.
    shift_ids : sequence of str
        The shifts.

    Returns
    -------
    dict of tuple to LaneState
        By shift and exam method; what has not begun is not in it.
    """
    rows = connection.execute(_STANDINGS, {"shift_ids": shift_ids})
    return {(row.shift_id, row.method): LaneState(*row.state) for row in rows}


def put_standings(connection: Connection, standings: Standings, known: Standings) -> None:
    """Store where shifts in the lane stand now, in place of what was there.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that holds the shifts.
    standings : mapping of tuple to LaneState
        By shift and exam method.
    known : mapping of tuple to LaneState
        What is stored, from `standings_of`.
    """
    moved = [place for place in standings if place in known]
    begun = [place for place in standings if place not in known]
    if moved:
        rows = [
            {"of_shift": place[0], "of_method": place[1], "now": list(standings[place])}
            for place in moved
        ]
        connection.execute(_MOVE, rows)
    if begun:
        connection.execute(
            insert(LANES),
            [
                {"shift_id": place[0], "method": place[1], "state": list(standings[place])}
                for place in begun
            ],
        )
