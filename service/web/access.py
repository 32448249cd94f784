"""Who is signed in, and whether this page is theirs."""

from typing import Annotated

from fastapi import Depends, Request

from service.api.runtime import Parts
from service.auth import authorise
from service.sessions import ForgedForm, Session, find_out, go_on
from service.web.cookies import read_cookie
from service.web.forms import FORM_TOKEN

_OWN = frozenset({"same-origin", "none"})


def refuse_foreign(request: Request) -> None:
    """Refuse a form that a page of another site sent, where the browser tells.

    Parameters
    ----------
    request : fastapi.Request
        A request that changes something.

    Raises
    ------
    ForgedForm
        If it came from another site.
    """
    if request.headers.get("sec-fetch-site", "none") not in _OWN:
        raise ForgedForm("this form came from another site; open the page here and resend it")


def watcher(request: Request, parts: Parts) -> Session:
    """Find out who is signed in, without taking the request for something that somebody did.

    Parameters
    ----------
    request : fastapi.Request
        The request.
    parts : Runtime
        The server's parts.

    Returns
    -------
    Session
        Who it is.

    Raises
    ------
    NotSignedIn
        If nobody is.
    TooManyRequests
        If the key calls faster than it may.
    RoleForbidden
        If the page is not for the role.
    ForgedForm
        If a form is none of this session's.
    """
    with parts.store.read() as connection:
        token, idle = read_cookie(request), parts.settings.idle_time
        session = find_out(connection, token, parts.clock(), idle)
    parts.limits.take(session.principal.key_id, parts.settings.caller_rate)
    authorise(session.principal, request.method, request.scope["route"].path)
    if request.method == "POST":
        refuse_foreign(request)
        session.require_own(request.state.form.get(FORM_TOKEN, ""))
    return session


def visitor(parts: Parts, session: Annotated[Session, Depends(watcher)]) -> Session:
    """Find out who is signed in, and put down that they did something.

    Parameters
    ----------
    parts : Runtime
        The server's parts.
    session : Session
        Who it is.

    Returns
    -------
    Session
        The same.
    """
    if session.stale:
        parts.acting.submit(go_on(session)).result()
    return session


Watcher = Annotated[Session, Depends(watcher)]
"""Who looks on: a page that refreshes itself keeps nobody signed in."""

Visitor = Annotated[Session, Depends(visitor)]
"""Who opened the page or sent the form."""
