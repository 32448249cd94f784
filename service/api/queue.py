"""The queue of what has not left yet."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import Field

from features.fields import PortCode
from service.api.access import Caller
from service.api.runtime import Parts
from service.api.schemas import Mode, QueueReply
from service.store.scores import QueueFilter
from service.targeting import rank

MOST_ENTRIES = 500

router = APIRouter(prefix="/v1", tags=["queue"])

Port = Annotated[PortCode | None, Query(description="By default every port of the key.")]
Limit = Annotated[int, Query(), Field(ge=1, le=MOST_ENTRIES)]


@router.get("/queue", response_model=QueueReply)
def read_queue(
    principal: Caller,
    parts: Parts,
    port: Port = None,
    mode: Mode | None = None,
    limit: Limit = 50,
) -> Response:
    """Rank what has not left: must-inspect first, then by priority."""
    if port is not None:
        principal.require_port(port, "port")
    now = parts.clock()
    wanted = QueueFilter(None if port is None else [port], mode, limit)
    with parts.store.read() as connection:
        items = rank(connection, principal, now, wanted)
    content = {"as_of": now, "items": items}
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
