"""What is kept in mind of history is what the store says, whoever changes it and whatever fails."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from features.history import key_items
from features.matrix import matrix_from_items
from features.records import Inspection, Signal
from service.store.bodies import split
from service.store.engine import Store
from service.store.entity_log import add_inspections
from service.store.history import StoreHistory
from service.store.items import NewVersion, add_versions
from service.store.purged import take_away
from service.store.recent import KEPT, Recent
from service.store.recent_logs import RecentLogs
from service.store.signals import add_signals
from service.store.tokens import Tokens, claim_token_key
from tests.fakes import START, Received, shipment, vehicle
from tests.serving import NOON
from tests.streams import histories

THOROUGH = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LANE = timedelta(minutes=30)
History = tuple[list[Received], list[Inspection], list[Signal]]


@contextmanager
def _undone(store: Store) -> Iterator[Connection]:
    with store.engine.connect().execution_options(weir_writes=True) as connection:
        yield connection
        connection.rollback()


def _post(
    connection: Connection,
    batch: Sequence[Received],
    tokens: Tokens,
    recent: Recent | None,
) -> None:
    """Take items in as a server does, or as an import does where nothing is kept in mind."""
    key = claim_token_key(connection, tokens, NOON)
    new = [
        NewVersion(
            each.item,
            split(each.item, tokens),
            each.version,
            each.version - 1 or None,
            "test",
            each.received_at,
        )
        for each in batch
    ]
    keyed = key_items([each.item for each in batch], [each.as_of for each in batch])
    if recent is not None:
        recent.open(connection)
    add_versions(connection, new, tokens, key, LANE, keyed=keyed, recent=recent)


def _require_same(
    connection: Connection, batch: Sequence[Received], tokens: Tokens, recent: Recent
) -> None:
    items, as_of = [each.item for each in batch], [each.as_of for each in batch]
    fresh = {each.item.item_id for each in batch if each.version == 1}
    asked = StoreHistory(connection, tokens)
    read = matrix_from_items(items, as_of, asked)
    kept = matrix_from_items(items, as_of, RecentLogs(asked, tokens, recent, fresh))
    np.testing.assert_array_equal(kept.X, read.X)
    assert kept.clusters == read.clusters


def _batches(versions: Sequence[Received], size: int) -> Iterator[list[Received]]:
    """Cut a stream where an item would come twice, as a server does."""
    batch: list[Received] = []
    for each in versions:
        if len(batch) == size or each.item.item_id in {one.item.item_id for one in batch}:
            yield batch
            batch = []
        batch.append(each)
    yield batch


@given(
    history=histories(),
    size=st.integers(1, 5),
    n_keys=st.sampled_from([3, 40, 400]),
    turns=st.lists(st.sampled_from(["kept", "lost", "other"]), min_size=1, max_size=6),
)
@THOROUGH
def test_every_batch_is_judged_as_if_all_were_read(  # noqa: PLR0913, PLR0917 - drawn
    store: Store, tokens: Tokens, history: History, size: int, n_keys: int, turns: list[str]
) -> None:
    versions, findings, told = history
    mine, theirs = Recent(n_keys), Recent(n_keys)
    stored: set[str] = set()
    with _undone(store) as connection:
        for n, batch in enumerate(_batches(versions, size)):
            turn = turns[n % len(turns)]
            if turn == "lost":  # a batch whose commit fails, before the same one comes again
                with connection.begin_nested() as undone:
                    _post(connection, batch, tokens, mine)
                    _require_same(connection, batch, tokens, mine)
                    undone.rollback()
            recent = theirs if turn == "other" else mine
            _post(connection, batch, tokens, recent)
            _require_same(connection, batch, tokens, recent)
            recent.settle()
            stored |= {each.item.item_id for each in batch}
            ready = [each for each in findings if each.item_id in stored]
            findings = [each for each in findings if each.item_id not in stored]
            add_inspections(connection, ready)
            add_signals(
                connection, told[n : n + 1], tokens, claim_token_key(connection, tokens, NOON)
            )


def _crossing(n: int, minutes: int, **changes: object) -> Received:
    at = START + timedelta(minutes=minutes)
    return Received(vehicle(f"V{n:04}", at, **changes), 1, at)


def test_a_busy_entity_outgrows_its_place_and_is_still_read_right(
    store: Store, tokens: Tokens
) -> None:
    recent = Recent(512)
    crossings = [_crossing(n, n // 3, driver=f"D{n % 70}") for n in range(4 * KEPT)]
    linked = [
        _crossing(5_000 + n, n, driver="D0", plate=f"P{n}") for n in range(2 * KEPT)
    ]  # whom the plate above once had as its driver
    late = [_crossing(9_000 + n, 5 * n) for n in range(4)]  # as of when most was not yet known
    with _undone(store) as connection:
        for batch in (
            *_batches(crossings, 7), *_batches(linked, 7), late, [_crossing(9_999, 200)]
        ):  # fmt: skip
            _post(connection, batch, tokens, recent)
            _require_same(connection, batch, tokens, recent)
            recent.settle()


def test_what_was_not_committed_never_was(store: Store, tokens: Tokens) -> None:
    recent = Recent(8)
    with _undone(store) as connection:
        for n in range(6):
            batch = [_crossing(n, n)]
            with connection.begin_nested() as turn:
                _post(connection, batch, tokens, recent)
                _require_same(connection, batch, tokens, recent)
                if n % 3 == 1:
                    turn.rollback()
                    continue
            recent.settle()


def test_what_others_change_is_seen_at_once(store: Store, tokens: Tokens) -> None:
    recent = Recent(64)
    party = {"shipper": "S", "consignee": "C", "phone": "1"}
    parcels = [Received(shipment(f"S{n}", START, **party), 1, START) for n in range(6)]
    finding = Inspection.model_validate(
        {
            "inspection_id": "I1",
            "item_id": "S0",
            "method": "full_search",
            "minutes": 60.0,
            "outcome": "find",
            "found_at": START,
            "recorded_at": START + timedelta(hours=1),
            "agency": "CBP",
        }
    )
    signal = Signal.model_validate(
        {
            "signal_id": "Z1",
            "kind": "tip",
            "entity_kind": "shipper",
            "entity": "S",
            "agency": "HSI",
            "known_at": START,
            "strength": 0.5,
            "permitted_use": "targeting",
        }
    )
    with _undone(store) as connection:
        key = claim_token_key(connection, tokens, NOON)
        changes: tuple[Callable[[], object], ...] = (
            lambda: None,
            lambda: add_inspections(connection, [finding]),
            lambda: add_signals(connection, [signal], tokens, key),
            lambda: _post(connection, [parcels[5]], tokens, None),
            lambda: take_away(connection, "items", START + timedelta(days=9)),
        )
        rows = []
        for n, change in enumerate(changes):
            change()
            at = START + timedelta(days=10 + n)
            batch = [Received(shipment(f"T{n}", at, **party), 1, at)]
            _post(connection, batch, tokens, recent)
            _require_same(connection, batch, tokens, recent)
            recent.settle()
            asked = StoreHistory(connection, tokens)
            items, moments = [each.item for each in batch], [each.as_of for each in batch]
            logs = RecentLogs(asked, tokens, recent, {f"T{n}"})
            rows.append(matrix_from_items(items, moments, logs).X[0])
    for before, after in pairwise(rows):
        assert not np.array_equal(before, after, equal_nan=True)


def test_nobody_is_read_twice_while_nothing_else_changes(
    store: Store, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent = Recent(64)
    read: list[int] = []
    latest = StoreHistory.fetch_latest

    def counted(
        source: StoreHistory, entities: Sequence[tuple[str, str]], most: int
    ) -> Sequence[object]:
        read.append(len(entities))
        return latest(source, entities, most)

    monkeypatch.setattr(StoreHistory, "fetch_latest", counted)
    with _undone(store) as connection:
        for n in range(4):
            batch = [_crossing(n, n, driver="D")]
            _post(connection, batch, tokens, recent)
            _require_same(connection, batch, tokens, recent)
            recent.settle()
    assert read == [2]
