"""Deciding in the lane."""

from asyncio import wrap_future

import orjson
from fastapi import APIRouter, Response

from features.items import ITEM
from service.api.access import Caller
from service.api.body import JsonBody, parse, takes
from service.api.examples import VEHICLE
from service.api.runtime import Parts
from service.api.shift_schemas import DecisionReply
from service.targeting import Request, check

router = APIRouter(prefix="/v1", tags=["decide"])


@router.post(
    "/decide",
    response_model=DecisionReply,
    openapi_extra=takes(ITEM, {"vehicle": VEHICLE}),
)
async def decide_item(principal: Caller, body: JsonBody, parts: Parts) -> Response:
    """Score one item and decide now: inspect or pass, within what the lane's shift can do.

    The item, its score, the decision and its probability are stored before the reply, which does
    not tell what decided. The same item again gets the same decision.
    """
    request = Request([await parse(ITEM, body)], principal, decides=True)
    check(request, parts.clock(), parts.settings.retention, batch=False)
    (answer,) = await wrap_future(parts.batcher.submit(request, request.keys))
    return Response(orjson.dumps(answer), media_type="application/json")
