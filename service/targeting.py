"""Use case: ranking what has not left."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from service.accepting import Answer, answer_from
from service.auth import Principal
from service.store.planned import exams_chosen
from service.store.queue import QueueFilter, queue, write_cursor
from service.store.scores import MUST_INSPECT


def rank(
    connection: Connection,
    principal: Principal,
    now: datetime,
    wanted: QueueFilter,
    *,
    bodies: bool = False,
) -> Answer:
    """Give a page of the queue of what has not left, within the caller's reach.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller; a port out of reach was refused before.
    now : datetime.datetime
        The present moment.
    wanted : QueueFilter
        What the page shows.
    bodies : bool
        Whether each item's `body` is given, with tokens in place of identifiers, and `chosen`,
        the exam that a shift chose for it, None where none did.

    Returns
    -------
    Answer
        `items`, most urgent first, each answer with what tells the items apart and who has it
        in hand; `cursor`, where the next page begins, None on the last one.
    """
    ports = wanted.ports if wanted.ports is not None else principal.ports
    # one more than is shown tells whether there is another page
    one_more = wanted._replace(
        ports=None if ports is None else sorted(ports), limit=wanted.limit + 1
    )
    rows = queue(connection, now, one_more)
    page = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    chosen = exams_chosen(connection, [row.item_id for row in page]) if bodies else {}
    return {
        "items": [
            _entry(row, principal)
            | ({"body": row.body, "chosen": chosen.get(row.item_id)} if bodies else {})
            for row in page
        ],
        "cursor": write_cursor(page[-1], wanted.order) if more else None,
    }


def _entry(row: Row[Any], principal: Principal) -> Answer:
    names = ("kind", "mode", "port", "destination", "presented_at", "departs_at", "leaves_at")
    mine = row.claimed_by == principal.key_id
    held = {"mine": mine, "holder": row.claimed_by, "expires_at": row.claimed_until}
    claim = held if row.claimed_by else None
    return (
        answer_from(row)
        | {"version": row.version, "must_inspect": row.tier == MUST_INSPECT, "claim": claim}
        | {"cluster_id": row.cluster, "cluster_size": row.cluster_size}
        | {name: getattr(row, name) for name in names}
    )
