"""Models live, in the store: proposals, the challenger and its scores, the kill switch."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, exists, func, insert, select, update

from service.store.champions import champion, rollback_target
from service.store.model_tables import CHALLENGERS, PROPOSALS, SHADOW_SCORES, SWITCHES
from service.store.tables import CHAMPIONS, INSPECTIONS, SCORES

PROPOSAL_LASTS = timedelta(days=7)
"""How long a proposal waits for somebody to confirm it."""


class Proposal(NamedTuple):
    """A proposal to promote a bundle that nobody has confirmed yet.

    Parameters
    ----------
    proposal : int
        Its number.
    version : str
        The bundle.
    proposed_by : str
        Key id.
    proposed_at : datetime.datetime
        When.
    """

    proposal: int
    version: str
    proposed_by: str
    proposed_at: datetime


class Pointers(NamedTuple):
    """What the store says about models.

    Parameters
    ----------
    champion : str or None
        The bundle in use, None for the shipped one.
    challenger : str or None
        The bundle in shadow, None for none.
    killed : bool
        Whether the rules alone answer.
    """

    champion: str | None
    challenger: str | None
    killed: bool


def pointers(connection: Connection) -> Pointers:
    """Read where the pointers point.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    Pointers
        All of one moment.
    """
    return Pointers(champion(connection), challenger(connection), is_killed(connection))


def challenger(connection: Connection) -> str | None:
    """Name the bundle in shadow.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    str or None
        None for none.
    """
    query = select(CHALLENGERS.c.version).order_by(CHALLENGERS.c.move.desc()).limit(1)
    found: str | None = connection.execute(query).scalar()
    return found


def is_killed(connection: Connection) -> bool:
    """Tell whether the kill switch is thrown.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    bool
        True if the rules alone answer.
    """
    query = select(SWITCHES.c.action).order_by(SWITCHES.c.move.desc()).limit(1)
    return connection.execute(query).scalar() == "kill"


def throw_switch(connection: Connection, action: str, key_id: str, now: datetime) -> None:
    """Throw the kill switch, or put it back.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    action : str
        `kill` or `restore`.
    key_id : str
        By whom.
    now : datetime.datetime
        The present moment.
    """
    connection.execute(insert(SWITCHES).values(action=action, moved_at=now, key_id=key_id))


def set_challenger(connection: Connection, version: str | None, key_id: str, now: datetime) -> None:
    """Point at another challenger, or at none.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    version : str or None
        Version of an installed bundle.
    key_id : str
        By whom.
    now : datetime.datetime
        The present moment.
    """
    connection.execute(insert(CHALLENGERS).values(version=version, moved_at=now, key_id=key_id))


def open_proposals(connection: Connection, now: datetime) -> list[Proposal]:
    """List proposals that wait for somebody to confirm them.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    list of Proposal
        The latest first.
    """
    columns = [PROPOSALS.c[name] for name in Proposal._fields]
    query = (
        select(*columns)
        .where(PROPOSALS.c.confirmed_at.is_(None), PROPOSALS.c.proposed_at > now - PROPOSAL_LASTS)
        .order_by(PROPOSALS.c.proposal.desc())
    )
    return [Proposal(*row) for row in connection.execute(query)]


def add_proposal(connection: Connection, version: str, key_id: str, now: datetime) -> None:
    """Store a proposal.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    version : str
        The bundle.
    key_id : str
        By whom.
    now : datetime.datetime
        The present moment.
    """
    connection.execute(
        insert(PROPOSALS).values(version=version, proposed_by=key_id, proposed_at=now)
    )


def confirm(connection: Connection, proposal: Proposal, key_id: str, now: datetime) -> None:
    """Put down who confirmed a proposal.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    proposal : Proposal
        An open one.
    key_id : str
        By whom.
    now : datetime.datetime
        The present moment.
    """
    connection.execute(
        update(PROPOSALS)
        .where(PROPOSALS.c.proposal == proposal.proposal)
        .values(confirmed_by=key_id, confirmed_at=now)
    )


def wanted_soon(connection: Connection, now: datetime) -> list[str | None]:
    """Name bundles that may be in use at any moment, so that they can be loaded before.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    list of (str or None)
        The latest proposal, and what a rollback would go to; None for the shipped one.
    """
    soon: list[str | None] = [each.version for each in open_proposals(connection, now)[:1]]
    if champion(connection) is not None:
        soon.append(rollback_target(connection))
    return soon


def compared(connection: Connection, bundle: str) -> dict[str, Any]:
    """Compare what a challenger would have answered with what was answered.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    bundle : str
        The challenger.

    Returns
    -------
    dict
        `n_scored` items that both judged, mean risks of both over them, and over those with a
        find and those that were clear, with `n_finds` and `n_clear`.
    """
    later = INSPECTIONS.alias("later")

    def came_to(outcome: str) -> Any:  # noqa: ANN401 - a condition
        return exists().where(
            INSPECTIONS.c.item_id == SHADOW_SCORES.c.item_id,
            INSPECTIONS.c.outcome == outcome,
            ~exists().where(later.c.supersedes == INSPECTIONS.c.inspection_id),
        )

    both = (
        select(
            SHADOW_SCORES.c.risk.label("shadow"),
            SCORES.c.risk.label("answered"),
            came_to("find").label("found"),
            and_(came_to("clear"), ~came_to("find")).label("clear"),
        )
        .join(
            SCORES,
            and_(
                SCORES.c.item_id == SHADOW_SCORES.c.item_id,
                SCORES.c.version == SHADOW_SCORES.c.version,
            ),
        )
        .where(SHADOW_SCORES.c.bundle == bundle, SCORES.c.risk.is_not(None))
        .subquery()
    )
    means = {
        f"{who}_mean_risk{suffix}": func.avg(case((where, both.c[column])))
        for suffix, where in (
            ("", both.c.answered.is_not(None)),
            ("_of_finds", both.c.found),
            ("_of_clear", both.c.clear),
        )
        for who, column in (("challenger", "shadow"), ("champion", "answered"))
    }
    counts = {
        "n_scored": func.count(),
        "n_finds": func.count(case((both.c.found, 1))),
        "n_clear": func.count(case((both.c.clear, 1))),
    }
    columns = {**counts, **means}
    query = select(*(column.label(name) for name, column in columns.items())).select_from(both)
    return {str(name): value for name, value in connection.execute(query).mappings().one().items()}


def moves(connection: Connection, most: int = 20) -> list[dict[str, Any]]:
    """List the latest moves of the champion pointer, the last one first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    most : int
        Most moves to list.

    Returns
    -------
    list of dict
        `action, version, moved_at`.
    """
    columns = [CHAMPIONS.c[name] for name in ("action", "version", "moved_at")]
    query = select(*columns).order_by(CHAMPIONS.c.move.desc()).limit(most)
    return [
        {"action": row.action, "version": row.version, "moved_at": row.moved_at}
        for row in connection.execute(query)
    ]
