"""Rules: drafting, trying, releasing, retiring, and what became of their hits."""

from asyncio import to_thread
from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Response

from features.fields import PortCode, RecordId
from service.acting import Reply
from service.api.access import Caller
from service.api.acts import act_reply
from service.api.body import JsonBody, parse, takes
from service.api.examples import RULE
from service.api.inspections import Key
from service.api.rule_schemas import (
    PreviewReply,
    RulePerformanceReply,
    RuleReply,
    RulesReply,
    RuleVersionsReply,
)
from service.api.runtime import Parts
from service.idempotency import asked_by
from service.previewing import PREVIEW, kept, performance
from service.rulemaking import (
    DRAFT,
    VERSION_NAMED,
    draft,
    list_rules,
    release,
    retire,
    show_rule,
)

router = APIRouter(prefix="/v1", tags=["rules"])

RuleId = Annotated[RecordId, Path(description="The rule.")]
After = Annotated[RecordId | None, Query(description="Where the page before ended.")]
Port = Annotated[PortCode | None, Query(description="By default every port of the key.")]


def _json(content: Reply) -> Response:
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")


@router.post(
    "/rules",
    response_model=RuleReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(DRAFT, {"rule": RULE}),
)
async def draft_rule(principal: Caller, body: JsonBody, parts: Parts, key: Key) -> Response:
    """Draft a rule, or the next version of one. It does nothing until somebody else releases it.

    The same Idempotency-Key with the same body gives the same reply.
    """
    posted = await parse(DRAFT, body)
    asked = asked_by(principal.key_id, key, posted, parts.desk.tokens)
    return await act_reply(parts.acting, draft(principal, asked, posted), HTTPStatus.CREATED)


@router.get("/rules", response_model=RulesReply)
def read_rules(principal: Caller, parts: Parts, cursor: After = None) -> Response:
    """List the latest version of each rule that holds at a port within reach."""
    with parts.store.read() as connection:
        return _json(list_rules(connection, principal, cursor or ""))


@router.post(
    "/rules/preview",
    response_model=PreviewReply,
    openapi_extra=takes(PREVIEW, {"rule": {"predicate": RULE["predicate"], "days": 28}}),
)
async def preview_rule(principal: Caller, body: JsonBody, parts: Parts) -> Response:
    """Tell what a predicate would have hit on stored history, and what became of that.

    Up to 20,000 items and ten seconds, the latest items first; each is judged as of its own
    moment.
    """
    asked = await parse(PREVIEW, body)
    found = await to_thread(parts.previewer.preview, principal, asked, parts.clock())
    return await act_reply(parts.acting, kept(principal, asked, found))


@router.get("/rules/{rule_id}", response_model=RuleVersionsReply)
def read_rule(principal: Caller, parts: Parts, rule_id: RuleId) -> Response:
    """Show every version of a rule."""
    with parts.store.read() as connection:
        return _json(show_rule(connection, principal, rule_id))


@router.post(
    "/rules/{rule_id}/release",
    response_model=RuleReply,
    openapi_extra=takes(VERSION_NAMED, {"first": {"version": 1}}),
)
async def release_rule(
    principal: Caller, body: JsonBody, parts: Parts, rule_id: RuleId
) -> Response:
    """Put the latest version in force, in the place of an earlier one; not one's own."""
    named = await parse(VERSION_NAMED, body)
    return await act_reply(parts.acting, release(principal, rule_id, named.version))


@router.post(
    "/rules/{rule_id}/retire",
    response_model=RuleReply,
    openapi_extra=takes(VERSION_NAMED, {"first": {"version": 1}}),
)
async def retire_rule(principal: Caller, body: JsonBody, parts: Parts, rule_id: RuleId) -> Response:
    """Take a version out of force, or drop a draft."""
    named = await parse(VERSION_NAMED, body)
    return await act_reply(parts.acting, retire(principal, rule_id, named.version))


@router.get("/rules/{rule_id}/performance", response_model=RulePerformanceReply)
def read_performance(
    principal: Caller, parts: Parts, rule_id: RuleId, port: Port = None
) -> Response:
    """Count hits, inspections and finds of each version, with an exact interval."""
    with parts.store.read() as connection:
        return _json(performance(connection, principal, rule_id, port))
