"""The history of entities as the store answers it: one query for a whole micro-batch."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from features.errors import WeirError
from features.history import LATEST, EntityHistory, EntityQuery, PastItem, PastResult
from service.store.tokens import Tokens

# Each entity is an index scan that stops after LATEST rows, so that a busy one costs what a quiet
# one does; one row of JSON per entity crosses to Python, which is several times cheaper than rows.
_SQLITE = text("""
WITH q AS MATERIALIZED (
    SELECT key AS n, json_extract(value, '$[0]') AS kind, json_extract(value, '$[1]') AS token,
           json_extract(value, '$[2]') AS as_of, json_extract(value, '$[3]') AS item_id
    FROM json_each(:queries)
)
SELECT (
    SELECT json_group_array(
        json_array(known_at, item_id, value_cents, just_under, port, partner)
    ) FROM (
        SELECT e.* FROM entity_items AS e
        WHERE e.token = q.token AND e.kind = q.kind AND e.known_at < q.as_of
          AND e.item_id <> q.item_id
        ORDER BY e.known_at DESC, e.item_id DESC LIMIT :latest
    )
), (
    SELECT json_group_array(json_array(recorded_at, inspection_id, find, clear)) FROM (
        SELECT e.* FROM entity_results AS e
        WHERE e.token = q.token AND e.kind = q.kind AND e.recorded_at < q.as_of
          AND e.item_id <> q.item_id
        ORDER BY e.recorded_at DESC, e.inspection_id DESC LIMIT :latest
    )
) FROM q ORDER BY n
""")
_POSTGRESQL = text("""
SELECT (
    SELECT CAST(json_agg(
        json_build_array(known_at, item_id, value_cents, just_under, port, partner)
    ) AS text) FROM (
        SELECT e.* FROM entity_items AS e
        WHERE e.token = q.token AND e.kind = q.kind AND e.known_at < q.as_of
          AND e.item_id <> q.item_id
        ORDER BY e.known_at DESC, e.item_id DESC LIMIT :latest
    ) AS items
), (
    SELECT CAST(json_agg(
        json_build_array(recorded_at, inspection_id, find, clear)
    ) AS text) FROM (
        SELECT e.* FROM entity_results AS e
        WHERE e.token = q.token AND e.kind = q.kind AND e.recorded_at < q.as_of
          AND e.item_id <> q.item_id
        ORDER BY e.recorded_at DESC, e.inspection_id DESC LIMIT :latest
    ) AS results
) FROM unnest(
    CAST(:kinds AS text[]), CAST(:tokens AS text[]), CAST(:as_ofs AS bigint[]),
    CAST(:item_ids AS text[])
) WITH ORDINALITY AS q (kind, token, as_of, item_id, n) ORDER BY n
""")


Entry = TypeVar("Entry", PastItem, PastResult)


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
        return [
            EntityHistory(
                _newest_first(PastItem._make, items), _newest_first(PastResult._make, results)
            )
            for items, results in self._rows(queries)
        ]

    def _rows(self, queries: Sequence[EntityQuery]) -> Sequence[Any]:
        tokens = [self._tokens.token(query.kind, query.key) for query in queries]
        try:
            with self._connection.begin_nested():
                if self._connection.dialect.name == "sqlite":
                    return self._connection.execute(_SQLITE, _as_json(queries, tokens)).all()
                return self._connection.execute(_POSTGRESQL, _as_arrays(queries, tokens)).all()
        except DBAPIError as failed:
            raise HistoryUnavailable("the history of entities cannot be read now") from failed


def _newest_first(make: Callable[[list[Any]], Entry], written: str | None) -> list[Entry]:
    entries = map(make, orjson.loads(written)) if written else ()
    # neither engine promises that an aggregate keeps the order of its subquery
    return sorted(entries, reverse=True)


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
