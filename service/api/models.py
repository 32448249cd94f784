"""Models live: which answers, which is in shadow, and the switch."""

from asyncio import to_thread
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Response

from models.manifest import VERSION_PATTERN
from service.api.access import Caller
from service.api.acts import act_reply
from service.api.model_schemas import ModelDone, ModelsReply
from service.api.runtime import Parts
from service.choosing import (
    challenge,
    check_installed,
    check_promotable,
    go_back,
    list_models,
    promote_by_two,
    switch,
)

router = APIRouter(prefix="/v1", tags=["models"])

Version = Annotated[str, Path(pattern=VERSION_PATTERN, description="An installed bundle.")]


@router.get("/models", response_model=ModelsReply)
def read_models(_principal: Caller, parts: Parts) -> Response:
    """Tell which models there are, and how the one in shadow compares."""
    with parts.store.read() as connection:
        content = list_models(connection, parts.settings.state_dir, parts.clock())
    return Response(orjson.dumps(content, option=orjson.OPT_UTC_Z), media_type="application/json")


@router.post("/models/{version}/promote", response_model=ModelDone)
async def promote_model(principal: Caller, parts: Parts, version: Version) -> Response:
    """Propose an installed bundle, or confirm what somebody else proposed: then it is in use.

    It must have met the targets that were stored before its fit.
    """
    state_dir = parts.settings.state_dir
    verified = await to_thread(check_promotable, state_dir, version, parts.loaded)
    return await act_reply(parts.acting, promote_by_two(principal, verified, state_dir))


@router.post("/models/rollback", response_model=ModelDone)
async def roll_back_model(principal: Caller, parts: Parts) -> Response:
    """Go back to the bundle that was in use before the last promotion."""
    return await act_reply(parts.acting, go_back(principal, parts.settings.state_dir))


@router.post("/models/kill", response_model=ModelDone)
async def kill_models(principal: Caller, parts: Parts) -> Response:
    """Let the rules alone answer, on every server within a second."""
    return await act_reply(parts.acting, switch(principal, kill=True))


@router.post("/models/restore", response_model=ModelDone)
async def restore_models(principal: Caller, parts: Parts) -> Response:
    """Let the champion answer again."""
    return await act_reply(parts.acting, switch(principal, kill=False))


@router.post("/models/{version}/challenge", response_model=ModelDone)
async def challenge_with_model(principal: Caller, parts: Parts, version: Version) -> Response:
    """Put an installed bundle in shadow: it judges every item, and nobody is shown what it says."""
    await to_thread(check_installed, parts.settings.state_dir, version, parts.loaded)
    return await act_reply(parts.acting, challenge(principal, version))


@router.delete("/models/challenger", response_model=ModelDone)
async def retire_challenger(principal: Caller, parts: Parts) -> Response:
    """Take the bundle in shadow out of it."""
    return await act_reply(parts.acting, challenge(principal, None))
