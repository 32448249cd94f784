"""Recording what was found, and correcting it."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BeforeValidator

from features.errors import InvalidRecord, WeirError
from features.fields import RecordId
from service.acting import together
from service.api.acts import act
from service.api.problems import status_of
from service.api.runtime import Parts, Runtime
from service.findings import (
    FINDINGS,
    AlreadyCorrected,
    Finding,
    Recording,
    ReplyGone,
    list_findings,
    record,
)
from service.idempotency import KeyReused
from service.sessions import Session
from service.showing import look_at
from service.web.access import Visitor
from service.web.checking import Faults, Unacceptable, check, fault_of, number, one_line
from service.web.forms import Fields, Form
from service.web.item import exams_of
from service.web.rendering import render
from service.web.routing import PageRoute

COUNTS: Mapping[str, str] = {"n_firearms": "Firearms", "n_parts": "Parts", "n_rounds": "Rounds"}
_KEPT = ("method", "minutes", "outcome", *COUNTS)
_EMPTY: Mapping[str, str] = dict.fromkeys((*_KEPT, "reason", "note", "supersedes"), "")

Given = BeforeValidator(lambda value: value or None)
Corrects = Annotated[RecordId | None, Given, Query()]

router = APIRouter(route_class=PageRoute, include_in_schema=False)


async def _past(session: Session, parts: Runtime, item_id: str) -> dict[str, Any]:
    looks = {
        "shown": look_at(session.principal, item_id),
        "past": list_findings(session.principal, item_id),
    }
    return await act(parts.acting, together(looks))


def _standing(past: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what was corrected, and what did not come to an end."""
    corrected = {each["supersedes"] for each in past}
    return [
        each
        for each in past
        if each["inspection_id"] not in corrected and each["outcome"] != "not_completed"
    ]


class _Refused(NamedTuple):
    """Why a form was not saved."""

    faults: Faults
    status: int


_FINE = _Refused({}, HTTPStatus.OK)


async def _show(
    session: Session, parts: Runtime, item_id: str, fields: Fields, refused: _Refused = _FINE
) -> Response:
    seen = await _past(session, parts, item_id)
    return _form(session, seen["shown"]["item"], {**_EMPTY, **fields}, refused)


def _form(
    session: Session, item: Mapping[str, Any], values: Fields, refused: _Refused = _FINE
) -> Response:
    return render(
        "finding.html",
        session,
        refused.status,
        item=item,
        exams=exams_of(item["mode"]),
        counts=COUNTS,
        values=values,
        faults=refused.faults,
    )


@router.get("/items/{item_id}/finding")
async def read_finding_form(
    session: Visitor,
    parts: Parts,
    item_id: RecordId,
    corrects: Corrects = None,
    again: Annotated[bool, Query()] = False,  # noqa: FBT002 - a query parameter
) -> Response:
    """Show the form; where a finding stands already, what it says and how to correct it."""
    seen = await _past(session, parts, item_id)
    past = seen["past"]["inspections"]
    standing = _standing(past)
    item = seen["shown"]["item"]
    if standing and corrects is None and not again:
        return render("found_already.html", session, item=item, standing=standing)
    values = {**_EMPTY, "idempotency_key": secrets.token_hex(16)}
    if corrects is not None:
        values |= _values_of(past, corrects)
    return _form(session, item, values)


def _values_of(past: list[dict[str, Any]], corrects: str) -> dict[str, str]:
    before = next((each for each in past if each["inspection_id"] == corrects), None)
    if before is None:
        raise InvalidRecord(f"no inspection {corrects!r} of this item", field="corrects")
    kept = {name: f"{before[name]:g}" if name == "minutes" else before[name] for name in _KEPT}
    values = {name: str(value) for name, value in kept.items()}
    return values | {"supersedes": corrects, "note": before["note"] or ""}


@router.post("/items/{item_id}/finding")
async def record_finding(session: Visitor, parts: Parts, item_id: RecordId, form: Form) -> Response:
    """Record a finding, once however often it is sent; or show again what was typed."""
    if "look_over" in form:
        return await _show(session, parts, item_id, form)
    try:
        recording = Recording(session.principal, _key(form), _finding(item_id, form))
        await act(parts.recording, record(recording, parts.desk.tokens))
    except Unacceptable as unusable:
        refused = _Refused(unusable.faults, HTTPStatus.UNPROCESSABLE_ENTITY)
        return await _show(session, parts, item_id, form, refused)
    except (InvalidRecord, AlreadyCorrected, KeyReused, ReplyGone) as failed:
        return await _show(session, parts, item_id, form, _told(failed, form))
    return RedirectResponse(f"/items/{item_id}?done=finding", HTTPStatus.SEE_OTHER)


def _told(failed: WeirError, form: Fields) -> _Refused:
    status = status_of(failed) or HTTPStatus.UNPROCESSABLE_ENTITY
    if isinstance(failed, KeyReused):
        return _Refused({"": "this was saved before in other words; correct it there"}, status)
    return _Refused(fault_of(failed, form), status)


def _key(form: Fields) -> str:
    key = form.get("idempotency_key", "")
    if len(key) != 32 or not key.isalnum() or not key.isascii():  # noqa: PLR2004 - 16 bytes
        raise Unacceptable({"": "this form is not ours; open the item again and retype it"})
    return key


def _finding(item_id: str, form: Fields) -> Finding:
    values: dict[str, object] = {
        "item_id": item_id,
        "supersedes": form.get("supersedes", ""),
        "method": form.get("method", ""),
        "minutes": number(form.get("minutes", "")),
        "outcome": form.get("outcome", ""),
        "reason": form.get("reason", ""),
        "note": one_line(form.get("note", "")),
    }
    counts = {name: number(form.get(name, "")) for name in COUNTS}
    return check(FINDINGS, values | counts)
