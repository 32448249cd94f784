"""Shifts: what a port can do in a window, what was chosen, and planning it again."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from features.fields import RecordId
from service.api.acts import act
from service.api.runtime import Parts
from service.shifts.planning import plan_again
from service.shifts.showing import Wanted, list_shifts, shift_in_reach, show
from service.web.access import Visitor
from service.web.queries import LocalDay, Port
from service.web.rendering import render
from service.web.routing import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Done = Annotated[Literal["open", "plan"] | None, Query()]


@router.get("/shifts")
def read_shifts(
    session: Visitor, parts: Parts, port: Port = None, day: LocalDay = None
) -> Response:
    """List shifts, the latest first."""
    if port is not None:
        session.principal.require_port(port, "port")
    wanted = Wanted(port, day)
    with parts.store.read() as connection:
        listed = list_shifts(connection, session.principal, wanted)
    return render("shifts.html", session, **listed, asked=wanted, now=parts.clock())


@router.get("/shifts/{shift_id}")
def read_shift(session: Visitor, parts: Parts, shift_id: RecordId, done: Done = None) -> Response:
    """Show a shift, its budget and what it chose; what chance chose looks like all else."""
    with parts.store.read() as connection:
        shift = show(connection, shift_in_reach(connection, session.principal, shift_id))
    return render("shift.html", session, shift=shift, now=parts.clock(), done=done)


@router.post("/shifts/{shift_id}/plan")
async def plan_shift(session: Visitor, parts: Parts, shift_id: RecordId) -> Response:
    """Choose again, with what is due by the clock; what was chosen stays chosen."""
    await act(parts.acting, plan_again(session.principal, shift_id, parts.desk.tokens))
    return RedirectResponse(f"/shifts/{shift_id}?done=plan", HTTPStatus.SEE_OTHER)
