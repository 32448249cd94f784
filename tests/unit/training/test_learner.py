from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from training.dataset import Dataset, labelled
from training.learner import CLIPPED_WEIGHT, label_weights
from training.tables import read_tables


@pytest.fixture(scope="module")
def data(data_folder: Path) -> Dataset:
    data = labelled(read_tables(data_folder))
    weight = np.where(np.arange(len(data.y)) % 2, 100.0, 2.0)
    weight[::10] = 0.0
    return replace(data, weight=weight, detection=np.full(len(data.y), 0.5))


def test_a_clear_counts_by_what_its_exam_would_have_found(data: Dataset) -> None:
    weight = label_weights(data, "unweighted")
    found = data.y == 1
    assert len(set(weight[found])) == len(set(weight[~found])) == 1
    assert weight[~found][0] == pytest.approx(0.5 * weight[found][0])


def test_inverse_propensities_enter_in_full_clipped_or_not_at_all(data: Dataset) -> None:
    found = data.y == 1
    for weighting, ratio in (("unweighted", 1.0), ("clipped", CLIPPED_WEIGHT / 2), ("inverse", 50)):
        weight = label_weights(data, weighting)  # type: ignore[arg-type]
        heavy, light = (weight[found & (data.weight == each)][0] for each in (100.0, 2.0))
        assert heavy / light == pytest.approx(ratio)
        assert weight.mean() == pytest.approx(1.0)


def test_officers_picks_count_as_the_mean_of_the_others(data: Dataset) -> None:
    weight = label_weights(data, "inverse")
    found, known = data.y == 1, data.weight > 0
    ratio = weight[found & ~known][0] / weight[found & (data.weight == 2.0)][0]
    assert ratio == pytest.approx(data.weight[known].mean() / 2.0)
