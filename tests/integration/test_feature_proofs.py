"""The proofs about features, in small: they run, and they find what is wrong."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from features.history import EntityHistory, EntityQuery
from service.proof import replay as proof
from service.proof.flatness import flatness, n_seen
from service.proof.scratch import NotEmpty, Scratch, scratch_store
from service.store.history import StoreHistory
from training.simulation.run import simulate
from training.simulation.world import load_world

N_ITEMS = 300


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> proof.Tables:
    folder = tmp_path_factory.mktemp("world") / "world"
    simulate(load_world("demo"), seed=3, weeks=2, scale=0.1, out=folder)
    return proof.read_data(folder, N_ITEMS)


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    with scratch_store(None) as store:
        yield store


class Forgetful(StoreHistory):
    """A store that has lost the history of everybody."""

    def fetch(self, queries: Sequence[EntityQuery]) -> list[EntityHistory]:
        return [EntityHistory([], []) for _ in queries]


def test_a_replay_finds_store_and_tables_equal(tables: proof.Tables, scratch: Scratch) -> None:
    told = proof.replay(tables, scratch, lambda _done, _total: None)
    assert (told.n_items, told.differing) == (N_ITEMS, {})
    assert told.batch_us > 0
    assert told.single_us > 0


def test_a_replay_names_the_features_in_which_they_differ(
    tables: proof.Tables, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "StoreHistory", Forgetful)
    told = proof.replay(tables, scratch, lambda _done, _total: None)
    assert told.differing["plate_n_items_90d"] > 0
    assert "port_code" not in told.differing


def test_a_busy_entity_is_measured_with_all_that_its_history_may_hold(scratch: Scratch) -> None:
    costs = flatness(scratch, lambda _done, _total: None, sizes=[10, 200], rounds=2)
    assert [cost.n_events for cost in costs] == [10, 200]
    assert all(cost.item_us > 0 for cost in costs)
    assert [n_seen(scratch, size) for size in (10, 200)] == [10, 64]


def test_a_proof_does_not_write_into_a_store_that_is_in_use(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'used.sqlite'}"
    with scratch_store(url):
        pass
    with pytest.raises(NotEmpty, match="name an empty one"), scratch_store(url):
        pytest.fail("it must not be used")
