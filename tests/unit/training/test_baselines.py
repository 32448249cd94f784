from pathlib import Path

import numpy as np
import pytest

from features.catalogue import FEATURE_NAMES
from training.baselines import Histogram, rules_scores
from training.dataset import Dataset, labelled
from training.tables import read_tables


@pytest.fixture(scope="module")
def data(data_folder: Path) -> Dataset:
    return labelled(read_tables(data_folder))


def test_rules_rank_breaches_and_signals_above_what_nothing_is_known_of() -> None:
    X = np.full((4, len(FEATURE_NAMES)), np.nan, np.float32)
    X[1, FEATURE_NAMES.index("n_just_under")] = 2
    X[2, FEATURE_NAMES.index("n_unfiled_lines")] = 1
    X[3, FEATURE_NAMES.index("tip_strength")] = 0.8
    assert rules_scores(X).tolist() == pytest.approx([0.0, 0.5, 1.0, 1.6])


def test_boosting_tells_finds_from_clears_though_columns_are_missing(data: Dataset) -> None:
    assert np.isnan(data.X).all(axis=0).any()
    scores = Histogram(data, seed=1).scores(data.X)
    assert np.isfinite(scores).all()
    assert scores[data.y == 1].mean() > scores[data.y == 0].mean() + 0.5
