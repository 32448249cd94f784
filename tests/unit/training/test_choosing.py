from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from features.catalogue import FEATURE_NAMES
from training.choosing import COMMITTEE, Choice, Seat, choose, placements
from training.dataset import Dataset, labelled
from training.learner import SIGNALS, WEIGHTINGS, Recipe, raw_scores
from training.linear import grow_linear
from training.parameters import PARAMETERS
from training.tables import read_tables
from training.windows import split_by_time

RECIPE = Recipe("unweighted", PARAMETERS, FEATURE_NAMES, seed=1)


@pytest.fixture(scope="module")
def data(data_folder: Path) -> Dataset:
    return labelled(read_tables(data_folder))


def test_the_mean_placement_of_finds_is_the_area_under_the_curve(data: Dataset) -> None:
    random = np.random.default_rng(3)
    weighed = replace(data, weight=random.integers(1, 9, len(data.y)).astype(np.float64))
    score = np.round(random.normal(size=len(data.y)) + data.y, 1)
    placement, weight = placements(score, weighed)
    expected = roc_auc_score(weighed.y, score, sample_weight=weighed.weight)
    assert np.average(placement, weights=weight) == pytest.approx(expected)


def test_picks_of_unknown_propensity_place_nothing(data: Dataset) -> None:
    half = replace(data, weight=np.where(np.arange(len(data.y)) % 2, data.weight, 0.0))
    placement, _ = placements(np.zeros(len(data.y)), half)
    assert len(placement) == (half.y[1::2] == 1).sum()
    assert set(placement) == {0.5}


def test_weightings_that_come_to_the_same_leave_the_simplest(data: Dataset) -> None:
    told: list[None] = []
    choice = choose(split_by_time(data), RECIPE, n_jobs=2, step=lambda: told.append(None))
    assert choice.weighting == "unweighted"
    assert len({choice.areas[name] for name in WEIGHTINGS}) == 1
    assert len(told) == 4


def test_a_blend_of_both_windows_has_the_trees_of_both_committees(data: Dataset) -> None:
    whole = Choice("unweighted", 9, 5, 0.0, {}).grow(RECIPE, data, n_jobs=1)
    both = Choice("unweighted", 9, 5, 0.5, {}).grow(RECIPE, data, n_jobs=2)
    late = Choice("unweighted", 9, 5, 1.0, {}).grow(RECIPE, data, n_jobs=1)
    assert both.num_trees() == whole.num_trees() + late.num_trees()
    n_growing = sum(seat.kind != "linear" for seat in COMMITTEE)
    assert whole.num_trees() - late.num_trees() == n_growing * (9 - 5)


def test_members_without_sight_never_ask_a_signal(data: Dataset) -> None:
    from training.learner import grow  # noqa: PLC0415 - only here

    # a signal that tells everything
    told = data.X.copy()
    told[:, int(np.flatnonzero(SIGNALS)[0])] = data.y
    for blind in (False, True):
        booster = grow(replace(RECIPE, blind=blind), replace(data, X=told), 20)
        asked = booster.feature_importance()[SIGNALS].sum()
        assert (asked > 0) is not blind


def test_a_committee_is_the_mean_of_its_members_by_their_shares(data: Dataset) -> None:
    alone = Choice("unweighted", 9, 5, 0.0, {})
    seats = Seat("sighted", 0.25), Seat("linear", 0.75)
    together = alone.grow(RECIPE, data, n_jobs=1, seats=seats)
    trees = alone.grow(RECIPE, data, n_jobs=1, seats=[Seat("sighted", 1.0)])
    # the second seat has the next seed
    linear = grow_linear(replace(RECIPE, seed=RECIPE.seed + 1), data)
    expected = 0.25 * raw_scores(trees, data.X) + 0.75 * raw_scores(linear, data.X)
    np.testing.assert_allclose(raw_scores(together, data.X), expected, atol=1e-9)


def test_the_shares_of_a_committee_add_up() -> None:
    assert sum(seat.share for seat in COMMITTEE) == pytest.approx(1.0)
    assert COMMITTEE[0].kind != "linear"
