"""Opening a shift: hours in the time of the port, minutes by exam, and what chance gets."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import NamedTuple
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from features.errors import InvalidRecord
from features.reference.tables import exam_methods, ports
from service.api.acts import act
from service.api.problems import status_of
from service.api.runtime import Parts
from service.auth import PortForbidden
from service.sessions import Session
from service.shifts.opening import open_shift
from service.shifts.record import NEW_SHIFT, LaneTaken, NewShift, ShiftTaken
from service.web.access import Visitor
from service.web.checking import Faults, Unacceptable, check, number
from service.web.forms import Fields, Form
from service.web.queries import Port
from service.web.rendering import render
from service.web.routing import PageRoute
from service.web.times import in_utc
from service.web.words import MODES

USUAL_HOURS = 8
USUAL_PERCENT: Mapping[str, str] = {"exploration_share": "10", "uniform_share": "50"}
"""Shares that are typed in percent, and what they are unless something else is typed."""

MINUTES = "minutes."
"""What names of fields with the minutes of an exam method begin with."""

MODE = "mode-"
"""What names of fields with the choice of a mode begin with."""

_PLAIN = ("shift_id", "port", "way", "tilt")
_NUMBERS = ("floor", "exponent", "plan_every_minutes", "expected_items")
_TIMES = ("starts_at", "ends_at")
_EMPTY: Mapping[str, str] = {
    "port": "",
    "way": "queue",
    "starts_at": "",
    "ends_at": "",
    **USUAL_PERCENT,
    "floor": "1",
    "tilt": "risk",
    "exponent": "0.5",
    "plan_every_minutes": "60",
    "expected_items": "",
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class _Refused(NamedTuple):
    """Why a form was not taken."""

    faults: Faults
    status: int


_FINE = _Refused({}, HTTPStatus.OK)


def _show(session: Session, fields: Fields, refused: _Refused = _FINE) -> Response:
    return render(
        "open_shift.html",
        session,
        refused.status,
        values={**_EMPTY, **fields},
        faults=refused.faults,
        methods=exam_methods().values(),
    )


@router.get("/open-shift")
def read_shift_form(session: Visitor, parts: Parts, port: Port = None) -> Response:
    """Show the form; where there is one port to think of, for the next eight hours there."""
    principal = session.principal
    if port is not None:
        principal.require_port(port, "port")
    elif principal.ports is not None and len(principal.ports) == 1:
        (port,) = principal.ports
    values = {"shift_id": f"shift-{secrets.token_hex(6)}"}
    return _show(session, values if port is None else values | _next_hours(port, parts.clock()))


def _next_hours(port: str, now: datetime) -> dict[str, str]:
    begins = now.astimezone(ZoneInfo(ports()[port].time_zone)).replace(minute=0, tzinfo=None)
    ends = begins + timedelta(hours=USUAL_HOURS)
    return {"port": port} | {
        name: at.isoformat(timespec="minutes")
        for name, at in zip(_TIMES, (begins, ends), strict=True)
    }


@router.post("/open-shift")
async def open_one(session: Visitor, parts: Parts, form: Form) -> Response:
    """Open a shift, once however often it is sent; or show again what was typed."""
    if "look_over" in form:
        return _show(session, form)
    try:
        new = read_shift(form)
        session.principal.require_port(new.port, "port")
        await act(parts.acting, open_shift(session.principal, new))
    except Unacceptable as unusable:
        return _show(session, form, _Refused(unusable.faults, HTTPStatus.UNPROCESSABLE_ENTITY))
    except (InvalidRecord, ShiftTaken, LaneTaken, PortForbidden) as failed:
        faults = placed({failed.field or "": failed.detail})
        status = status_of(failed) or HTTPStatus.UNPROCESSABLE_ENTITY
        return _show(session, form, _Refused(faults, status))
    return RedirectResponse(f"/shifts/{new.shift_id}?done=open", HTTPStatus.SEE_OTHER)


def read_shift(form: Fields) -> NewShift:
    """Make a shift of the form.

    Parameters
    ----------
    form : mapping of str to str
        What was typed. Times are those of the port; shares are in percent. What is left empty
        of how chance draws is as usual.

    Returns
    -------
    NewShift
        The shift.

    Raises
    ------
    Unacceptable
        If a field is missing or cannot be used; a fault of one mode is told of all.
    """
    written: dict[str, object] = {name: form.get(name, "") for name in _PLAIN}
    port = ports().get(form.get("port", "").strip())
    # of an unknown port nothing but the port is at fault
    zone = ZoneInfo(port.time_zone) if port else UTC
    written |= {name: in_utc(form.get(name, ""), zone) for name in _TIMES}
    written |= {
        "modes": [mode for mode in MODES if MODE + mode in form],
        "minutes": {
            method: number(form[MINUTES + method])
            for method in exam_methods()
            if form.get(MINUTES + method, "").strip()
        },
    }
    written |= {name: _share(form.get(name, "")) for name in USUAL_PERCENT}
    written |= {name: number(form.get(name, "")) for name in _NUMBERS}
    try:
        return check(NEW_SHIFT, written)
    except Unacceptable as unusable:
        raise Unacceptable(placed(unusable.faults)) from None


def placed(faults: Faults) -> Faults:
    """Name the field of the form that a fault of a shift belongs to.

    Parameters
    ----------
    faults : mapping of str to str
        Field of the record to what is wrong with it.

    Returns
    -------
    mapping of str to str
        Field of the form to the same.

    Examples
    --------
    >>> placed({"modes[1]": "no method"})
    {'modes': 'no method'}
    """
    return {field.partition("[")[0]: fault for field, fault in faults.items()}


def _share(text: str) -> object:
    percent = number(text.replace("%", ""))
    return percent / 100 if isinstance(percent, int | float) else percent
