"""Dependencies that let a caller in, or not."""

from typing import Annotated

from fastapi import Depends, Request

from service.api.runtime import Parts
from service.auth import Principal, authenticate, authorise


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
    RoleForbidden
        If the route is not for the caller's role.
    """
    with parts.store.read() as connection:
        principal = authenticate(connection, request.headers.get("authorization"))
    authorise(principal, request.method, request.scope["route"].path)
    return principal


Caller = Annotated[Principal, Depends(caller)]
"""A route's caller, whose key and role were accepted."""
