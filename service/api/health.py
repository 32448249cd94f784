"""Whether the server lives, whether it is ready, and its counters."""

from http import HTTPStatus
from typing import Any

import orjson
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from features.errors import WeirError
from service.api.runtime import Parts
from service.store.probe import MANY_ROWS, probe

router = APIRouter(tags=["health"])


@router.get("/livez")
async def read_livez() -> dict[str, str]:
    """Tell that the process answers; says nothing of the store."""
    return {"status": "alive"}


@router.get("/readyz", responses={503: {"description": "The store does not take writes."}})
def read_readyz(parts: Parts) -> Response:
    """Tell whether items can be taken in: a row is written and committed to find out.

    After items could not be stored, as many pages as a batch needs are written instead.
    """
    content: dict[str, Any] = {
        "status": "ready",
        "store": "writable",
        "degraded": parts.champion.in_use is None,
    }
    status = HTTPStatus.OK
    try:
        with parts.store.write() as connection:
            probe(connection, parts.clock(), n_rows=MANY_ROWS if parts.writes.failing else 1)
    except WeirError as failed:
        status = HTTPStatus.SERVICE_UNAVAILABLE
        content |= {"status": "not ready", "store": failed.detail}
    return Response(orjson.dumps(content), status, media_type="application/json")


@router.get("/metrics", response_class=Response)
def read_metrics(parts: Parts) -> Response:
    """Give the counters in Prometheus' text format; they name no item, port or caller."""
    champion = parts.champion
    parts.metrics.degraded.set(champion.degraded or champion.killed)
    return Response(generate_latest(parts.metrics.registry), media_type=CONTENT_TYPE_LATEST)
