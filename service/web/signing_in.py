"""Signing in with a key for a shift, and out; where to begin."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from features.errors import WeirError
from features.reference.tables import ports
from service.api.acts import act
from service.api.problems import InvalidRequest, status_of
from service.api.runtime import Parts, Runtime
from service.auth import NotAuthenticated, PortForbidden, RoleForbidden
from service.sessions import NotSignedIn, Session, find_out, new_token, sign_in, sign_out
from service.web.access import Visitor, refuse_foreign
from service.web.cookies import (
    clear_cookie,
    read_cookie,
    require_private_transport,
    set_cookie,
)
from service.web.forms import Fields, Form
from service.web.rendering import render, tabs
from service.web.routing import PageRoute
from service.web.typed import local_path, read_typed

TRIES_PER_SECOND = 1.0
"""How often one address may try a key, ten at once."""

router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _signed_in(request: Request, parts: Runtime) -> Session | None:
    try:
        return _session(parts, read_cookie(request))
    except NotSignedIn:
        return None


def _session(parts: Runtime, token: str | None) -> Session:
    with parts.store.read() as connection:
        return find_out(connection, token, parts.clock(), parts.settings.idle_time)


@router.get("/")
def read_start(request: Request, parts: Parts) -> Response:
    """Go to the first page of who is signed in."""
    session = _signed_in(request, parts)
    if session is None:
        return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    own = tabs(session.principal)
    if own:
        return RedirectResponse(own[0].path, HTTPStatus.SEE_OTHER)
    return render("start.html", session)


@router.get("/sign-in")
def read_sign_in(request: Request) -> Response:
    """Show the form to sign in with."""
    require_private_transport(request)
    return render("sign_in.html", None, then="/", typed=None, fault=None, port="")


@router.post("/sign-in")
async def start_session(request: Request, parts: Parts, form: Form) -> Response:
    """Sign in, then go on where one was, with what was typed."""
    require_private_transport(request)
    refuse_foreign(request)
    parts.limits.take(f"sign-in {request.client.host if request.client else ''}", TRIES_PER_SECOND)
    token = new_token()
    try:
        port = _port(form)
        deed = sign_in(form.get("key", ""), port, token, parts.settings.session_time)
        await act(parts.acting, deed)
    except (NotAuthenticated, RoleForbidden, PortForbidden, InvalidRequest) as refused:
        return _refused(form, refused)
    then = local_path(form.get("then", "/"))
    typed = read_typed(then, form.get("typed", ""))
    # what was typed goes back by form, never in an address, which is logged and remembered
    response: Response = (
        render("resume.html", _session(parts, token), typed=typed)
        if typed
        else RedirectResponse(then, HTTPStatus.SEE_OTHER)
    )
    set_cookie(request, response, token)
    return response


def _port(form: Fields) -> str | None:
    port = form.get("port", "").strip()
    if port and port not in ports():
        advice = "no such port; give a Schedule D code such as 2304"
        raise InvalidRequest([{"field": "port", "detail": advice}], reads=True)
    return port or None


def _refused(form: Fields, refused: WeirError) -> Response:
    then = local_path(form.get("then", "/"))
    return render(
        "sign_in.html",
        None,
        status_of(refused) or HTTPStatus.UNAUTHORIZED,
        then=then,
        typed=read_typed(then, form.get("typed", "")),
        fault=refused.detail,
        port=form.get("port", ""),
    )


@router.post("/sign-out")
async def end_session(request: Request, parts: Parts, session: Visitor) -> Response:
    """Sign out."""
    await act(parts.acting, sign_out(session))
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    clear_cookie(request, response)
    return response
