"""Models: which one answers, which is in shadow, what each is, and who may change that."""

from asyncio import to_thread
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import RedirectResponse

from models.manifest import VERSION_PATTERN
from service.acting import Deed
from service.api.acts import act
from service.api.runtime import Parts, Runtime
from service.choosing import (
    challenge,
    check_installed,
    check_promotable,
    go_back,
    list_models,
    promote_by_two,
    switch,
)
from service.describing import describe_bundle
from service.web.access import Visitor
from service.web.rendering import render
from service.web.routing import PageRoute

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Version = Annotated[str, Path(pattern=VERSION_PATTERN)]
States = Literal[
    "proposed", "promoted", "rolled_back", "killed", "restored", "challenging", "retired"
]
Done = Annotated[States | None, Query()]


@router.get("/models")
def read_models(session: Visitor, parts: Parts, done: Done = None) -> Response:
    """Tell which models there are, and how the one in shadow compares."""
    with parts.store.read() as connection:
        listed = list_models(connection, parts.settings.state_dir, parts.clock())
    return render("models.html", session, **listed, done=done)


@router.get("/models/shipped")
def read_shipped_model(session: Visitor, parts: Parts) -> Response:
    """Show the card and the targets of the bundle that Weir ships."""
    return _describe(session, parts, None, None)


@router.get("/models/{version}")
def read_model(session: Visitor, parts: Parts, version: Version, done: Done = None) -> Response:
    """Show the card and the targets of an installed bundle."""
    return _describe(session, parts, version, done)


def _describe(session: Visitor, parts: Runtime, version: str | None, done: Done) -> Response:
    state_dir, now = parts.settings.state_dir, parts.clock()
    model = describe_bundle(state_dir, version, parts.loaded)
    with parts.store.read() as connection:
        listed = list_models(connection, state_dir, now)
    return render("model.html", session, model=model, named=version, **listed, done=done)


@router.post("/models/{version}/promote")
async def promote_model(session: Visitor, parts: Parts, version: Version) -> Response:
    """Propose an installed bundle, or confirm what somebody else proposed."""
    state_dir = parts.settings.state_dir
    verified = await to_thread(check_promotable, state_dir, version, parts.loaded)
    deed = promote_by_two(session.principal, verified, state_dir)
    return await _do(parts, deed, f"/models/{version}")


@router.post("/models/{version}/challenge")
async def challenge_with_model(session: Visitor, parts: Parts, version: Version) -> Response:
    """Put an installed bundle in shadow."""
    await to_thread(check_installed, parts.settings.state_dir, version, parts.loaded)
    return await _do(parts, challenge(session.principal, version), "/models")


@router.post("/models/retire-challenger")
async def retire_challenger(session: Visitor, parts: Parts) -> Response:
    """Take the bundle in shadow out of it."""
    return await _do(parts, challenge(session.principal, None), "/models")


@router.post("/models/rollback")
async def roll_back_model(session: Visitor, parts: Parts) -> Response:
    """Go back to the bundle that was in use before the last promotion."""
    return await _do(parts, go_back(session.principal, parts.settings.state_dir), "/models")


@router.post("/models/kill")
async def kill_models(session: Visitor, parts: Parts) -> Response:
    """Let the rules alone answer."""
    return await _do(parts, switch(session.principal, kill=True), "/models")


@router.post("/models/restore")
async def restore_models(session: Visitor, parts: Parts) -> Response:
    """Let the champion answer again."""
    return await _do(parts, switch(session.principal, kill=False), "/models")


async def _do(parts: Runtime, deed: Deed, path: str) -> Response:
    told = await act(parts.acting, deed)
    return RedirectResponse(f"{path}?done={told['state']}", HTTPStatus.SEE_OTHER)
