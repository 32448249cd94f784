"""Rules in the store: every version, and what is in force now."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from models.rulebook import RuleStatus
from models.rules import Action
from service.store.rule_tables import RULEBOOK_MOVES, RULES


class StoredRule(NamedTuple):
    """One version of a rule.

    Parameters
    ----------
    rule_id : str
        The rule.
    version : int
        From 1.
    owner, agency : str
        Key id of who drafted it, and whom they work for.
    text, action, ports, predicate, expires_at
        As in `models.rulebook.Rule`; ports are a sorted list.
    drafted_at : datetime.datetime
        When it was drafted.
    released_at, released_by, retired_at, retired_by
        When and by whom it was put in force and taken out again.
    """

    rule_id: str
    version: int
    owner: str
    agency: str
    text: str
    action: Action
    ports: list[str] | None
    predicate: str
    expires_at: datetime | None
    drafted_at: datetime
    released_at: datetime | None = None
    released_by: str | None = None
    retired_at: datetime | None = None
    retired_by: str | None = None

    @property
    def status(self) -> RuleStatus:
        """Whether it is drafted, in force, or no more."""
        if self.retired_at is not None:
            return "retired"
        return "draft" if self.released_at is None else "released"


def _version(rule_id: str, version: int) -> ColumnElement[bool]:
    return (RULES.c.rule_id == rule_id) & (RULES.c.version == version)


def add_rule(connection: Connection, rule: StoredRule) -> None:
    """Store a draft.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    rule : StoredRule
        The new version.
    """
    connection.execute(insert(RULES).values(rule._asdict()))


def versions_of_rule(connection: Connection, rule_id: str) -> list[StoredRule]:
    """Read the versions of a rule.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    rule_id : str
        The rule.

    Returns
    -------
    list of StoredRule
        Latest first; empty if there is no such rule.
    """
    query = select(RULES).where(RULES.c.rule_id == rule_id).order_by(RULES.c.version.desc())
    return [StoredRule(*row) for row in connection.execute(query)]


def latest_rules(connection: Connection, after: str, most: int) -> list[StoredRule]:
    """Read the latest version of rules.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    after : str
        The rule before the first.
    most : int
        Most rules to read.

    Returns
    -------
    list of StoredRule
        In order of `rule_id`.
    """
    later = RULES.alias("later")
    newest = (
        select(func.max(later.c.version))
        .where(later.c.rule_id == RULES.c.rule_id)
        .scalar_subquery()
    )
    query = select(RULES).where(RULES.c.rule_id > after, RULES.c.version == newest)
    rows = connection.execute(query.order_by(RULES.c.rule_id).limit(most))
    return [StoredRule(*row) for row in rows]


def rules_in_force(connection: Connection) -> list[StoredRule]:
    """Read the released versions, expired ones included.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    list of StoredRule
        In order of `rule_id`.
    """
    query = select(RULES).where(RULES.c.released_at.is_not(None), RULES.c.retired_at.is_(None))
    return [StoredRule(*row) for row in connection.execute(query.order_by(RULES.c.rule_id))]


def mark_released(connection: Connection, rule: StoredRule, by: str, now: datetime) -> None:
    """Put a version in force, in the place of another one of the same rule.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    rule : StoredRule
        The version.
    by : str
        Key id of who releases it.
    now : datetime.datetime
        The present moment.
    """
    replaced = update(RULES).where(
        RULES.c.rule_id == rule.rule_id,
        RULES.c.released_at.is_not(None),
        RULES.c.retired_at.is_(None),
    )
    connection.execute(replaced.values(retired_at=now, retired_by=by))
    this = update(RULES).where(_version(rule.rule_id, rule.version))
    connection.execute(this.values(released_at=now, released_by=by))
    note_move(connection, now)


def mark_retired(connection: Connection, rule: StoredRule, by: str, now: datetime) -> None:
    """Take a version out of force, or drop a draft.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    rule : StoredRule
        The version.
    by : str
        Key id of who retires it.
    now : datetime.datetime
        The present moment.
    """
    this = update(RULES).where(_version(rule.rule_id, rule.version))
    connection.execute(this.values(retired_at=now, retired_by=by))
    note_move(connection, now)


def note_move(connection: Connection, now: datetime) -> None:
    """Tell all workers that what is in force has changed.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    now : datetime.datetime
        The present moment.
    """
    connection.execute(insert(RULEBOOK_MOVES).values(moved_at=now))


def last_move(connection: Connection) -> int:
    """Tell the number of the last change of what is in force.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    int
        0 if nothing ever was.
    """
    return connection.execute(select(func.max(RULEBOOK_MOVES.c.move))).scalar() or 0
