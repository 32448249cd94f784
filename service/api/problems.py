"""The one place where errors become HTTP: problem+json, as RFC 9457 has it."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from features.errors import InvalidRecord, UnknownCode, WeirError
from features.refusals import MOST_FAULTS, parameter_refusal, refusals
from models.errors import BundleRefused, KeyRefused, UnknownBundle
from models.predicates.faults import InvalidPredicate
from service.accepting import ItemTaken
from service.auth import NotAuthenticated, PortForbidden, RoleForbidden
from service.batching import Overloaded
from service.choosing import InUse, NeedsAnother
from service.claiming import ItemClaimed
from service.evidence import RecordTaken
from service.findings import AlreadyCorrected, AlreadySkipped, ReplyGone
from service.idempotency import KeyReused
from service.limits import TooManyRequests
from service.reach import UnknownItem
from service.rulemaking import OwnRule, RuleMoved, RuleTaken, UnknownRule
from service.sessions import ForgedForm
from service.shifts.record import LaneTaken, NoLane, ShiftOver, ShiftTaken, UnknownShift
from service.store.champions import NothingToRollBack
from service.store.engine import StoreConflict, StoreUnavailable
from service.watching import UnknownWatch

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1

FieldErrors = Sequence[Mapping[str, str]]

_TAG = re.compile(r"^(items\[\d+\])\.(?:vehicle|shipment)\b")
"""The kind of an item, which validation names as a step on the way to its fields."""


WHOLE_BODY = "(request body)"
"""Named where no single field of a body is at fault."""


class InvalidRequest(WeirError):  # noqa: N818 - what the caller sees
    """A body or parameter that breaks the contract of its route.

    Parameters
    ----------
    errors : sequence of mapping
        `field` and `detail` of each fault, of the first ones where there are many.
    n_faults : int, optional
        How many faults there are, by default those that are listed.
    reads : bool
        Whether the request only asks; otherwise it is told that nothing was stored.
    """

    def __init__(
        self, errors: FieldErrors, *, n_faults: int | None = None, reads: bool = False
    ) -> None:
        first, n_more = errors[0], (n_faults or len(errors)) - len(errors)
        count = f"{n_faults or len(errors)} field(s) are not acceptable"
        more = f" ({n_more} more than are listed)" if n_more > 0 else ""
        kept = "" if reads else "; nothing was stored"
        super().__init__(
            f"{count}{more}, the first is {first['field']}{kept}", field=first["field"]
        )
        self.errors = errors


class WrongMediaType(WeirError):  # noqa: N818 - what the caller sees
    """A body that does not say that it is JSON."""


class BodyTooLarge(WeirError):  # noqa: N818 - what the caller sees
    """A body of more bytes than the server takes."""


class BodyTooSlow(WeirError):  # noqa: N818 - what the caller sees
    """A body that did not arrive in time."""


_STATUS: Mapping[type[WeirError], HTTPStatus] = {
    NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    RoleForbidden: HTTPStatus.FORBIDDEN,
    PortForbidden: HTTPStatus.FORBIDDEN,
    ForgedForm: HTTPStatus.FORBIDDEN,
    OwnRule: HTTPStatus.FORBIDDEN,
    UnknownItem: HTTPStatus.NOT_FOUND,
    UnknownRule: HTTPStatus.NOT_FOUND,
    UnknownWatch: HTTPStatus.NOT_FOUND,
    UnknownShift: HTTPStatus.NOT_FOUND,
    UnknownBundle: HTTPStatus.NOT_FOUND,
    BundleRefused: HTTPStatus.CONFLICT,
    KeyRefused: HTTPStatus.CONFLICT,
    NothingToRollBack: HTTPStatus.CONFLICT,
    NeedsAnother: HTTPStatus.CONFLICT,
    InUse: HTTPStatus.CONFLICT,
    ShiftTaken: HTTPStatus.CONFLICT,
    ShiftOver: HTTPStatus.CONFLICT,
    LaneTaken: HTTPStatus.CONFLICT,
    NoLane: HTTPStatus.CONFLICT,
    ItemTaken: HTTPStatus.CONFLICT,
    ItemClaimed: HTTPStatus.CONFLICT,
    RecordTaken: HTTPStatus.CONFLICT,
    RuleMoved: HTTPStatus.CONFLICT,
    RuleTaken: HTTPStatus.CONFLICT,
    AlreadyCorrected: HTTPStatus.CONFLICT,
    AlreadySkipped: HTTPStatus.CONFLICT,
    KeyReused: HTTPStatus.CONFLICT,
    ReplyGone: HTTPStatus.CONFLICT,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    WrongMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidPredicate: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidRecord: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCode: HTTPStatus.UNPROCESSABLE_ENTITY,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreConflict: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Every error that a request may meet, and its status; any other one is a fault of ours, 500."""

_HEADERS: Mapping[int, Mapping[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="weir"'},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_AFTER_SECONDS)},
}


def field_errors(refused: ValidationError | RequestValidationError) -> FieldErrors:
    """List what validation found, each with the field's name and what to do.

    Parameters
    ----------
    refused : pydantic.ValidationError or RequestValidationError
        What validation raised.

    Returns
    -------
    sequence of mapping
        `field`, such as `items[3].lines[0].value_usd`, and `detail` of each fault.
    """
    if isinstance(refused, RequestValidationError):
        return [
            {"field": fault.field, "detail": fault.problem}
            for fault in map(parameter_refusal, refused.errors()[:MOST_FAULTS])
        ]
    return [
        {"field": _TAG.sub(r"\1", refusal.field) or WHOLE_BODY, "detail": refusal.problem}
        for refusal in refusals(refused)
    ]


def problem(
    status: int,
    detail: str,
    *,
    slug: str | None = None,
    errors: FieldErrors = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a problem.

    Parameters
    ----------
    status : int
        HTTP status.
    detail : str
        What is wrong and what to do.
    slug : str, optional
        Stable name of the kind of problem; by default that of the status.
    errors : sequence of mapping, optional
        `field` and `detail` of each fault.
    headers : mapping of str to str, optional
        Further headers.

    Returns
    -------
    fastapi.Response
        A reply of type `application/problem+json`.

    References
    ----------
    .. [1] RFC 9457, Problem Details for HTTP APIs.
    """
    title = HTTPStatus(status).phrase
    content: dict[str, Any] = {
        "type": f"urn:weir:problem:{slug or title.lower().replace(' ', '-')}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "errors": list(errors),
    }
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id is not None:
        content["request_id"] = request_id
    return Response(
        orjson.dumps(content),
        status,
        headers={**_HEADERS.get(status, {}), **(headers or {})},
        media_type=MEDIA_TYPE,
    )


def _slug(error: WeirError) -> str:
    name = type(error).__name__
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]


def status_of(error: WeirError) -> HTTPStatus | None:
    """Tell with which status an error is answered.

    Parameters
    ----------
    error : WeirError
        What was raised.

    Returns
    -------
    http.HTTPStatus or None
        None if its class is not meant for callers.
    """
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), None)


def problem_of(error: WeirError) -> Response:
    """Write the problem that an error of ours is to its caller.

    Parameters
    ----------
    error : WeirError
        What was raised.

    Returns
    -------
    fastapi.Response
        The status of its class; 500 without its words where the class is not meant for callers.
    """
    status = status_of(error)
    if status is None:
        structlog.get_logger().error("unexpected_error", exc_info=error)
        return internal_problem()
    errors: FieldErrors = getattr(error, "errors", ())
    if not errors and error.field is not None:
        errors = [{"field": error.field, "detail": error.detail}]
    headers: Mapping[str, str] = getattr(error, "headers", {})
    return problem(status, error.detail, slug=_slug(error), errors=errors, headers=headers)


def internal_problem() -> Response:
    """Write the problem for a fault of ours, without telling what it was.

    Returns
    -------
    fastapi.Response
        Status 500.
    """
    return problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "the server failed; nothing of the request was kept; quote the request_id when you report",
    )


def handle_errors(app: FastAPI) -> None:
    """Have every error of an application answered as a problem.

    Parameters
    ----------
    app : fastapi.FastAPI
        The application.
    """

    async def ours(request: Request, error: Exception) -> Response:
        if not isinstance(error, WeirError):
            raise error
        if isinstance(error, StoreUnavailable):
            request.app.state.runtime.metrics.store_failures.inc()
        return problem_of(error)

    async def refused(_request: Request, error: Exception) -> Response:
        if not isinstance(error, RequestValidationError):
            raise error
        return problem_of(InvalidRequest(field_errors(error), reads=True))

    async def http(_request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        return problem(error.status_code, _detail(error), headers=error.headers)

    app.add_exception_handler(WeirError, ours)
    app.add_exception_handler(RequestValidationError, refused)
    app.add_exception_handler(HTTPException, http)


def _detail(error: HTTPException) -> str:
    known = {
        HTTPStatus.NOT_FOUND: "no such route; see /openapi.json",
        HTTPStatus.METHOD_NOT_ALLOWED: "this route has other methods; see the Allow header",
    }
    return known.get(HTTPStatus(error.status_code), str(error.detail))
