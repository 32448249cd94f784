"""One item, as it was posted and answered."""

import orjson
from fastapi import APIRouter, Response

from features.fields import RecordId
from service.api.access import Caller
from service.api.runtime import Parts
from service.api.schemas import ItemReply
from service.auth import SEES_IDENTIFIERS
from service.targeting import show

router = APIRouter(prefix="/v1", tags=["items"])


@router.get("/items/{item_id}", response_model=ItemReply)
def read_item(principal: Caller, parts: Parts, item_id: RecordId) -> Response:
    """Show an item with its versions and the answer given for the latest one."""
    with parts.store.read() as connection:
        content = show(
            connection,
            principal,
            item_id,
            identifiers=principal.role in SEES_IDENTIFIERS,
        )
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
