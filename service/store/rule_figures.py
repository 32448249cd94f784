"""What became of the items that a rule hit: inspections that stand, finds, late evidence."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    and_,
    case,
    cast,
    distinct,
    exists,
    func,
    select,
    tuple_,
)

from service.store.finding_tables import OUTCOMES
from service.store.rule_tables import RULE_HITS
from service.store.tables import INSPECTIONS, ITEMS

_IDS_AT_ONCE = 500


class Tally(NamedTuple):
    """Figures of the items that one version of a rule hit.

    Parameters
    ----------
    version : int
        The version.
    n_hits : int
        Items whose condition held.
    n_in_force : int
        Those that the rule acted on.
    n_inspected, n_finds : int
        Items examined to the end, and those in which something was found.
    n_late_events : int
        Events that other agencies reported about them, and that are no find of ours.
    """

    version: int
    n_hits: int
    n_in_force: int
    n_inspected: int
    n_finds: int
    n_late_events: int


class Results(NamedTuple):
    """What became of some items.

    Parameters
    ----------
    inspected, found : set of str
        Items examined to the end, and those in which something was found.
    events : set of str
        Events that other agencies reported about them, and that are no find of ours.
    """

    inspected: set[str]
    found: set[str]
    events: set[str]


def _stands() -> ColumnElement[bool]:
    later = INSPECTIONS.alias("later")
    return and_(
        INSPECTIONS.c.outcome != "not_completed",
        ~exists().where(later.c.supersedes == INSPECTIONS.c.inspection_id),
    )


def _from_elsewhere() -> ColumnElement[bool]:
    own = INSPECTIONS.alias("own")
    return ~exists().where(own.c.inspection_id == OUTCOMES.c.event_id)


def _items_hit(rule_id: str, ports: Sequence[str] | None) -> FromClause:
    joined = RULE_HITS.join(
        ITEMS, and_(ITEMS.c.item_id == RULE_HITS.c.item_id, ITEMS.c.superseded_by.is_(None))
    )
    query = (
        select(
            RULE_HITS.c.rule_version,
            RULE_HITS.c.item_id,
            func.max(cast(RULE_HITS.c.in_force, Integer)).label("in_force"),
        )
        .select_from(joined)
        .where(RULE_HITS.c.rule_id == rule_id)
        .group_by(RULE_HITS.c.rule_version, RULE_HITS.c.item_id)
    )
    if ports is not None:
        query = query.where(ITEMS.c.port.in_(ports))
    return query.subquery()


def tallies(connection: Connection, rule_id: str, ports: Sequence[str] | None) -> list[Tally]:
    """Count what became of the items that each version of a rule hit.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    rule_id : str
        The rule.
    ports : sequence of str or None
        Ports that count; None counts all.

    Returns
    -------
    list of Tally
        Latest version first; a version that hit nothing has none.
    """
    hit = _items_hit(rule_id, ports)
    examined = exists().where(INSPECTIONS.c.item_id == hit.c.item_id, _stands())
    found = examined.where(INSPECTIONS.c.outcome == "find")
    rows = connection.execute(
        select(
            hit.c.rule_version,
            func.count(),
            func.sum(hit.c.in_force),
            func.sum(case((examined, 1), else_=0)),
            func.sum(case((found, 1), else_=0)),
        ).group_by(hit.c.rule_version)
    ).all()
    late = select(hit.c.rule_version, func.count(distinct(OUTCOMES.c.event_id))).select_from(
        hit.join(OUTCOMES, OUTCOMES.c.matched_item == hit.c.item_id)
    )
    counted = connection.execute(late.where(_from_elsewhere()).group_by(hit.c.rule_version))
    n_late: dict[int, int] = {row[0]: row[1] for row in counted}
    found_tallies = [
        Tally(
            version, n_hits, int(n_in_force), int(n_inspected), int(n_finds), n_late.get(version, 0)
        )
        for version, n_hits, n_in_force, n_inspected, n_finds in rows
    ]
    return sorted(found_tallies, key=lambda tally: -tally.version)


def results_of(connection: Connection, item_ids: Sequence[str]) -> Results:
    """Read what became of items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_ids : sequence of str
        The items.

    Returns
    -------
    Results
        Inspections that were superseded do not count.
    """
    results = Results(set(), set(), set())
    for first in range(0, len(item_ids), _IDS_AT_ONCE):
        ids = item_ids[first : first + _IDS_AT_ONCE]
        examined = select(INSPECTIONS.c.item_id, INSPECTIONS.c.outcome)
        for row in connection.execute(examined.where(INSPECTIONS.c.item_id.in_(ids), _stands())):
            results.inspected.add(row.item_id)
            if row.outcome == "find":
                results.found.add(row.item_id)
        events = select(OUTCOMES.c.event_id).where(
            OUTCOMES.c.matched_item.in_(ids), _from_elsewhere()
        )
        results.events.update(connection.execute(events).scalars())
    return results


def recent_items(
    connection: Connection, since: datetime, ports: Sequence[str] | None, most: int
) -> list[tuple[str, int]]:
    """List the latest items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    since : datetime.datetime
        Items presented earlier are left out.
    ports : sequence of str or None
        Ports whose items are listed; None lists all.
    most : int
        Most items to list.

    Returns
    -------
    list of tuple of str and int
        Item and its latest version, what left last first.
    """
    query = select(ITEMS.c.item_id, ITEMS.c.version).where(
        ITEMS.c.superseded_by.is_(None), ITEMS.c.leaves_at >= since, ITEMS.c.presented_at >= since
    )
    if ports is not None:
        query = query.where(ITEMS.c.port.in_(ports))
    rows = connection.execute(query.order_by(ITEMS.c.leaves_at.desc(), ITEMS.c.item_id).limit(most))
    return [(row.item_id, row.version) for row in rows]


def bodies_of(
    connection: Connection, versions: Sequence[tuple[str, int]]
) -> Iterator[tuple[tuple[str, int], dict[str, Any], datetime]]:
    """Read versions of items as they are stored.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    versions : sequence of tuple of str and int
        Item and version.

    Yields
    ------
    tuple
        Item and version, its body with tokens in place of identifiers, and when it came.
    """
    query = select(ITEMS.c.item_id, ITEMS.c.version, ITEMS.c.body, ITEMS.c.received_at)
    key = tuple_(ITEMS.c.item_id, ITEMS.c.version)
    for row in connection.execute(query.where(key.in_(versions))):
        yield (row.item_id, row.version), row.body, row.received_at
