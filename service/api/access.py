"""Dependencies that let a caller in, or not."""

from collections import Counter
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant

from service.api.problems import InvalidRequest
from service.api.runtime import Parts, Runtime
from service.auth import Principal, authenticate, authorise

_LONGEST_NAME = 100
_MOST_NAMES = 20


def caller(request: Request, parts: Parts) -> Principal:
    """Find out who calls, and refuse a role that may not call this route.

    Parameters
    ----------
    request : fastapi.Request
        The request.
    parts : Runtime
        The server's parts.

    Returns
    -------
    Principal
        The caller.

    Raises
    ------
    NotAuthenticated
        If there is no valid key.
    TooManyRequests
        If the key calls faster than it may.
    RoleForbidden
        If the route is not for the caller's role.
    InvalidRequest
        If a query parameter is unknown to the route or is given twice; names it.
    """
    with parts.store.read() as connection:
        principal = authenticate(connection, request.headers.get("authorization"))
    _admit(request, parts, principal)
    return principal


async def feeder(request: Request, parts: Runtime) -> Principal:
    """Find out who posts items, without a query for a caller who is known.

    A key that was revoked meanwhile is found out by the transaction that stores the items.

    Parameters
    ----------
    request : fastapi.Request
        The request.
    parts : Runtime
        The server's parts.

    Returns
    -------
    Principal
        The caller.

    Raises
    ------
    WeirError
        As `caller` does.
    """
    header = request.headers.get("authorization")
    principal = parts.known_callers.get(header)
    if principal is not None:
        _admit(request, parts, principal)
        return principal
    principal = await run_in_threadpool(caller, request, parts)
    parts.known_callers.remember(str(header), principal)
    return principal


def _admit(request: Request, parts: Runtime, principal: Principal) -> None:
    settings = parts.settings
    feeds = principal.role == "feed"
    parts.limits.take(principal.key_id, settings.feed_rate if feeds else settings.caller_rate)
    authorise(principal, request.method, request.scope["route"].path)
    if request.scope["query_string"]:
        _refuse_stray_parameters(request)


def _parameters(dependant: Dependant) -> set[str]:
    own = {parameter.alias for parameter in dependant.query_params}
    return own.union(*map(_parameters, dependant.dependencies))


def _refuse_stray_parameters(request: Request) -> None:
    known = _parameters(request.scope["route"].dependant)
    given = Counter(name for name, _ in request.query_params.multi_items())
    advice = {
        name: "this parameter is given twice; give it once"
        if name in known
        else f"this parameter is unknown; the route takes {', '.join(sorted(known)) or 'none'}"
        for name, times in given.items()
        if name not in known or times > 1
    }
    if advice:
        errors = [{"field": name[:_LONGEST_NAME], "detail": why} for name, why in advice.items()]
        reads = request.method == "GET"
        raise InvalidRequest(errors[:_MOST_NAMES], n_faults=len(errors), reads=reads)


Caller = Annotated[Principal, Depends(caller)]
"""A route's caller, whose key and role were accepted."""
