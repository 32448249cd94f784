"""Use case: one micro-batch of postings, those to be ranked and those to be decided at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from features.errors import WeirError
from service.accepting import Answer, Desk, Request, accept
from service.shifts.deciding import Lanes, decide_items, no_lane, open_lanes
from service.store.engine import Store


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
    refusals = [_without_lane(request, lanes) for request in requests]
    # without its items, a request that has no lane is still held against its key
    taken = [
        request._replace(items=()) if refusal else request
        for request, refusal in zip(requests, refusals, strict=True)
    ]
    answers = accept(connection, taken, now, desk)
    decided = _decide(connection, zip(taken, answers, strict=True), (lanes, now, desk))
    return [
        _reply(request, answer if isinstance(answer, WeirError) else refusal or answer, decided)
        for request, answer, refusal in zip(requests, answers, refusals, strict=True)
    ]


def take_in_durably(
    store: Store, requests: Sequence[Request], now: datetime, desk: Desk
) -> list[list[Answer] | WeirError]:
    """Take in a micro-batch in a transaction of its own, with one commit.

    Parameters
    ----------
    store : Store
        Where to.
    requests : sequence of Request
        Requests that share no item.
    now : datetime.datetime
        When they came.
    desk : Desk
        What taking items in depends on.

    Returns
    -------
    list of (list of Answer, or WeirError)
        As `take_in` gives it; what it says is durable.
    """
    with store.write() as connection:
        answers = take_in(connection, requests, now, desk)
    if desk.recent is not None:
        desk.recent.settle()
    return answers


def _without_lane(request: Request, lanes: Lanes) -> WeirError | None:
    if not request.decides:
        return None
    return next(
        (no_lane(item) for item in request.items if (item.port, item.mode) not in lanes), None
    )


def _decide(
    connection: Connection,
    answered: Iterable[tuple[Request, list[Answer] | WeirError]],
    occasion: tuple[Lanes, datetime, Desk],
) -> Mapping[str, Answer]:
    lanes, now, desk = occasion
    ids = [
        item.item_id
        for request, answer in answered
        if request.decides and isinstance(answer, list)
        for item in request.items
    ]
    return decide_items(connection, ids, lanes, now, desk.tokens) if ids else {}


def _reply(
    request: Request, answer: list[Answer] | WeirError, decided: Mapping[str, Answer]
) -> list[Answer] | WeirError:
    if isinstance(answer, WeirError) or not request.decides:
        return answer
    return [decided[item.item_id] for item in request.items]
