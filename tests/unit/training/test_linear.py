from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.catalogue import FEATURE_NAMES
from training.dataset import Dataset, labelled
from training.learner import Recipe, raw_scores
from training.linear import N_ROUNDS, Logistic, grow_linear
from training.parameters import PARAMETERS
from training.tables import read_tables

RECIPE = Recipe("unweighted", PARAMETERS, FEATURE_NAMES, seed=1)


@pytest.fixture(scope="module")
def data(data_folder: Path) -> Dataset:
    return labelled(read_tables(data_folder))


def test_regression_tells_finds_from_clears_though_columns_are_missing(data: Dataset) -> None:
    assert np.isnan(data.X).all(axis=0).any()
    scores = Logistic(data).scores(data.X)
    assert np.isfinite(scores).all()
    assert scores[data.y == 1].mean() > scores[data.y == 0].mean() + 0.5


def test_regression_does_not_mind_the_unit_of_a_column(data: Dataset) -> None:
    scaled = data.X * np.float32(1_024)
    np.testing.assert_allclose(
        Logistic(replace(data, X=scaled)).scores(scaled), Logistic(data).scores(data.X), atol=1e-3
    )


def test_trees_follow_the_regression_on_rows_that_they_were_not_grown_on(data: Dataset) -> None:
    even = np.arange(len(data.y)) % 2 == 0
    early, late = data.rows(even), data.rows(~even)
    booster = grow_linear(RECIPE, early)
    expected = Logistic(early).scores(late.X)
    assert booster.num_trees() == N_ROUNDS
    assert np.corrcoef(raw_scores(booster, late.X), expected)[0, 1] > 0.97
    assert raw_scores(booster, late.X).mean() == pytest.approx(expected.mean(), abs=0.1)


def test_trees_of_a_regression_are_the_same_each_time(data: Dataset) -> None:
    first, again = (raw_scores(grow_linear(RECIPE, data), data.X) for _ in range(2))
    np.testing.assert_array_equal(first, again)
