"""Deciding in the lane."""

import orjson
from fastapi import APIRouter, Request, Response

from features.items import ITEM
from service.accepting import Request as Posting
from service.accepting import check
from service.api.access import feeder
from service.api.body import parse, read_json, takes
from service.api.examples import VEHICLE
from service.api.runtime import runtime_of
from service.api.shift_schemas import DecisionReply

router = APIRouter(prefix="/v1", tags=["decide"])


@router.post(
    "/decide",
    response_model=DecisionReply,
    openapi_extra=takes(ITEM, {"vehicle": VEHICLE}),
)
async def decide_item(request: Request) -> Response:
    """Score one item and decide now: inspect or pass, within what the lane's shift can do.

    The item, its score, the decision and its probability are stored before the reply, which does
    not tell what decided. The same item again gets the same decision.
    """
    # no dependencies: resolving them costs as much as the rest of the route
    parts = await runtime_of(request)
    principal = await feeder(request, parts)
    body = await read_json(request, parts)
    posting = Posting([await parse(ITEM, body)], principal, decides=True)
    check(posting, parts.clock(), parts.settings.retention, batch=False)
    (answer,) = await parts.batcher.answer(posting, posting.keys)
    return Response(orjson.dumps(answer), media_type="application/json")
