from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.errors import InvalidTable
from training.dataset import Dataset, labelled
from training.parameters import RANGES
from training.tables import read_tables
from training.tune import tune

pytest.importorskip("optuna", reason="the extra tune is not installed")


@pytest.fixture(scope="module")
def data(data_folder: Path) -> Dataset:
    return labelled(read_tables(data_folder))


def test_a_search_goes_on_where_it_was(data: Dataset, tmp_path: Path) -> None:
    store = tmp_path / "trials.sqlite"
    told: list[tuple[int, int]] = []
    _, first = tune(data, store, n_trials=2, seed=1)
    found, then = tune(data, store, n_trials=4, seed=1, progress=lambda *n: told.append(n))
    assert told == [(2, 4), (3, 4)]
    assert then >= first > 0.6
    assert all(low <= found[name] <= high for name, (low, high) in RANGES.items())


def test_trials_on_other_data_are_not_mixed_in(data: Dataset, tmp_path: Path) -> None:
    store = tmp_path / "trials.sqlite"
    tune(data, store, n_trials=1, seed=1)
    other = replace(data, y=np.roll(data.y, 1))
    with pytest.raises(InvalidTable, match="other data"):
        tune(other, store, n_trials=2, seed=1)


def test_too_few_finds_are_refused_before_the_search(data: Dataset, tmp_path: Path) -> None:
    few = np.zeros_like(data.y)
    few[:3] = 1
    with pytest.raises(InvalidTable, match="too few"):
        tune(replace(data, y=few), tmp_path / "trials.sqlite", n_trials=1, seed=1)
    assert not (tmp_path / "trials.sqlite").exists()
