"""The store's history against the plain definition, and against tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from features.history import (
    LATEST,
    PARTNERS,
    EntityHistory,
    EntityQuery,
    KeyKind,
    PastItem,
    past_items,
)
from features.matrix import matrix_from_items, matrix_from_tables
from features.records import Inspection, Signal
from service.store.bodies import split
from service.store.engine import Store
from service.store.entity_log import add_inspections
from service.store.history import HistoryUnavailable, StoreHistory
from service.store.items import NewVersion, add_versions
from service.store.signals import add_signals
from service.store.tokens import Tokens, claim_token_key
from tests.fakes import (
    START,
    MemoryHistory,
    Received,
    inspections_table,
    items_table,
    signals_table,
    vehicle,
)
from tests.serving import NOON
from tests.streams import histories

THOROUGH = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


History = tuple[list[Received], list[Inspection], list[Signal]]


@contextmanager
def _undone(store: Store) -> Iterator[Connection]:
    with store.engine.connect().execution_options(weir_writes=True) as connection:
        yield connection
        connection.rollback()


def _add_items(connection: Connection, versions: Sequence[Received], tokens: Tokens) -> None:
    token_key = claim_token_key(connection, tokens, NOON)
    for each in versions:
        body = split(each.item, tokens)
        before = each.version - 1 or None
        new = NewVersion(each.item, body, each.version, before, "test", each.received_at)
        add_versions(connection, [new], tokens, token_key, timedelta(minutes=30))


def _add(
    connection: Connection,
    history: History,
    tokens: Tokens,
    *,
    findings_first: bool,
) -> None:
    """Load items and findings as a file would, or findings before late amendments."""
    versions, findings, told = history
    add_signals(connection, told, tokens, claim_token_key(connection, tokens, NOON))
    if findings_first:
        _add_items(connection, [each for each in versions if each.version == 1], tokens)
        add_inspections(connection, findings)
        _add_items(connection, [each for each in versions if each.version > 1], tokens)
    else:
        _add_items(connection, versions, tokens)
        add_inspections(connection, findings)


def _queries(versions: Sequence[Received]) -> list[EntityQuery]:
    named = sorted(
        {(key.kind, key.key) for each in versions for key in past_items([each.item], [0])[0]}
    )
    return [
        EntityQuery(kind, key, each.as_of + shift, each.item.item_id)
        for each in versions
        for kind, key in named
        for shift in (0, 1)
    ]


def _as_stored(kind: KeyKind, plain: EntityHistory, tokens: Tokens) -> list[tuple[object, ...]]:
    def partners(entry: PastItem) -> frozenset[str | None]:
        if entry.partner is None:
            return frozenset({None})
        return frozenset(tokens.token(other, entry.partner) for other in PARTNERS.get(kind, ()))

    return [(*entry[:-1], partners(entry)) for entry in plain.items]


@given(history=histories(), findings_first=st.booleans())
@THOROUGH
def test_the_store_answers_as_the_definition_says(
    store: Store,
    tokens: Tokens,
    history: History,
    findings_first: bool,  # noqa: FBT001 - hypothesis passes it
) -> None:
    queries = _queries(history[0])
    expected = MemoryHistory(*history).fetch(queries)
    with _undone(store) as connection:
        _add(connection, history, tokens, findings_first=findings_first)
        found = StoreHistory(connection, tokens).fetch(queries)
    for query, answer, plain in zip(queries, found, expected, strict=True):
        assert list(answer.results) == list(plain.results), query
        assert list(answer.signals) == list(plain.signals), query
        allowed = _as_stored(query.kind, plain, tokens)
        assert [entry[:-1] for entry in answer.items] == [entry[:-1] for entry in allowed], query
        for entry, (*_, partners) in zip(answer.items, allowed, strict=True):
            assert isinstance(partners, frozenset)
            assert entry.partner in partners


@given(history=histories())
@THOROUGH
def test_serving_and_training_compute_the_same_matrix(
    store: Store, tokens: Tokens, history: History
) -> None:
    latest = list({each.item.item_id: each for each in history[0]}.values())
    tables = matrix_from_tables(
        items_table(history[0]), inspections_table(history[1]), signals_table(history[2])
    )
    with _undone(store) as connection:
        _add(connection, history, tokens, findings_first=False)
        served = matrix_from_items(
            [each.item for each in latest],
            [each.as_of for each in latest],
            StoreHistory(connection, tokens),
        )
    order = [tables.item_ids.index(item_id) for item_id in served.item_ids]
    np.testing.assert_array_equal(served.X, tables.X[order])
    assert served.clusters == [tables.clusters[row] for row in order]


def test_only_the_latest_count_whatever_ties_and_spellings_of_item_ids(
    store: Store, tokens: Tokens
) -> None:
    names = [f"{letter}{n}" for n in range(30) for letter in ("a", "B", "_z".strip("_"), "Z")]
    versions = [
        Received(vehicle(name, START + timedelta(minutes=n // 40)), 1, START)
        for n, name in enumerate(names)
    ]
    query = EntityQuery("plate", "TX:ABC1234", versions[-1].as_of + 1, "other")
    (plain,) = MemoryHistory(versions, []).fetch([query])
    with _undone(store) as connection:
        _add_items(connection, versions, tokens)
        (found,) = StoreHistory(connection, tokens).fetch([query])
    assert len(plain.items) == LATEST < len(names)
    assert list(found.items) == list(plain.items)


def test_nobody_asks_for_nothing(store: Store, tokens: Tokens) -> None:
    with store.read() as connection:
        assert StoreHistory(connection, tokens).fetch([]) == []


def test_a_history_that_cannot_be_read_is_an_error_of_its_own_and_spares_the_transaction(
    store: Store, tokens: Tokens
) -> None:
    with _undone(store) as connection:
        connection.execute(text("ALTER TABLE entity_items RENAME TO elsewhere"))
        with pytest.raises(HistoryUnavailable):
            StoreHistory(connection, tokens).fetch([EntityQuery("plate", "TX:A", 1, "V1")])
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_looking_back_never_scans_the_log(store: Store, tokens: Tokens) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses plans by the size of its tables")
    with store.read() as connection:
        statements: list[str] = []
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.set_trace_callback(statements.append)
        StoreHistory(connection, tokens).fetch([EntityQuery("plate", "TX:A", 1, "V1")])
        raw.set_trace_callback(None)
        (query,) = [each for each in statements if "entity_items" in each]
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    logs = [step for step in plan if step.split()[:2] in (["SCAN", "e"], ["SCAN", "s"])]
    assert not logs
    assert any("ix_entity_results_token_kind_recorded_at" in step for step in plan)
    assert any("ix_signals_usable" in step for step in plan)
    assert any("ix_entity_items_token_kind_known_at_item_id" in step for step in plan)
