"""History as the store answers it: one query for all the keys of a micro-batch, one for links."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from features.errors import WeirError
from features.history import (
    ENTITIES,
    LATEST,
    LATEST_OF_LINKED,
    EntityHistory,
    EntityQuery,
    PastItem,
    PastResult,
    PastSignal,
)
from features.history_logs import NEVER
from features.records import EntityKind
from service.store.tokens import Tokens

# Each key is an index scan that stops after LATEST rows, so that a busy one costs what a quiet
# one does; one row of JSON per key crosses to Python, which is several times cheaper than rows.
_ANSWER = """
{questions}
SELECT (
    SELECT CAST({group}({array}(
        known_at, item_id, value_cents, just_under, port, partner
    )) AS text) FROM (
        SELECT e.* FROM entity_items AS e
        WHERE e.token = q.token AND e.kind = q.kind AND e.known_at < q.as_of
          AND e.item_id <> q.item_id
        ORDER BY e.known_at DESC, e.item_id DESC LIMIT :latest
    ) AS items
), CASE WHEN q.has_results THEN (
    SELECT CAST({group}({array}(recorded_at, inspection_id, find, clear, skip)) AS text) FROM (
        SELECT e.* FROM entity_results AS e
        WHERE e.token = q.token AND e.kind = q.kind AND e.recorded_at < q.as_of
          AND e.item_id <> q.item_id
        ORDER BY e.recorded_at DESC, e.inspection_id DESC LIMIT :latest
    ) AS results
) END, CASE WHEN q.has_signals THEN (
    SELECT CAST({group}({array}(
        known_at, signal_id, kind, expires_at, CAST({floor}(strength * 1000000 + 0.5) AS bigint),
        agency, detail
    )) AS text) FROM (
        SELECT s.* FROM signals AS s
        WHERE s.token = q.token AND s.entity_kind = q.kind AND s.permitted_use = 'targeting'
          AND s.known_at < q.as_of
        ORDER BY s.known_at DESC, s.signal_id DESC LIMIT :latest
    ) AS signals
) END FROM {source} ORDER BY n
"""
_SQLITE = text(
    _ANSWER.format(
        questions="""WITH q AS MATERIALIZED (
    SELECT key AS n, json_extract(value, '$[0]') AS kind, json_extract(value, '$[1]') AS token,
           json_extract(value, '$[2]') AS as_of, json_extract(value, '$[3]') AS item_id,
           json_extract(value, '$[4]') AS has_results, json_extract(value, '$[5]') AS has_signals
    FROM json_each(:queries)
)""",
        group="json_group_array",
        array="json_array",
        floor="",
        source="q",
    )
)
_POSTGRESQL = text(
    _ANSWER.format(
        questions="",
        group="json_agg",
        array="json_build_array",
        floor="floor",
        source="""unnest(
    CAST(:kinds AS text[]), CAST(:tokens AS text[]), CAST(:as_ofs AS bigint[]),
    CAST(:item_ids AS text[]), CAST(:has_results AS boolean[]), CAST(:has_signals AS boolean[])
) WITH ORDINALITY AS q (kind, token, as_of, item_id, has_results, has_signals, n)""",
    )
)

Entry = TypeVar("Entry", PastItem, PastResult, PastSignal)


class HistoryUnavailable(WeirError):  # noqa: N818 - what the caller sees
    """The history could not be read; items are scored with the stated defaults."""


_Asked = tuple[str, str, int, str, bool, bool]
"""One question as the statement takes it: `_ARRAYS`, one of each."""


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
            Keys to look up.

        Returns
        -------
        sequence of EntityHistory
            One per query, in order, newest first; partners are tokens.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        token = self._tokens.token
        spelled = [query._replace(key=token(query.kind, query.key)) for query in queries]
        return self.fetch_spelled(spelled, LATEST)

    def fetch_spelled(self, queries: Sequence[EntityQuery], latest: int) -> Sequence[EntityHistory]:
        """Answer for keys that are tokens already.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Keys to look up; each `key` is a token.
        latest : int
            Most entries of each list.

        Returns
        -------
        sequence of EntityHistory
            One per query, in order, newest first; partners are tokens.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        asked = [(*query, plain, plain) for query in queries for plain in (query.kind in ENTITIES,)]
        return self._answers(asked, latest)

    def fetch_latest(
        self, entities: Sequence[tuple[str, str]], latest: int
    ) -> Sequence[EntityHistory]:
        """Give what is on record of entities, whatever the moment and whosever item it is.

        Parameters
        ----------
        entities : sequence of tuple of str
            Kind and token of each.
        latest : int
            Most entries of each list.

        Returns
        -------
        sequence of EntityHistory
            One per entity, in order, newest first.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        return self._answers(
            [(kind, token, NEVER, "", True, True) for kind, token in entities], latest
        )

    def fetch_linked(self, queries: Sequence[EntityQuery]) -> Sequence[EntityHistory]:
        """Answer for parties that an earlier answer named by their tokens.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Parties; each `key` is a token.

        Returns
        -------
        sequence of EntityHistory
            One per query, in order, newest first, without signals.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        asked = [(*query, True, False) for query in queries]
        return self._answers(asked, LATEST_OF_LINKED)

    def fetch_known(self, queries: Sequence[EntityQuery]) -> Sequence[EntityHistory]:
        """Answer for entities of an item by the tokens that the store keeps in their place.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Entities; each `key` is a token.

        Returns
        -------
        sequence of EntityHistory
            One per query, in order, newest first, with signals.

        Raises
        ------
        HistoryUnavailable
            If the store cannot be read; the transaction stays usable.
        """
        asked = [(*query, True, True) for query in queries]
        return self._answers(asked, LATEST)

    def spelled(self, kind: EntityKind, key: str) -> str:
        """Give the token of an entity.

        Parameters
        ----------
        kind : str
            Kind of entity.
        key : str
            Its normalised identifier.

        Returns
        -------
        str
            The token, as partners are spelled.
        """
        return self._tokens.token(kind, key)

    def _answers(self, asked: Sequence[_Asked], latest: int) -> list[EntityHistory]:
        if not asked:
            return []
        rows = self._rows(asked, latest)
        # one text for all keys: to parse each by itself costs as much again
        written = ",".join([part or "[]" for row in rows for part in row])
        lists = iter(orjson.loads(f"[{written}]"))
        return [
            EntityHistory(
                _newest_first(_ITEM, items),
                _newest_first(_RESULT, results),
                _newest_first(_SIGNAL, signals),
            )
            for items, results, signals in zip(lists, lists, lists, strict=True)
        ]

    def _rows(self, asked: Sequence[_Asked], latest: int) -> Sequence[Any]:
        try:
            if self._connection.dialect.name == "sqlite":
                # what fails to read there leaves the transaction as it is
                queries = {"queries": orjson.dumps(asked).decode()}
                return self._connection.execute(_SQLITE, queries | {"latest": latest}).all()
            with self._connection.begin_nested():
                arrays = dict(zip(_ARRAYS, map(list, zip(*asked, strict=True)), strict=True))
                return self._connection.execute(_POSTGRESQL, arrays | {"latest": latest}).all()
        except DBAPIError as failed:
            raise HistoryUnavailable("the history of entities cannot be read now") from failed


_ARRAYS = ("kinds", "tokens", "as_ofs", "item_ids", "has_results", "has_signals")


# what `_make` does, without a call into Python for each entry
_ITEM: Callable[[list[Any]], PastItem] = partial(tuple.__new__, PastItem)
_RESULT: Callable[[list[Any]], PastResult] = partial(tuple.__new__, PastResult)
_SIGNAL: Callable[[list[Any]], PastSignal] = partial(tuple.__new__, PastSignal)


def _newest_first(make: Callable[[list[Any]], Entry], entries: list[list[Any]]) -> list[Entry]:
    # neither engine promises that an aggregate keeps the order of its subquery
    entries.sort(reverse=True)
    return list(map(make, entries))
