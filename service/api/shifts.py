"""Shifts: opening, listing, showing and planning them."""

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from features.days import Day
from features.fields import PortCode, RecordId
from service.api.access import Caller
from service.api.acts import act_reply
from service.api.body import JsonBody, parse, takes
from service.api.examples import SHIFT
from service.api.runtime import Parts
from service.api.shift_schemas import ShiftReply, ShiftsReply
from service.shifts.opening import open_shift
from service.shifts.planning import plan_again
from service.shifts.record import NEW_SHIFT
from service.shifts.showing import Wanted, list_shifts, shift_in_reach, show

router = APIRouter(prefix="/v1", tags=["shifts"])

Port = Annotated[PortCode | None, Query(description="By default every port of the key.")]
LocalDay = Annotated[Day | None, Query(description="A local day of the port, such as 2026-11-24.")]


@router.post(
    "/shifts",
    response_model=ShiftReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(NEW_SHIFT, {"ocean": SHIFT}),
)
async def post_shift(principal: Caller, body: JsonBody, parts: Parts) -> Response:
    """Open a shift: minutes of inspection at a port in a window. The same again changes nothing."""
    new = await parse(NEW_SHIFT, body)
    principal.require_port(new.port, "port")
    return await act_reply(parts.acting, open_shift(principal, new), HTTPStatus.CREATED)


@router.get("/shifts", response_model=ShiftsReply)
def read_shifts(
    principal: Caller, parts: Parts, port: Port = None, day: LocalDay = None
) -> Response:
    """List shifts, the latest first; of a local day, those with a moment in it."""
    if port is not None:
        principal.require_port(port, "port")
    with parts.store.read() as connection:
        content = list_shifts(connection, principal, Wanted(port, day))
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")


@router.get("/shifts/{shift_id}", response_model=ShiftReply)
def read_shift(principal: Caller, parts: Parts, shift_id: RecordId) -> Response:
    """Show a shift, its budget and what it chose. Why is told once the finding is in."""
    with parts.store.read() as connection:
        content = show(connection, shift_in_reach(connection, principal, shift_id))
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")


@router.post("/shifts/{shift_id}/plan", response_model=ShiftReply)
async def plan_shift_again(principal: Caller, parts: Parts, shift_id: RecordId) -> Response:
    """Choose what to inspect of what has not left, with what is due by the clock.

    Plan again as items and findings come in: what was chosen stays chosen, and of every
    candidate, chosen or not, the probability of having been chosen by now is kept.
    """
    return await act_reply(parts.acting, plan_again(principal, shift_id, parts.desk.tokens))
