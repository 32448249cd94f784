"""Rules: what each says, how often it hit, and putting it in force or out of it."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator

from features.fields import RecordId
from service.acting import Deed
from service.api.acts import act
from service.api.runtime import Parts, Runtime
from service.previewing import performance
from service.rulemaking import VERSION_NAMED, list_rules, release, retire, show_rule
from service.web.access import Visitor
from service.web.checking import Unacceptable, check, number
from service.web.forms import Fields, Form
from service.web.rendering import may, render
from service.web.routing import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_EMPTY = BeforeValidator(lambda value: value or None)
Cursor = Annotated[RecordId | None, _EMPTY, Query()]


@router.get("/rules")
def read_rules(session: Visitor, parts: Parts, cursor: Cursor = None) -> Response:
    """List the latest version of each rule within reach."""
    with parts.store.read() as connection:
        listed = list_rules(connection, session.principal, cursor or "")
    return render("rules.html", session, **listed)


@router.get("/rules/{rule_id}")
def read_rule(session: Visitor, parts: Parts, rule_id: RecordId) -> Response:
    """Show every version of a rule, with what became of its hits where that may be seen."""
    principal = session.principal
    with parts.store.read() as connection:
        shown = show_rule(connection, principal, rule_id)
        figures = (
            performance(connection, principal, rule_id, None)["versions"]
            if may(principal, "GET", "/v1/rules/{rule_id}/performance")
            else []
        )
    counts = {each["version"]: each for each in figures}
    return render("rule.html", session, **shown, counts=counts)


@router.post("/rules/{rule_id}/release")
async def release_rule(session: Visitor, parts: Parts, rule_id: RecordId, form: Form) -> Response:
    """Put a version in force; not one's own."""
    return await _move(parts, rule_id, release(session.principal, rule_id, _version(form)))


@router.post("/rules/{rule_id}/retire")
async def retire_rule(session: Visitor, parts: Parts, rule_id: RecordId, form: Form) -> Response:
    """Take a version out of force, or drop a draft."""
    return await _move(parts, rule_id, retire(session.principal, rule_id, _version(form)))


async def _move(parts: Runtime, rule_id: str, deed: Deed) -> Response:
    await act(parts.acting, deed)
    return RedirectResponse(f"/rules/{rule_id}", HTTPStatus.SEE_OTHER)


def _version(form: Fields) -> int:
    try:
        return check(VERSION_NAMED, {"version": number(form.get("version", ""))}).version
    except Unacceptable as refused:
        raise refused.as_request() from None
