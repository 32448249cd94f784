"""Late evidence in the store: one ledger for all agencies, in which one event counts once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, exists, insert, select

from features.entities import signal_key
from features.records import LateOutcome
from service.store.finding_tables import OUTCOMES
from service.store.tables import ENTITY_ITEMS, INSPECTIONS, ITEMS
from service.store.tokens import Tokens

SAME_EVENT = timedelta(hours=72)
"""Reports about one target that lie no further apart can tell of one event.

An own find of the item is the event. Otherwise it is the earliest event of the same kind about
the same target (the matched item, else the entity) that began within this time and that the
reporting agency has not reported yet: an agency knows its own cases apart. Otherwise the report
is the first of a new event.
"""

JOURNEY = timedelta(days=30)
"""How long after its departure a seizure can still be of that item."""


class StoredOutcome(NamedTuple):
    """One report of late evidence.

    Parameters
    ----------
    outcome_id, kind : str
        The report.
    item_id : str or None
        The item that it names.
    entity_kind, token : str or None
        The entity that it names, as a token.
    token_key : int
        Number of the key behind the token.
    matched_item : str or None
        The item that it is about.
    event_id : str
        The event; reports of one event share it.
    agency : str
        Who reports.
    happened_at, recorded_at : datetime.datetime
        When it happened, and when it became known here.
    permitted_use : str
        What it may be used for.
    """

    outcome_id: str
    kind: str
    item_id: str | None
    entity_kind: str | None
    token: str | None
    token_key: int
    matched_item: str | None
    event_id: str
    agency: str
    happened_at: datetime
    recorded_at: datetime
    permitted_use: str


def known_outcomes(connection: Connection, ids: Sequence[str]) -> dict[str, StoredOutcome]:
    """Read reports.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    ids : sequence of str
        Reports to look for.

    Returns
    -------
    dict of str to StoredOutcome
        Only those that are stored.
    """
    rows = connection.execute(select(OUTCOMES).where(OUTCOMES.c.outcome_id.in_(ids)))
    return {row.outcome_id: StoredOutcome(*row) for row in rows}


def add_outcome(connection: Connection, outcome: StoredOutcome) -> None:
    """Store a report.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    outcome : StoredOutcome
        New.
    """
    connection.execute(insert(OUTCOMES).values(outcome._asdict()))


def outcome_row(late: LateOutcome, tokens: Tokens, token_key: int) -> StoredOutcome:
    """Write late evidence as the store keeps it, not yet matched to anything.

    Parameters
    ----------
    late : LateOutcome
        The evidence, about an item or an entity.
    tokens : Tokens
        Makes the token that stands for its entity.
    token_key : int
        Number of the key behind it.

    Returns
    -------
    StoredOutcome
        Its event is itself; `settle` finds the right one.
    """
    token = None
    if late.entity is not None and late.entity_kind is not None:
        token = tokens.token(late.entity_kind, signal_key(late.entity_kind, late.entity))
    return StoredOutcome(
        **late.model_dump(exclude={"entity"}),
        token=token,
        token_key=token_key,
        matched_item=None,
        event_id=late.outcome_id,
    )


def settle(connection: Connection, outcome: StoredOutcome) -> StoredOutcome:
    """Find the item and the event that late evidence is about.

    A gun is traced years after it crossed, and nothing says on which journey: traces of an
    entity match no item. A seizure is of the last item that named the entity before it, at
    most `JOURNEY` earlier.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    outcome : StoredOutcome
        The evidence.

    Returns
    -------
    StoredOutcome
        The same with `matched_item` and `event_id`.
    """
    matched = outcome.item_id
    if matched is None and outcome.kind != "trace":
        matched = _last_item(connection, outcome)
    found = outcome._replace(matched_item=matched)
    event = _own_find(connection, found) or _reported(connection, found) or found.outcome_id
    return found._replace(event_id=event)


def _last_item(connection: Connection, outcome: StoredOutcome) -> str | None:
    query = (
        select(ENTITY_ITEMS.c.item_id)
        .join(ITEMS, ITEMS.c.item_id == ENTITY_ITEMS.c.item_id)
        .where(
            ENTITY_ITEMS.c.token == outcome.token,
            ENTITY_ITEMS.c.kind == outcome.entity_kind,
            ITEMS.c.superseded_by.is_(None),
            ITEMS.c.presented_at.between(outcome.happened_at - JOURNEY, outcome.happened_at),
        )
        .order_by(ITEMS.c.presented_at.desc(), ITEMS.c.item_id.desc())
    )
    found: str | None = connection.execute(query.limit(1)).scalar()
    return found


def _own_find(connection: Connection, outcome: StoredOutcome) -> str | None:
    if outcome.matched_item is None or outcome.kind == "trace":
        return None
    later = INSPECTIONS.alias("later")
    query = (
        select(INSPECTIONS.c.inspection_id)
        .where(
            INSPECTIONS.c.item_id == outcome.matched_item,
            INSPECTIONS.c.outcome == "find",
            INSPECTIONS.c.found_at.between(*_around(outcome.happened_at)),
            ~exists().where(later.c.supersedes == INSPECTIONS.c.inspection_id),
        )
        .order_by(INSPECTIONS.c.found_at, INSPECTIONS.c.inspection_id)
    )
    found: str | None = connection.execute(query.limit(1)).scalar()
    return found


def _reported(connection: Connection, outcome: StoredOutcome) -> str | None:
    if outcome.matched_item is not None:
        target = OUTCOMES.c.matched_item == outcome.matched_item
    else:
        target = (
            OUTCOMES.c.matched_item.is_(None)
            & (OUTCOMES.c.token == outcome.token)
            & (OUTCOMES.c.entity_kind == outcome.entity_kind)
        )
    mine = OUTCOMES.alias("mine")
    query = (
        select(OUTCOMES.c.event_id)
        .where(
            target,
            OUTCOMES.c.outcome_id == OUTCOMES.c.event_id,
            OUTCOMES.c.kind == outcome.kind,
            OUTCOMES.c.happened_at.between(*_around(outcome.happened_at)),
            ~exists().where(
                mine.c.event_id == OUTCOMES.c.event_id, mine.c.agency == outcome.agency
            ),
        )
        .order_by(OUTCOMES.c.happened_at, OUTCOMES.c.outcome_id)
    )
    found: str | None = connection.execute(query.limit(1)).scalar()
    return found


def _around(moment: datetime) -> tuple[datetime, datetime]:
    return moment - SAME_EVENT, moment + SAME_EVENT
