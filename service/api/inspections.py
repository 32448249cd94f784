"""What inspectors record."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Header, Response

from service.api.access import Caller
from service.api.acts import act_reply
from service.api.body import JsonBody, parse, takes
from service.api.examples import FINDING
from service.api.runtime import Parts
from service.api.schemas import InspectionReply
from service.findings import FINDINGS, Recording, record
from service.idempotency import HEADER

router = APIRouter(prefix="/v1", tags=["inspections"])

Key = Annotated[
    str,
    Header(
        alias=HEADER,
        pattern=r"^[A-Za-z0-9._:-]{8,64}$",
        description="A name of your own for this record: sent again, it is recorded once.",
    ),
]


@router.post(
    "/inspections",
    response_model=InspectionReply,
    status_code=HTTPStatus.CREATED,
    openapi_extra=takes(FINDINGS, {"find": FINDING}),
)
async def record_inspection(principal: Caller, body: JsonBody, parts: Parts, key: Key) -> Response:
    """Record what an inspection found. It is on disk before the reply, and recorded once.

    The same Idempotency-Key with the same body gives the same reply, however often and at once;
    with another body it is refused. A correction names what it supersedes; both are kept.
    """
    finding = await parse(FINDINGS, body)
    deed = record(Recording(principal, key, finding), parts.desk.tokens)
    return await act_reply(parts.recording, deed, HTTPStatus.CREATED)
