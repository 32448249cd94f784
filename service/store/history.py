"""The history of entities as the store answers it: one query for a whole micro-batch."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from features.errors import WeirError
from features.history import LATEST, EntityHistory, EntityQuery, PastItem, PastResult
from service.store.tokens import Tokens

# An index scan that stops after LATEST rows per entity: a busy entity costs what a quiet one does.
_SQLITE = text("""
WITH q AS MATERIALIZED (
    SELECT key AS n, json_extract(value, '$[0]') AS kind, json_extract(value, '$[1]') AS token,
           json_extract(value, '$[2]') AS as_of, json_extract(value, '$[3]') AS item_id
    FROM json_each(:queries)
)
SELECT q.n AS n, 0 AS part, r.known_at AS at, r.item_id AS own,
       r.value_cents, r.just_under, r.port, r.partner
FROM q CROSS JOIN entity_items AS r WHERE r.rowid IN (
    SELECT e.rowid FROM entity_items AS e
    WHERE e.token = q.token AND e.kind = q.kind AND e.known_at < q.as_of
      AND e.item_id <> q.item_id
    ORDER BY e.known_at DESC, e.item_id DESC LIMIT :latest
)
UNION ALL
SELECT q.n, 1, r.recorded_at, r.inspection_id, r.find, r.clear, NULL, NULL
FROM q CROSS JOIN entity_results AS r WHERE r.rowid IN (
    SELECT e.rowid FROM entity_results AS e
    WHERE e.token = q.token AND e.kind = q.kind AND e.recorded_at < q.as_of
      AND e.item_id <> q.item_id
    ORDER BY e.recorded_at DESC, e.inspection_id DESC LIMIT :latest
)
ORDER BY 1, 2, 3 DESC, 4 DESC
""")
_POSTGRESQL = text("""
WITH q AS MATERIALIZED (
    SELECT kind, token, as_of, item_id, ordinal - 1 AS n
    FROM unnest(
        CAST(:kinds AS text[]), CAST(:tokens AS text[]), CAST(:as_ofs AS bigint[]),
        CAST(:item_ids AS text[])
    ) WITH ORDINALITY AS asked (kind, token, as_of, item_id, ordinal)
)
SELECT q.n AS n, 0 AS part, r.known_at AS at, r.item_id AS own,
       r.value_cents, r.just_under, r.port, r.partner
FROM q, LATERAL (
    SELECT e.* FROM entity_items AS e
    WHERE e.token = q.token AND e.kind = q.kind AND e.known_at < q.as_of
      AND e.item_id <> q.item_id
    ORDER BY e.known_at DESC, e.item_id DESC LIMIT :latest
) AS r
UNION ALL
SELECT q.n, 1, r.recorded_at, r.inspection_id, r.find, r.clear, NULL, NULL
FROM q, LATERAL (
    SELECT e.* FROM entity_results AS e
    WHERE e.token = q.token AND e.kind = q.kind AND e.recorded_at < q.as_of
      AND e.item_id <> q.item_id
    ORDER BY e.recorded_at DESC, e.inspection_id DESC LIMIT :latest
) AS r
ORDER BY 1, 2, 3 DESC, 4 DESC
""")


class HistoryUnavailable(WeirError):  # noqa: N818 - what the caller sees
    """The history could not be read; items are scored with the stated defaults."""


class StoreHistory:
    """Answers history queries inside one transaction.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        The transaction whose view of the store counts.
    tokens : Tokens
        Turns the keys of queries into the tokens that the store knows.
    """

    def __init__(self, connection: Connection, tokens: Tokens) -> None:
        self._connection = connection
        self._tokens = tokens

    def fetch(self, queries: Sequence[EntityQuery]) -> Sequence[EntityHistory]:
        """Answer each query with what was known strictly before its `as_of`.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Entities to look up.

        Returns
        -------
        sequence of EntityHistory
            One per query, in order, newest first; partners are tokens.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        if not queries:
            return []
        items: list[list[PastItem]] = [[] for _ in queries]
        results: list[list[PastResult]] = [[] for _ in queries]
        for n, part, at, own, first, second, port, partner in self._rows(queries):
            if part == 0:
                items[n].append(PastItem(at, own, first, second, port, partner))
            else:
                results[n].append(PastResult(at, own, first, second))
        return [EntityHistory(*lists) for lists in zip(items, results, strict=True)]

    def _rows(self, queries: Sequence[EntityQuery]) -> Sequence[Any]:
        tokens = [self._tokens.token(query.kind, query.key) for query in queries]
        try:
            with self._connection.begin_nested():
                if self._connection.dialect.name == "sqlite":
                    return self._connection.execute(_SQLITE, _as_json(queries, tokens)).all()
                return self._connection.execute(_POSTGRESQL, _as_arrays(queries, tokens)).all()
        except DBAPIError as failed:
            raise HistoryUnavailable("the history of entities cannot be read now") from failed


def _as_json(queries: Sequence[EntityQuery], tokens: Sequence[str]) -> dict[str, Any]:
    asked = [
        (query.kind, token, query.as_of, query.item_id)
        for query, token in zip(queries, tokens, strict=True)
    ]
    return {"queries": orjson.dumps(asked).decode(), "latest": LATEST}


def _as_arrays(queries: Sequence[EntityQuery], tokens: Sequence[str]) -> dict[str, Any]:
    return {
        "kinds": [query.kind for query in queries],
        "tokens": tokens,
        "as_ofs": [query.as_of for query in queries],
        "item_ids": [query.item_id for query in queries],
        "latest": LATEST,
    }
