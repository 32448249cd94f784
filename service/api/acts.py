"""From a route to an act and back to a reply."""

from asyncio import wrap_future
from http import HTTPStatus

import orjson
from fastapi import Response

from service.acting import Deed, Reply
from service.api.runtime import Runtime


async def act(parts: Runtime, deed: Deed) -> Reply:
    """Have an act done, and wait until it is durable.

    Parameters
    ----------
    parts : Runtime
        The server's parts.
    deed : callable
        What to do.

    Returns
    -------
    dict
        What it replies.
    """
    return await wrap_future(parts.acting.submit(deed))


async def act_reply(parts: Runtime, deed: Deed, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Have an act done, and write its reply once it is durable.

    Parameters
    ----------
    parts : Runtime
        The server's parts.
    deed : callable
        What to do.
    status : http.HTTPStatus
        Status of the reply.

    Returns
    -------
    fastapi.Response
        JSON.
    """
    content = orjson.dumps(await act(parts, deed), option=orjson.OPT_UTC_Z)
    return Response(content, status, media_type="application/json")
