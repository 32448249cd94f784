"""Late evidence in the store: one ledger for all agencies, in which one event counts once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, exists, insert, select

from service.store.finding_tables import OUTCOMES
from service.store.tables import ENTITY_ITEMS, INSPECTIONS, ITEMS

SAME_EVENT = timedelta(hours=72)
"""Reports about one target that lie no further apart can tell of one event."""

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


def last_item_of(
    connection: Connection, entity_kind: str, token: str, happened_at: datetime
) -> str | None:
    """Find the item that an entity was last on before something happened to it.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    entity_kind, token : str
        The entity.
    happened_at : datetime.datetime
        When it happened.

    Returns
    -------
    str or None
        The latest item that named it at most `JOURNEY` before; None if there is none.
    """
    query = (
        select(ENTITY_ITEMS.c.item_id)
        .join(ITEMS, ITEMS.c.item_id == ENTITY_ITEMS.c.item_id)
        .where(
            ENTITY_ITEMS.c.token == token,
            ENTITY_ITEMS.c.kind == entity_kind,
            ITEMS.c.superseded_by.is_(None),
            ITEMS.c.presented_at <= happened_at,
            ITEMS.c.presented_at >= happened_at - JOURNEY,
        )
        .order_by(ITEMS.c.presented_at.desc(), ITEMS.c.item_id.desc())
        .limit(1)
    )
    found: str | None = connection.execute(query).scalar()
    return found


def event_of(connection: Connection, outcome: StoredOutcome) -> str:
    """Decide which event a report tells of.

    An own find of the item within `SAME_EVENT` is the event. Otherwise it is the earliest event
    of the same kind about the same target (the matched item, else the entity) that began within
    `SAME_EVENT` and that this agency has not reported yet: an agency knows its own cases apart.
    Otherwise the report is the first of a new event.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    outcome : StoredOutcome
        The report, matched.

    Returns
    -------
    str
        Id of the event: an inspection, or the first report of it.
    """
    return _own_find(connection, outcome) or _reported(connection, outcome) or outcome.outcome_id


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
