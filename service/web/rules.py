"""Rules: what each says, how often it hit, and putting it in force or out of it."""

from http import HTTPStatus
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from features.fields import RecordId
from service.acting import Deed, Reply
from service.api.acts import act
from service.api.runtime import Parts, Runtime
from service.previewing import PreviewAsked, performance
from service.rulemaking import VERSION_NAMED, UnknownRule, list_rules, release, retire, show_rule
from service.sessions import Session
from service.web.access import Visitor
from service.web.checking import Unacceptable, check, number
from service.web.drafting import look_back
from service.web.forms import Fields, Form
from service.web.queries import Cursor
from service.web.rendering import may, render
from service.web.routing import PageRoute

Done = Annotated[Literal["draft"] | None, Query()]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class _Tried(NamedTuple):
    """What a version would have hit, and what it would have done."""

    preview: Reply | None
    action: str | None


_NONE = _Tried(None, None)


@router.get("/rules")
def read_rules(session: Visitor, parts: Parts, cursor: Cursor = None) -> Response:
    """List the latest version of each rule within reach."""
    with parts.store.read() as connection:
        listed = list_rules(connection, session.principal, cursor or "")
    return render("rules.html", session, **listed)


@router.get("/rules/{rule_id}")
def read_rule(session: Visitor, parts: Parts, rule_id: RecordId, done: Done = None) -> Response:
    """Show every version of a rule, with what became of its hits where that may be seen."""
    return _show(session, parts, rule_id, done=done)


def _show(
    session: Session, parts: Runtime, rule_id: str, tried: _Tried = _NONE, done: Done = None
) -> Response:
    principal = session.principal
    with parts.store.read() as connection:
        shown = show_rule(connection, principal, rule_id)
        figures = (
            performance(connection, principal, rule_id, None)["versions"]
            if may(principal, "GET", "/v1/rules/{rule_id}/performance")
            else []
        )
    counts = {each["version"]: each for each in figures}
    return render("rule.html", session, **shown, counts=counts, **tried._asdict(), done=done)


@router.post("/rules/{rule_id}/preview")
async def preview_rule(session: Visitor, parts: Parts, rule_id: RecordId, form: Form) -> Response:
    """Tell what a version would have hit at its ports in the last four weeks."""
    version, principal = _version(form), session.principal
    with parts.store.read() as connection:
        shown = show_rule(connection, principal, rule_id)["versions"]
    named = next((each for each in shown if each["version"] == version), None)
    if named is None:
        raise UnknownRule(f"rule {rule_id!r} has no version {version}", field="version")
    reach = [port for port in named["ports"] or () if principal.reaches(port)] or None
    asked = PreviewAsked(predicate=named["predicate"], ports=reach)
    found = await look_back(principal, parts, asked)
    return _show(session, parts, rule_id, _Tried(found, named["action"]))


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
