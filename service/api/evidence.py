"""What agencies bring: signals about entities, and late evidence about items."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from service.api.access import Caller
from service.api.acts import act_reply
from service.api.body import JsonBody, parse, takes
from service.api.examples import OUTCOME, SIGNAL
from service.api.runtime import Parts, Runtime
from service.api.schemas import OutcomesReply, SignalsReply
from service.auth import Principal
from service.evidence import (
    OUTCOME_BATCH,
    SIGNAL_BATCH,
    Sender,
    add_outcome_batch,
    add_signal_batch,
)

router = APIRouter(prefix="/v1", tags=["evidence"])


def _sender(principal: Principal, parts: Runtime) -> Sender:
    return Sender(principal, parts.desk.tokens, parts.desk.token_key)


@router.post(
    "/signals",
    response_model=SignalsReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(SIGNAL_BATCH, {"lookout": {"signals": [SIGNAL]}}),
)
async def post_signals(principal: Caller, body: JsonBody, parts: Parts) -> Response:
    """Take in up to 500 signals, all or none. They count from now on; ids make repeats harmless."""
    batch = await parse(SIGNAL_BATCH, body)
    deed = add_signal_batch(_sender(principal, parts), batch)
    return await act_reply(parts.acting, deed, HTTPStatus.CREATED)


@router.post(
    "/outcomes",
    response_model=OutcomesReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(OUTCOME_BATCH, {"seizure": {"outcomes": [OUTCOME]}}),
)
async def post_outcomes(principal: Caller, body: JsonBody, parts: Parts) -> Response:
    """Take in up to 500 pieces of late evidence, all or none.

    Each is matched to an item where that can be told, and reports of one event by several
    agencies share an `event_id`: it counts once.
    """
    batch = await parse(OUTCOME_BATCH, body)
    deed = add_outcome_batch(_sender(principal, parts), batch)
    return await act_reply(parts.acting, deed, HTTPStatus.CREATED)
