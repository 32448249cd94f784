"""Use cases: drafting rules, releasing them by a second person, retiring them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from sqlalchemy import Connection

from features.errors import InvalidRecord, WeirError
from features.fields import PortCode, RecordId, Text, Time
from features.items import Record
from models.predicates.lexer import LONGEST_TEXT
from models.predicates.parse import parse
from models.rules import Action
from service.acting import Deed, Done, Reply
from service.auth import PortForbidden, Principal
from service.idempotency import Asked, once, plain_json
from service.store.rules import (
    StoredRule,
    add_rule,
    latest_rules,
    mark_released,
    mark_retired,
    versions_of_rule,
)

MOST_RULES = 200
"""Rules on one page of the list."""

MOST_PORTS = 500

WrittenPredicate = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_TEXT,
        description="A condition over columns and features, in the part of SQL of docs/rules.md.",
    ),
]
Ports = Annotated[list[PortCode], Field(min_length=1, max_length=MOST_PORTS)]


class Draft(Record):
    """A rule as an analyst drafts it; a draft of a rule that is there is its next version."""

    rule_id: RecordId
    text: Annotated[Text, Field(min_length=1)] = Field(
        description="Why it was hit, in an inspector's words."
    )
    action: Action
    predicate: WrittenPredicate
    ports: Ports | None = Field(None, description="Where it holds; by default everywhere.")
    expires_at: Time | None = Field(None, description="When it ends; by default never.")


class VersionNamed(Record):
    """The version of a rule that is meant: what was read is what is put in force."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]


DRAFT: TypeAdapter[Draft] = TypeAdapter(Draft)
VERSION_NAMED: TypeAdapter[VersionNamed] = TypeAdapter(VersionNamed)
"""What bodies must be."""


class UnknownRule(WeirError):  # noqa: N818 - what the caller sees
    """No such rule, or version of it, within the caller's reach."""


class RuleTaken(WeirError):  # noqa: N818 - what the caller sees
    """A rule_id of a rule that holds at ports out of the caller's reach alone."""


class OwnRule(WeirError):  # noqa: N818 - what the caller sees
    """A rule that somebody else than its author must release."""


class RuleMoved(WeirError):  # noqa: N818 - what the caller sees
    """A version of a rule that is no longer where the caller believes it to be."""


def require_ports(principal: Principal, ports: Sequence[str] | None, field: str) -> None:
    """Refuse a rule that holds at a port out of the caller's reach.

    Parameters
    ----------
    principal : Principal
        The caller.
    ports : sequence of str or None
        Ports of the rule; None is every port.
    field : str
        Where the caller wrote them.

    Raises
    ------
    PortForbidden
        If a port is out of reach, or the rule holds everywhere and the key does not reach
        every port.
    """
    for port in ports or ():
        principal.require_port(port, field)
    if ports is None and principal.ports is not None:
        raise PortForbidden("this key does not reach every port; name ports", field=field)


def draft(principal: Principal, asked: Asked, posted: Draft) -> Deed:
    """Make the act of drafting a rule; it is in force once somebody else has released it.

    Parameters
    ----------
    principal : Principal
        Who drafts.
    asked : Asked
        The request, so that it is done once.
    posted : Draft
        The rule.

    Returns
    -------
    callable
        The act. It raises `RuleTaken` where the id belongs to a rule of ports out of reach.

    Raises
    ------
    InvalidPredicate
        If the predicate is not allowed; points at the place.
    PortForbidden
        If a port is out of reach.
    """
    parse(posted.predicate)
    require_ports(principal, posted.ports, "ports")

    def deed(connection: Connection, now: datetime) -> Done:
        return once(connection, asked, now, lambda: _draft(connection, principal, posted, now))

    return deed


def _draft(connection: Connection, principal: Principal, posted: Draft, now: datetime) -> Done:
    if posted.expires_at is not None and posted.expires_at <= now:
        raise InvalidRecord("lies in the past; a rule ends later", field="expires_at")
    before = versions_of_rule(connection, posted.rule_id)
    if before and not _reaches(principal, before[0]):
        raise RuleTaken(f"rule_id {posted.rule_id!r} is taken; choose another one", field="rule_id")
    rule = StoredRule(
        posted.rule_id,
        before[0].version + 1 if before else 1,
        principal.key_id,
        principal.agency,
        posted.text,
        posted.action,
        None if posted.ports is None else sorted(set(posted.ports)),
        posted.predicate,
        posted.expires_at,
        now,
    )
    add_rule(connection, rule)
    did = principal.did("rule.drafted", rule.rule_id, **_particulars(rule))
    return Done(shown(rule), [did])


def _particulars(rule: StoredRule) -> dict[str, Any]:
    return {
        "version": rule.version,
        "action": rule.action,
        "ports": rule.ports,
        "predicate": rule.predicate,
        "expires_at": rule.expires_at,
    }


def release(principal: Principal, rule_id: str, version: int) -> Deed:
    """Make the act of putting a draft in force, in the place of the version before.

    Parameters
    ----------
    principal : Principal
        Who releases; not who drafted.
    rule_id : str
        The rule.
    version : int
        The version that was read.

    Returns
    -------
    callable
        The act. It raises `UnknownRule` out of reach, `OwnRule` for the author, `RuleMoved`
        unless the version is the latest and a draft, and `InvalidRecord` once it has expired.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        rule = _latest(connection, principal, rule_id, version)
        require_ports(principal, rule.ports, "rule_id")
        if rule.status == "released":
            return Done(shown(rule))
        if rule.status == "retired":
            raise RuleMoved("this version was retired; draft another one", field="version")
        if rule.owner == principal.key_id:
            raise OwnRule("you drafted this version; somebody else releases it", field="rule_id")
        if rule.expires_at is not None and rule.expires_at <= now:
            raise InvalidRecord("this version has expired; draft another one", field="version")
        mark_released(connection, rule, principal.key_id, now)
        did = principal.did("rule.released", rule_id, **_particulars(rule), owner=rule.owner)
        return Done(shown(rule._replace(released_at=now, released_by=principal.key_id)), [did])

    return deed


def retire(principal: Principal, rule_id: str, version: int) -> Deed:
    """Make the act of taking a version out of force, or of dropping a draft; one person may.

    Parameters
    ----------
    principal : Principal
        Who retires it.
    rule_id : str
        The rule.
    version : int
        The version that is meant.

    Returns
    -------
    callable
        The act. It raises `UnknownRule` out of reach.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        rule = _version(connection, principal, rule_id, version)
        require_ports(principal, rule.ports, "rule_id")
        if rule.status == "retired":
            return Done(shown(rule))
        mark_retired(connection, rule, principal.key_id, now)
        did = principal.did("rule.retired", rule_id, version=version, was=rule.status)
        return Done(shown(rule._replace(retired_at=now, retired_by=principal.key_id)), [did])

    return deed


def _reaches(principal: Principal, rule: StoredRule) -> bool:
    return rule.ports is None or any(map(principal.reaches, rule.ports))


def rule_in_reach(connection: Connection, principal: Principal, rule_id: str) -> list[StoredRule]:
    """Read the versions of a rule that holds at a port within reach.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller.
    rule_id : str
        The rule.

    Returns
    -------
    list of StoredRule
        Versions within reach, latest first, at least one.

    Raises
    ------
    UnknownRule
        If there is no such rule, or it is out of reach; does not tell which.
    """
    found = versions_of_rule(connection, rule_id)
    seen = [rule for rule in found if _reaches(principal, rule)]
    if not seen:
        raise UnknownRule(f"no rule {rule_id!r}", field="rule_id")
    return seen


def _version(
    connection: Connection, principal: Principal, rule_id: str, version: int
) -> StoredRule:
    for rule in rule_in_reach(connection, principal, rule_id):
        if rule.version == version:
            return rule
    raise UnknownRule(f"rule {rule_id!r} has no version {version}", field="version")


def _latest(connection: Connection, principal: Principal, rule_id: str, version: int) -> StoredRule:
    rule = _version(connection, principal, rule_id, version)
    newest = versions_of_rule(connection, rule_id)[0].version
    if version != newest:
        raise RuleMoved(f"version {newest} is newer; read it first", field="version")
    return rule


def shown(rule: StoredRule) -> Reply:
    """Write a version of a rule as replies have it.

    Parameters
    ----------
    rule : StoredRule
        The version.

    Returns
    -------
    dict
        Its columns and its `status`, as JSON values: what is replied again is the same.
    """
    return plain_json(rule._asdict() | {"status": rule.status})


def list_rules(connection: Connection, principal: Principal, after: str) -> Reply:
    """List the latest version of each rule within reach.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller.
    after : str
        The rule before the first one, empty for the first page.

    Returns
    -------
    dict
        `rules` in order of their id, and `cursor`, None on the last page.
    """
    rules = latest_rules(connection, after, MOST_RULES)
    more = len(rules) == MOST_RULES
    return {
        "rules": [shown(rule) for rule in rules if _reaches(principal, rule)],
        "cursor": rules[-1].rule_id if more else None,
    }


def show_rule(connection: Connection, principal: Principal, rule_id: str) -> Reply:
    """Show every version of a rule.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller.
    rule_id : str
        The rule.

    Returns
    -------
    dict
        `rule_id` and `versions`, latest first.

    Raises
    ------
    UnknownRule
        If it is not within reach.
    """
    versions = rule_in_reach(connection, principal, rule_id)
    return {"rule_id": rule_id, "versions": [shown(rule) for rule in versions]}
