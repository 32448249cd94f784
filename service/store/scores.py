"""Scores in the store: what was answered for each version."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, tuple_

from service.store.bulk import BulkInsert
from service.store.model_tables import SHADOW_SCORES
from service.store.rule_tables import RULE_HITS
from service.store.tables import SCORES

Tier = Literal[0, 1, 2]
RELEASED: Tier = 0
ORDINARY: Tier = 1
MUST_INSPECT: Tier = 2
"""Tiers of a score: what comes before priority in the queue."""


_COLUMNS = tuple(SCORES.c.keys())
_INSERT = BulkInsert(SCORES, _COLUMNS)


def add_scores(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store the answers for new versions, and the rules that held for them.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    rows : sequence of dict
        Columns of `scores`; `fired`, the rules of the book that held; and `shadow`: what the model
        in shadow says, None without one. Both are stored apart, for versions that have no score
        of it yet.
    """
    if not rows:
        return
    hits = [
        {"item_id": row["item_id"], "version": row["version"]} | fired._asdict()
        for row in rows
        for fired in row["fired"]
    ]
    shadows = [
        {"item_id": row["item_id"], "version": row["version"], **row["shadow"]._asdict()}
        for row in rows
        if row.get("shadow") is not None
    ]
    if hits:
        connection.execute(insert(RULE_HITS), hits)
    _INSERT(connection, list(map(itemgetter(*_COLUMNS), rows)))
    if shadows:
        connection.execute(insert(SHADOW_SCORES), shadows)


def forget_degraded(connection: Connection, versions: Sequence[tuple[str, int]]) -> None:
    """Make room for the answer of a model where the rules alone had answered.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write and goes on to store the new answers.
    versions : sequence of tuple of str and int
        Item and version; an answer that a model gave stays. The rules that held go with
        the answer, for they are judged anew.
    """
    if versions:
        key = tuple_(SCORES.c.item_id, SCORES.c.version)
        connection.execute(delete(SCORES).where(key.in_(versions), SCORES.c.degraded))
        hit = tuple_(RULE_HITS.c.item_id, RULE_HITS.c.version)
        connection.execute(delete(RULE_HITS).where(hit.in_(versions)))


def scores_of(
    connection: Connection, versions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Row[Any]]:
    """Read the answers that were given for versions of items.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    versions : sequence of tuple of str and int
        Item and version.

    Returns
    -------
    dict of tuple to sqlalchemy.Row
        Rows of `scores`; a version that was imported has none.
    """
    if not versions:
        return {}
    key = tuple_(SCORES.c.item_id, SCORES.c.version)
    rows = connection.execute(select(SCORES).where(key.in_(versions)))
    return {(row.item_id, row.version): row for row in rows}
