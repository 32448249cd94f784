"""The queue of what has not left yet."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from features.fields import PortCode
from service.api.access import Caller
from service.api.runtime import Parts
from service.api.schemas import Mode, QueueReply
from service.store.queue import Order, QueueFilter
from service.targeting import rank

MOST_ENTRIES = 500

router = APIRouter(prefix="/v1", tags=["queue"])

Port = Annotated[PortCode | None, Query(description="By default every port of the key.")]
Cursor = Annotated[str | None, Query(description="Where the page before ended.")]
Limit = Annotated[int, Query(), Field(ge=1, le=MOST_ENTRIES)]


def page_asked(
    port: Port = None,
    mode: Mode | None = None,
    order: Order = "priority",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> QueueFilter:
    """Read from the query which page of the queue is asked for.

    Parameters
    ----------
    port, mode, order, limit, cursor
        As in `QueueFilter`.

    Returns
    -------
    QueueFilter
        The page.
    """
    return QueueFilter(None if port is None else [port], mode, limit, order, cursor)


@router.get("/queue", response_model=QueueReply)
def read_queue(
    principal: Caller, parts: Parts, wanted: Annotated[QueueFilter, Depends(page_asked)]
) -> Response:
    """Rank what has not left: must-inspect first, then by priority, or in order of departure."""
    for port in wanted.ports or ():
        principal.require_port(port, "port")
    now = parts.clock()
    with parts.store.read() as connection:
        content = {"as_of": now} | rank(connection, principal, now, wanted)
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")
