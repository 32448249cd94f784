"""Routes of pages: forms are read first, and errors become pages."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from features.errors import WeirError
from service.api.problems import InvalidRequest, field_errors, status_of
from service.sessions import NotSignedIn
from service.store.engine import StoreUnavailable
from service.web.cookies import PlainTransport, read_cookie
from service.web.forms import FORM_TOKEN, Fields, read_form
from service.web.rendering import render
from service.web.typed import Typed, may_resume

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_TITLES = {
    HTTPStatus.FORBIDDEN: "This is not yours to open",
    HTTPStatus.NOT_FOUND: "There is no such item",
    HTTPStatus.CONFLICT: "Somebody was first",
    HTTPStatus.TOO_MANY_REQUESTS: "Slow down",
    HTTPStatus.SERVICE_UNAVAILABLE: "Weir cannot store anything now",
}


_PASSING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""What may be over when the same form is sent again."""


class PageRoute(APIRoute):
    """A route whose forms are read before it is called, and whose errors are pages."""

    def get_route_handler(self) -> Handler:
        """Wrap the route.

        Returns
        -------
        callable
            Answers a request.
        """
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                if request.method == "POST":
                    request.state.form = await read_form(request)
                return await answer(request)
            except RequestValidationError as refused:
                return error_page(request, InvalidRequest(field_errors(refused), reads=True))
            except WeirError as refused:
                return error_page(request, refused)

        return handle


def error_page(request: Request, error: WeirError) -> Response:
    """Render what an error is to a visitor.

    Parameters
    ----------
    request : fastapi.Request
        The request.
    error : WeirError
        What was raised.

    Returns
    -------
    fastapi.Response
        The sign-in page for who is not signed in, with what was typed; else a page that says
        what is wrong and where to go.
    """
    if isinstance(error, NotSignedIn):
        return _sign_in_again(request, error)
    if isinstance(error, StoreUnavailable):
        request.app.state.runtime.metrics.store_failures.inc()
    status = HTTPStatus.BAD_REQUEST if isinstance(error, PlainTransport) else status_of(error)
    if status is None:
        raise error
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    page = render(
        "problem.html",
        None,
        status,
        title=_TITLES.get(status, "That did not work"),
        detail=error.detail,
        request_id=request_id,
        resend=_unsent(request) if status in _PASSING else None,
    )
    page.headers.update(getattr(error, "headers", {}))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        page.headers["Retry-After"] = "1"
    return page


def _unsent(request: Request) -> Typed | None:
    """Give a form back that could not be taken, so that nothing has to be typed again."""
    form: Fields = getattr(request.state, "form", {})
    path = request.url.path
    return Typed(path, form) if form and may_resume(path) else None


def _sign_in_again(request: Request, error: NotSignedIn) -> Response:
    form: Fields = getattr(request.state, "form", {})
    kept = {name: value for name, value in form.items() if name != FORM_TOKEN}
    path = request.url.path
    typed = Typed(path, kept) if kept and may_resume(path) else None
    query = f"?{request.url.query}" if request.url.query else ""
    wanted = f"{path}{query}" if request.method == "GET" else "/"
    over = read_cookie(request) is not None
    return render(
        "sign_in.html",
        None,
        HTTPStatus.UNAUTHORIZED,
        then=wanted,
        typed=typed,
        fault=error.detail if over else None,
        port="",
    )
