"""One item: as it was posted and answered, in whose hand it is, and what was found."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from features.fields import RecordId
from service.api.access import Caller
from service.api.acts import act, act_reply
from service.api.body import JsonBody, parse, takes
from service.api.runtime import Parts
from service.api.schemas import ClaimReply, FindingsReply, ItemReply, SkipReply
from service.claiming import claim, release
from service.findings import LETTING, list_findings, skip
from service.showing import look_at

router = APIRouter(prefix="/v1", tags=["items"])


@router.get("/items/{item_id}", response_model=ItemReply)
async def read_item(principal: Caller, parts: Parts, item_id: RecordId) -> Response:
    """Show an item, its versions and the answer for the latest one. Who looked is kept."""
    return await act_reply(parts.acting, look_at(principal, item_id))


@router.get("/items/{item_id}/inspections", response_model=FindingsReply)
async def read_inspections(principal: Caller, parts: Parts, item_id: RecordId) -> Response:
    """List the inspections of an item, corrected ones included. Who looked is kept."""
    return await act_reply(parts.acting, list_findings(principal, item_id))


@router.post("/items/{item_id}/claim", response_model=ClaimReply)
async def claim_item(principal: Caller, parts: Parts, item_id: RecordId) -> Response:
    """Take an item in hand, so that others see it; of several callers exactly one gets it."""
    return await act_reply(parts.recording, claim(principal, item_id, parts.settings.claim_time))


@router.delete("/items/{item_id}/claim", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
async def release_item(principal: Caller, parts: Parts, item_id: RecordId) -> Response:
    """Let an item go that is in hand. A supervisor may take it from somebody else."""
    await act(parts.recording, release(principal, item_id))
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post(
    "/items/{item_id}/skip",
    response_model=SkipReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(LETTING, {"no time": {"reason": "no_time"}}),
)
async def skip_item(principal: Caller, body: JsonBody, parts: Parts, item_id: RecordId) -> Response:
    """Let an item leave without an inspection, with the reason."""
    letting = await parse(LETTING, body)
    deed = skip(principal, item_id, letting, parts.desk.tokens)
    return await act_reply(parts.recording, deed, HTTPStatus.CREATED)
