"""From a route to an act and back to a reply."""

from asyncio import wrap_future
from http import HTTPStatus

import orjson
from fastapi import Response

from service.acting import Acting, Deed, Reply


async def act(lane: Acting, deed: Deed) -> Reply:
    """Have an act done, and wait until it is durable.

    Parameters
    ----------
    lane : Acting
        Where it waits: `recording` for what officers do, `acting` for all else.
    deed : callable
        What to do.

    Returns
    -------
    dict
        What it replies.
    """
    return await wrap_future(lane.submit(deed))


async def act_reply(lane: Acting, deed: Deed, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Have an act done, and write its reply once it is durable.

    Parameters
    ----------
    lane : Acting
        Where it waits: `recording` for what officers do, `acting` for all else.
    deed : callable
        What to do.
    status : http.HTTPStatus
        Status of the reply.

    Returns
    -------
    fastapi.Response
        JSON.
    """
    content = orjson.dumps(await act(lane, deed), option=orjson.OPT_UTC_Z)
    return Response(content, status, media_type="application/json")
