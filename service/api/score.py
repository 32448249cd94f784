"""Routes that take items in and answer with their risk."""

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from features.items import ITEM
from service.accepting import Answer, Item, check
from service.accepting import Request as Posting
from service.api.access import feeder
from service.api.body import ItemBatch, parse, read_json, takes
from service.api.examples import SHIPMENT, VEHICLE
from service.api.runtime import Runtime, runtime_of
from service.api.schemas import BatchReply, ScoreReply
from service.auth import Principal

router = APIRouter(prefix="/v1", tags=["score"])

_BATCH: TypeAdapter[ItemBatch] = TypeAdapter(ItemBatch)


async def _answer(
    parts: Runtime, principal: Principal, items: list[Item], *, batch: bool
) -> list[Answer]:
    posting = Posting(items, principal, batch)
    check(posting, parts.clock(), parts.settings.retention, batch=batch)
    return await parts.batcher.answer(posting, posting.keys)


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


@router.post(
    "/score",
    response_model=ScoreReply,
    openapi_extra=takes(ITEM, {"vehicle": VEHICLE, "shipment": SHIPMENT}),
)
async def score_item(request: Request) -> Response:
    """Score one item. It is stored, with the answer, before the reply is sent."""
    # no dependencies: resolving them costs as much as the rest of the route
    parts = await runtime_of(request)
    principal = await feeder(request, parts)
    body = await read_json(request, parts)
    answers = await _answer(parts, principal, [await parse(ITEM, body)], batch=False)
    return _json(answers[0])


@router.post(
    "/score/batch",
    response_model=BatchReply,
    openapi_extra=takes(_BATCH, {"both": {"items": [VEHICLE, SHIPMENT]}}),
)
async def score_batch(request: Request) -> Response:
    """Score up to 500 items. All are stored, with their answers, before the reply, or none."""
    parts = await runtime_of(request)
    principal = await feeder(request, parts)
    body = await read_json(request, parts)
    items = (await parse(_BATCH, body)).items
    answers = await _answer(parts, principal, items, batch=True)
    return _json({"scores": answers})
