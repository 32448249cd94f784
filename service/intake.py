"""Use case: one micro-batch of postings, those to be ranked and those to be decided at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from features.errors import WeirError
from service.shifts.deciding import Lanes, decide_items, no_lane, open_lanes
from service.targeting import Answer, Desk, Request, accept


def take_in(
    connection: Connection, requests: Sequence[Request], now: datetime, desk: Desk
) -> list[list[Answer] | WeirError]:
    """Store and score what was posted, and decide where a decision is asked for.

    All of it is in the caller's transaction: a decision and its propensity are as durable as
    the answer. Nothing of this waits for the chain of acts.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write; the caller commits it.
    requests : sequence of Request
        Requests that share no item.
    now : datetime.datetime
        When they came.
    desk : Desk
        What taking items in depends on.

    Returns
    -------
    list of (list of Answer, or WeirError)
        Per request, its answers in order, or the error that refuses it as a whole.
    """
    asked = [item for request in requests if request.decides for item in request.items]
    lanes = open_lanes(connection, asked, now)
    kept = [request for request in requests if _without_lane(request, lanes) is None]
    answers = dict(zip(map(id, kept), accept(connection, kept, now, desk), strict=True))
    decided = _decide(connection, kept, answers, (lanes, now, desk))
    return [
        _without_lane(request, lanes) or decided.get(id(request)) or answers[id(request)]
        for request in requests
    ]


def _without_lane(request: Request, lanes: Lanes) -> WeirError | None:
    if not request.decides:
        return None
    return next(
        (no_lane(item) for item in request.items if (item.port, item.mode) not in lanes), None
    )


def _decide(
    connection: Connection,
    requests: Sequence[Request],
    answers: Mapping[int, list[Answer] | WeirError],
    occasion: tuple[Lanes, datetime, Desk],
) -> dict[int, list[Answer]]:
    lanes, now, desk = occasion
    open_ones = [
        request
        for request in requests
        if request.decides and isinstance(answers[id(request)], list)
    ]
    if not open_ones:
        return {}
    ids = [item.item_id for request in open_ones for item in request.items]
    replies = decide_items(connection, ids, lanes, now, desk.tokens)
    return {id(request): [replies[item.item_id] for item in request.items] for request in open_ones}
