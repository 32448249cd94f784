"""Writing a rule: its faults at their place, and what it would have hit before it is saved."""

import secrets
from asyncio import to_thread
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from features.catalogue import FEATURES
from features.errors import InvalidRecord, WeirError
from features.fields import RecordId
from models.predicates.columns import FEATURE_COLUMNS, ITEM_COLUMNS, LINE_COLUMNS
from models.predicates.faults import InvalidPredicate
from service.acting import Reply
from service.api.acts import act
from service.api.problems import status_of
from service.api.runtime import Parts, Runtime
from service.auth import PortForbidden, Principal
from service.idempotency import KeyReused, asked_by
from service.previewing import PREVIEW, PreviewAsked, kept
from service.rulemaking import DRAFT, RuleTaken, draft, show_rule
from service.sessions import Session
from service.web.access import Visitor
from service.web.checking import Faults, Unacceptable, check, form_key, number, one_line
from service.web.forms import Fields, Form
from service.web.queries import EMPTY
from service.web.rendering import render
from service.web.routing import PageRoute
from service.web.times import in_utc

USUAL_DAYS = "28"
"""Days of history that a preview looks at unless told otherwise."""


class _Word(NamedTuple):
    """A column that a condition may name."""

    name: str
    kind: str
    meaning: str


_GLOSSARY: Mapping[str, Sequence[_Word]] = {
    "Of an item": [
        _Word(name, each.column.kind, each.meaning) for name, each in ITEM_COLUMNS.items()
    ],
    "Of a line, within any_line(...)": [
        _Word(name, each.column.kind, each.meaning) for name, each in LINE_COLUMNS.items()
    ],
    "Features": [
        _Word(each.name, "number", each.meaning)
        for each in FEATURES
        if each.name in FEATURE_COLUMNS
    ],
}
"""What a condition may name, for whoever writes one."""

_REFUSALS = (InvalidPredicate, InvalidRecord, PortForbidden, RuleTaken, KeyReused)
_EMPTY: Mapping[str, str] = {
    "rule_id": "",
    "text": "",
    "action": "",
    "predicate": "",
    "ports": "",
    "expires_at": "",
    "days": USUAL_DAYS,
}

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Basis = Annotated[RecordId | None, EMPTY, Query(alias="rule")]


class _Answer(NamedTuple):
    """What a form that was not saved comes back with."""

    faults: Faults
    status: int = HTTPStatus.OK
    preview: Mapping[str, Any] | None = None


def _show(session: Session, fields: Fields, answer: _Answer | None = None) -> Response:
    faults, status, preview = answer or _Answer({})
    values = {**_EMPTY, **fields}
    return render(
        "draft_rule.html",
        session,
        status,
        values=values,
        faults=faults,
        preview=preview,
        glossary=_GLOSSARY,
    )


@router.get("/draft-rule")
def read_rule_form(session: Visitor, parts: Parts, rule: Basis = None) -> Response:
    """Show the form, empty or with the latest version of a rule that is to have another one."""
    values = {"idempotency_key": secrets.token_hex(16)}
    if rule is not None:
        with parts.store.read() as connection:
            latest = show_rule(connection, session.principal, rule)["versions"][0]
        values |= {name: latest[name] for name in ("rule_id", "text", "action", "predicate")}
        values |= {"ports": " ".join(latest["ports"] or ())}
    return _show(session, values)


@router.post("/draft-rule")
async def draft_rule(session: Visitor, parts: Parts, form: Form) -> Response:
    """Save a draft, once however often it is sent; or show again what was typed."""
    if "look_over" in form:
        return _show(session, form)
    principal = session.principal
    try:
        posted = check(DRAFT, _rule(form))
        asked = asked_by(principal.key_id, form_key(form), posted, parts.desk.tokens)
        await act(parts.acting, draft(principal, asked, posted))
    except Unacceptable as unusable:
        return _show(session, form, _unusable(unusable))
    except _REFUSALS as refused:
        return _show(session, form, _refused(refused))
    return RedirectResponse(f"/rules/{posted.rule_id}?done=draft", HTTPStatus.SEE_OTHER)


@router.post("/draft-rule/preview")
async def preview_draft(session: Visitor, parts: Parts, form: Form) -> Response:
    """Tell what the rule that is being written would have hit; nothing is saved."""
    if "look_over" in form:
        return _show(session, form)
    written = {"predicate": _predicate(form), "ports": _ports(form) or None}
    try:
        asked = check(PREVIEW, written | {"days": number(form.get("days", ""))})
        found = await look_back(session.principal, parts, asked)
    except Unacceptable as unusable:
        return _show(session, form, _unusable(unusable))
    except _REFUSALS as refused:
        return _show(session, form, _refused(refused))
    return _show(session, form, _Answer({}, preview=found))


async def look_back(principal: Principal, parts: Runtime, asked: PreviewAsked) -> Reply:
    """Try a predicate on stored history; who tried what is kept.

    Parameters
    ----------
    principal : Principal
        Who tries it.
    parts : Runtime
        The server's parts.
    asked : PreviewAsked
        What to try, on what.

    Returns
    -------
    dict
        As `service.previewing.Previewer.preview` gives it.
    """
    found = await to_thread(parts.previewer.preview, principal, asked, parts.clock())
    return await act(parts.acting, kept(principal, asked, found))


def _rule(form: Fields) -> dict[str, object]:
    return {
        "rule_id": form.get("rule_id", "").strip(),
        "text": one_line(form.get("text", "")),
        "action": form.get("action", ""),
        "predicate": _predicate(form),
        "ports": _ports(form) or None,
        "expires_at": in_utc(form.get("expires_at", "")),
    }


def _predicate(form: Fields) -> str:
    return form.get("predicate", "").replace("\r\n", "\n")


def _ports(form: Fields) -> list[str]:
    return form.get("ports", "").replace(",", " ").split()


def _unusable(unusable: Unacceptable) -> _Answer:
    faults = {name.partition("[")[0]: fault for name, fault in unusable.faults.items()}
    return _Answer(faults, HTTPStatus.UNPROCESSABLE_ENTITY)


def _refused(refused: WeirError) -> _Answer:
    status = status_of(refused) or HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(refused, KeyReused):
        return _Answer({"": "this was saved before in other words; open the rule"}, status)
    return _Answer({refused.field or "": refused.detail}, status)
