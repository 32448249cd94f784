"""Lookouts for entities, and suppressions of rules about one."""

from http import HTTPStatus
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Response

from features.fields import RecordId
from service.api.access import Caller
from service.api.acts import act_reply
from service.api.body import JsonBody, parse, takes
from service.api.examples import LOOKOUT as LOOKOUT_EXAMPLE
from service.api.examples import SUPPRESSION as SUPPRESSION_EXAMPLE
from service.api.inspections import Key
from service.api.rule_schemas import (
    LookoutReply,
    LookoutsReply,
    SuppressionReply,
    SuppressionsReply,
)
from service.api.runtime import Parts, Runtime
from service.auth import Principal
from service.idempotency import asked_by
from service.watching import (
    LOOKOUT,
    LOOKOUTS,
    SUPPRESSION,
    SUPPRESSIONS,
    LookoutPosting,
    SuppressionPosting,
    Watcher,
    WatchKind,
    end,
    in_force,
    put,
)

router = APIRouter(prefix="/v1", tags=["rules"])

LookoutId = Annotated[RecordId, Path(description="The lookout.")]
SuppressionId = Annotated[RecordId, Path(description="The suppression.")]


def _watcher(
    principal: Principal, parts: Runtime, key: str, posted: LookoutPosting | SuppressionPosting
) -> Watcher:
    desk = parts.desk
    asked = asked_by(principal.key_id, key, posted, desk.tokens)
    return Watcher(principal, asked, desk.tokens, desk.token_key)


def _listed(principal: Principal, parts: Runtime, kind: WatchKind) -> Response:
    with parts.store.read() as connection:
        content = in_force(connection, principal, kind, parts.clock())
    return Response(orjson.dumps(content), media_type="application/json")


@router.post(
    "/lookouts",
    response_model=LookoutReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(LOOKOUT, {"plate": LOOKOUT_EXAMPLE}),
)
async def post_lookout(principal: Caller, body: JsonBody, parts: Parts, key: Key) -> Response:
    """Look out for an entity, at every port, for at most 366 days."""
    posted = await parse(LOOKOUT, body)
    deed = put(_watcher(principal, parts, key, posted), LOOKOUTS, posted)
    return await act_reply(parts.acting, deed, HTTPStatus.CREATED)


@router.get("/lookouts", response_model=LookoutsReply)
def read_lookouts(principal: Caller, parts: Parts) -> Response:
    """List the lookouts of one's agency that are in force."""
    return _listed(principal, parts, LOOKOUTS)


@router.delete("/lookouts/{lookout_id}", response_model=LookoutReply)
async def end_lookout(principal: Caller, parts: Parts, lookout_id: LookoutId) -> Response:
    """End a lookout of one's agency before its time."""
    return await act_reply(parts.acting, end(principal, LOOKOUTS, lookout_id))


@router.post(
    "/suppressions",
    response_model=SuppressionReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(SUPPRESSION, {"shipper": SUPPRESSION_EXAMPLE}),
)
async def post_suppression(principal: Caller, body: JsonBody, parts: Parts, key: Key) -> Response:
    """Silence the rules that raise for one entity, for at most 90 days and with a reason.

    The law, lookouts, rules that demand an inspection and the risk are not silenced.
    """
    posted = await parse(SUPPRESSION, body)
    deed = put(_watcher(principal, parts, key, posted), SUPPRESSIONS, posted)
    return await act_reply(parts.acting, deed, HTTPStatus.CREATED)


@router.get("/suppressions", response_model=SuppressionsReply)
def read_suppressions(principal: Caller, parts: Parts) -> Response:
    """List the suppressions of one's agency that are in force."""
    return _listed(principal, parts, SUPPRESSIONS)


@router.delete("/suppressions/{suppression_id}", response_model=SuppressionReply)
async def end_suppression(
    principal: Caller, parts: Parts, suppression_id: SuppressionId
) -> Response:
    """End a suppression of one's agency before its time."""
    return await act_reply(parts.acting, end(principal, SUPPRESSIONS, suppression_id))
