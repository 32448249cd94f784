"""Letting an item leave without an inspection, with the reason."""

from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from features.errors import InvalidRecord
from features.fields import RecordId
from service.api.acts import act
from service.api.runtime import Parts, Runtime
from service.findings import LETTING, skip
from service.sessions import Session
from service.showing import look_at
from service.web.access import Visitor
from service.web.checking import Faults, Unacceptable, check, fault_of, one_line
from service.web.forms import Fields, Form
from service.web.rendering import render
from service.web.routing import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)


async def _show(
    session: Session, parts: Runtime, item_id: str, fields: Fields, faults: Faults
) -> Response:
    shown = await act(parts.acting, look_at(session.principal, item_id))
    values = {"reason": "", "detail": "", **fields}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render("skip.html", session, status, item=shown["item"], values=values, faults=faults)


@router.get("/items/{item_id}/skip")
async def read_skip_form(session: Visitor, parts: Parts, item_id: RecordId) -> Response:
    """Show the form."""
    return await _show(session, parts, item_id, {}, {})


@router.post("/items/{item_id}/skip")
async def skip_item(session: Visitor, parts: Parts, item_id: RecordId, form: Form) -> Response:
    """Let an item go, or show again what was typed."""
    if "look_over" in form:
        return await _show(session, parts, item_id, form, {})
    detail = one_line(form.get("detail", ""))
    try:
        letting = check(LETTING, {"reason": form.get("reason", ""), "detail": detail})
        await act(parts.recording, skip(session.principal, item_id, letting, parts.desk.tokens))
    except Unacceptable as refused:
        return await _show(session, parts, item_id, form, refused.faults)
    except InvalidRecord as refused:
        return await _show(session, parts, item_id, form, fault_of(refused, form))
    return RedirectResponse(f"/items/{item_id}?done=skip", HTTPStatus.SEE_OTHER)
