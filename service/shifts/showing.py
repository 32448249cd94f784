"""Use cases: listing shifts, and showing one without betraying what chance chose."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from features.days import local_midnight
from features.errors import InvalidRecord
from features.reference.tables import ports
from service.acting import Deed, Done
from service.auth import Principal
from service.reach import item_in_reach
from service.shifts.record import UnknownShift
from service.store.planned import chosen_in, exams_chosen
from service.store.shifts import Shift, find_shift, plain, plans_of, shifts_between

MOST_SHIFTS = 500


class Wanted(NamedTuple):
    """Which shifts are listed.

    Parameters
    ----------
    port : str or None
        None lists those of every port in reach.
    day : datetime.date or None
        Local day of each port that a shift must have a moment in; needs a port.
    """

    port: str | None = None
    day: date | None = None


def shift_in_reach(
    connection: Connection, principal: Principal, shift_id: str, *, lock: bool = False
) -> Shift:
    """Find a shift.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller.
    shift_id : str
        The shift.
    lock : bool
        Whether others that lock it wait until the transaction ends.

    Returns
    -------
    Shift
        As stored.

    Raises
    ------
    UnknownShift
        If there is no such shift, or its port is out of reach; does not tell which.
    """
    found = find_shift(connection, shift_id, lock=lock)
    if found is None or not principal.reaches(found.port):
        raise UnknownShift(f"no shift {shift_id!r}", field="shift_id")
    return found


def list_shifts(connection: Connection, principal: Principal, wanted: Wanted) -> dict[str, Any]:
    """List shifts within the caller's reach, the latest first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller; a port out of reach was refused before.
    wanted : Wanted
        Which shifts.

    Returns
    -------
    dict
        `shifts`, at most 500.

    Raises
    ------
    InvalidRecord
        If a day is asked for without a port, whose day it would be.
    """
    reach = None if principal.ports is None else sorted(principal.ports)
    window = None
    if wanted.day is not None:
        if wanted.port is None:
            raise InvalidRecord("name the port whose local day it is", field="port")
        window = local_day(wanted.port, wanted.day)
    of = reach if wanted.port is None else [wanted.port]
    found = shifts_between(connection, of, window, most=MOST_SHIFTS)
    return {"shifts": [_head(shift) for shift in found]}


def local_day(port: str, day: date) -> tuple[datetime, datetime]:
    """Give the ends of a local day of a port.

    Parameters
    ----------
    port : str
        Schedule D code.
    day : datetime.date
        The day there.

    Returns
    -------
    tuple of datetime.datetime
        Its midnight and the next one, 23 to 25 hours apart.
    """
    zone = ports()[port].time_zone
    return local_midnight(zone, day), local_midnight(zone, day + timedelta(days=1))


def show(connection: Connection, shift: Shift) -> dict[str, Any]:
    """Show a shift, its budget and what it chose.

    What chance chose looks like all else until its finding is in: only then an `arm` is told.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    shift : Shift
        The shift.

    Returns
    -------
    dict
        The shift, `n_plans`, `planned_at`, `budget` by exam method, and `chosen`, in order of
        departure.
    """
    plans, chosen = plans_of(connection, shift.shift_id), chosen_in(connection, shift.shift_id)
    return _head(shift) | {
        "n_plans": len(plans),
        "planned_at": plans[-1].planned_at if plans else None,
        "budget": _budget(shift, chosen),
        "chosen": [
            {
                name: getattr(row, name)
                for name in ("item_id", "kind", "mode", "leaves_at", "destination", "method")
            }
            | {"minutes": row.minutes, "done": row.examined}
            | {"arm": row.arm if row.examined else None}
            for row in chosen
        ],
    }


def look_what_was_chosen(principal: Principal, item_id: str) -> Deed:
    """Make the look at which exam a shift chose for an item.

    Parameters
    ----------
    principal : Principal
        Who looks.
    item_id : str
        The item.

    Returns
    -------
    callable
        The look, which is no act for the audit. It replies with `chosen`, None where no shift
        chose the item, and raises `UnknownItem` out of reach.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        del now
        item_in_reach(connection, principal, item_id)
        return Done({"chosen": exams_chosen(connection, [item_id]).get(item_id)})

    return deed


def _budget(shift: Shift, chosen: Sequence[Any]) -> list[dict[str, Any]]:
    used = dict.fromkeys(shift.minutes, 0.0)
    for row in chosen:
        used[row.method] = used.get(row.method, 0.0) + row.minutes
    return [
        {
            "method": method,
            "minutes": total,
            "used_minutes": used[method],
            "left_minutes": max(0.0, total - used[method]),
        }
        for method, total in sorted(shift.minutes.items())
    ]


def _head(shift: Shift) -> dict[str, Any]:
    zone = ports()[shift.port].time_zone
    local = ZoneInfo(zone)
    return plain(shift) | {
        "time_zone": zone,
        "local_day": shift.starts_at.astimezone(local).date(),
        "starts_local": shift.starts_at.astimezone(local).isoformat(),
        "ends_local": shift.ends_at.astimezone(local).isoformat(),
    }
