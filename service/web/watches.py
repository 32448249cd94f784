"""Lookouts for entities, and suppressions of rules about one: listing, making and ending them."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, get_args

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter

from features.errors import InvalidRecord
from features.fields import RecordId
from features.records import EntityKind
from models.rulebook import LookoutAction
from service.api.acts import act
from service.api.problems import status_of
from service.api.runtime import Parts, Runtime
from service.idempotency import KeyReused, asked_by
from service.sessions import Session
from service.watching import (
    LOOKOUT,
    LOOKOUTS,
    SUPPRESSION,
    SUPPRESSIONS,
    Watcher,
    WatchKind,
    end,
    in_force,
    put,
)
from service.web.access import Visitor
from service.web.checking import Faults, Unacceptable, check, fault_of, form_key, one_line
from service.web.forms import Fields, Form
from service.web.rendering import render
from service.web.routing import PageRoute
from service.web.times import in_utc

router = APIRouter(route_class=PageRoute, include_in_schema=False)

_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {"lookout": LOOKOUT, "suppression": SUPPRESSION}
_FIELDS = ("entity_kind", "entity", "text", "reason", "action")


class _Refused(NamedTuple):
    """Why a form was not saved."""

    faults: Faults
    status: int


_FINE = _Refused({}, HTTPStatus.OK)


def _show(
    session: Session, parts: Runtime, kind: WatchKind, form: Fields, refused: _Refused = _FINE
) -> Response:
    with parts.store.read() as connection:
        listed = in_force(connection, session.principal, kind, parts.clock())
    values = {"idempotency_key": secrets.token_hex(16), "expires_at": "", **form}
    return render(
        "watches.html",
        session,
        refused.status,
        name=kind.name,
        key=kind.table.key,
        words_field=kind.table.words[0],
        watches=listed[f"{kind.name}s"],
        complete=listed["complete"],
        longest_days=kind.longest.days,
        entity_kinds=get_args(EntityKind),
        actions=get_args(LookoutAction) if "action" in kind.table.words else (),
        values={**dict.fromkeys(_FIELDS, ""), **values},
        faults=refused.faults,
    )


async def _put(session: Session, parts: Runtime, kind: WatchKind, form: Fields) -> Response:
    if "look_over" in form:
        return _show(session, parts, kind, form)
    principal, desk = session.principal, parts.desk
    written = {name: one_line(form[name]) for name in _FIELDS if name in form}
    try:
        values = written | {"expires_at": in_utc(form.get("expires_at", ""))}
        posted = check(_ADAPTERS[kind.name], values)
        asked = asked_by(principal.key_id, form_key(form), posted, desk.tokens)
        watcher = Watcher(principal, asked, desk.tokens, desk.token_key)
        await act(parts.acting, put(watcher, kind, posted))
    except Unacceptable as unusable:
        refused = _Refused(unusable.faults, HTTPStatus.UNPROCESSABLE_ENTITY)
        return _show(session, parts, kind, form, refused)
    except (InvalidRecord, KeyReused) as failed:
        status = status_of(failed) or HTTPStatus.UNPROCESSABLE_ENTITY
        return _show(session, parts, kind, form, _Refused(fault_of(failed, form), status))
    return RedirectResponse(f"/{kind.name}s", HTTPStatus.SEE_OTHER)


async def _end(session: Session, parts: Runtime, kind: WatchKind, watch_id: str) -> Response:
    await act(parts.acting, end(session.principal, kind, watch_id))
    return RedirectResponse(f"/{kind.name}s", HTTPStatus.SEE_OTHER)


@router.get("/lookouts")
def read_lookouts(session: Visitor, parts: Parts) -> Response:
    """List the lookouts of one's agency that are in force, and offer to make one."""
    return _show(session, parts, LOOKOUTS, {})


@router.post("/lookouts")
async def make_lookout(session: Visitor, parts: Parts, form: Form) -> Response:
    """Look out for an entity, at every port."""
    return await _put(session, parts, LOOKOUTS, form)


@router.post("/lookouts/{lookout_id}/end")
async def end_lookout(session: Visitor, parts: Parts, lookout_id: RecordId) -> Response:
    """End a lookout before its time."""
    return await _end(session, parts, LOOKOUTS, lookout_id)


@router.get("/suppressions")
def read_suppressions(session: Visitor, parts: Parts) -> Response:
    """List the suppressions of one's agency that are in force, and offer to make one."""
    return _show(session, parts, SUPPRESSIONS, {})


@router.post("/suppressions")
async def make_suppression(session: Visitor, parts: Parts, form: Form) -> Response:
    """Silence the rules that raise for one entity, for a time."""
    return await _put(session, parts, SUPPRESSIONS, form)


@router.post("/suppressions/{suppression_id}/end")
async def end_suppression(session: Visitor, parts: Parts, suppression_id: RecordId) -> Response:
    """End a suppression before its time."""
    return await _end(session, parts, SUPPRESSIONS, suppression_id)
