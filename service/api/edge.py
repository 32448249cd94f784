"""The outermost layer: request ids, security headers, counters, the access log, the last catch."""

import re
import secrets
from collections.abc import Iterable
from functools import lru_cache
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import internal_problem
from service.telemetry import Metrics

SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_SECURITY_PAIRS = [
    (name.lower().encode(), text.encode()) for name, text in SECURITY_HEADERS.items()
]
_REQUEST_ID_HEADER = b"x-request-id"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


_KEPT_IN_MIND = 1_000
"""Counters of a route, method and status that are remembered."""


def _given_id(headers: Iterable[tuple[bytes, bytes]]) -> str:
    for name, text in headers:
        if name == _REQUEST_ID_HEADER:
            return text.decode("latin-1")
    return ""


class Edge:
    """Wraps an application.

    Parameters
    ----------
    app : ASGI application
        What it wraps.
    metrics : Metrics
        Where requests are counted.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        # to look a child up by its labels costs more than to count in it
        self._n_requests = lru_cache(_KEPT_IN_MIND)(metrics.requests.labels)
        self._seconds = lru_cache(_KEPT_IN_MIND)(metrics.seconds.labels)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Parameters
        ----------
        scope, receive, send
            As ASGI has them.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = _given_id(scope["headers"])
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started, status = perf_counter(), 0

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                given_by_route = [
                    pair for pair in message["headers"] if pair[0] != _REQUEST_ID_HEADER
                ]
                named = {name for name, _ in given_by_route}
                message["headers"] = [
                    *given_by_route,
                    # pages have a policy of their own
                    *(pair for pair in _SECURITY_PAIRS if pair[0] not in named),
                    (_REQUEST_ID_HEADER, request_id.encode()),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception as failed:  # noqa: BLE001 - logged and answered as a 500
            structlog.get_logger().error("unexpected_error", exc_info=failed)
            if not status:
                await internal_problem()(scope, receive, send_marked)
        finally:
            self._record(scope, status, perf_counter() - started)
            structlog.contextvars.clear_contextvars()

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unknown")
        self._n_requests(scope["method"], route, str(status)).inc()
        self._seconds(route).observe(seconds)
        structlog.get_logger().info(
            "request",
            method=scope["method"],
            route=route,
            status=status,
            milliseconds=round(seconds * 1000, 2),
        )
