import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import brier_score_loss

from training.metrics import (
    brier_score,
    capture,
    exact_interval,
    expected_calibration_error,
    figures,
    hit_rate,
    random_figures,
)

ONES = np.ones(4)


def _labels(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return np.array(values, dtype=np.int8)


def test_capture_counts_finds_among_the_highest_risks() -> None:
    risk = np.array([0.9, 0.8, 0.2, 0.1])
    assert capture(risk, _labels(1, 0, 0, 1), ONES, 0.5) == 0.5
    assert capture(risk, _labels(1, 1, 0, 0), ONES, 0.5) == 1.0


def test_capture_takes_the_item_on_the_edge_in_proportion() -> None:
    assert capture(np.array([0.9, 0.1]), _labels(1, 0), np.ones(2), 0.25) == 0.5


def test_tied_items_share_the_room_that_is_left() -> None:
    assert capture(np.full(4, 0.3), _labels(1, 0, 0, 0), ONES, 0.25) == 0.25


def test_an_item_that_stands_for_more_takes_more_room_and_counts_more() -> None:
    risk, y = np.array([0.9, 0.1]), _labels(1, 1)
    assert capture(risk, y, np.array([3.0, 1.0]), 0.5) == pytest.approx(0.5)
    assert capture(risk, y, np.array([3.0, 1.0]), 0.75) == pytest.approx(0.75)


def test_capture_without_finds_is_not_a_number() -> None:
    assert np.isnan(capture(ONES, _labels(0, 0, 0, 0), ONES, 0.5))


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1)), min_size=2), st.floats(0, 1))
def test_capture_never_falls_with_capacity(rows: list[tuple[float, int]], share: float) -> None:
    risk = np.array([row[0] for row in rows])
    y = np.array([row[1] for row in rows], dtype=np.int8)
    weight = np.ones(len(rows))
    if y.any():
        assert capture(risk, y, weight, share) <= capture(risk, y, weight, 1.0) + 1e-12
        assert capture(risk, y, weight, 1.0) == pytest.approx(1.0)


def test_a_calibrated_forecast_has_no_calibration_error() -> None:
    risk = np.repeat([0.25, 0.75], 4)
    y = _labels(1, 0, 0, 0, 1, 1, 1, 0)
    assert expected_calibration_error(risk, y, np.ones(8), n_bins=2) == 0.0


def test_calibration_error_is_the_mean_distance() -> None:
    risk = np.repeat([0.5, 0.75], 4)
    y = _labels(1, 0, 0, 0, 1, 1, 1, 0)
    assert expected_calibration_error(risk, y, np.ones(8), n_bins=2) == 0.125


def test_brier_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    risk, y, weight = random.random(50), random.integers(0, 2, 50), random.random(50)
    ours = brier_score(risk, y.astype(np.int8), weight)
    assert ours == pytest.approx(brier_score_loss(y, risk, sample_weight=weight))


def test_items_without_weight_say_nothing() -> None:
    risk, y = np.array([0.1, 0.9, 0.5, 0.4]), _labels(0, 1, 1, 0)
    stated = figures(risk, y, np.array([1.0, 1.0, 0.0, 0.0]))
    assert stated["n_inspected"] == 2
    assert stated["n_finds"] == 1
    assert stated["auc"] == 1.0


def test_with_one_outcome_only_the_counts_are_stated() -> None:
    stated = figures(ONES / 2, _labels(0, 0, 0, 0), ONES)
    assert stated == {"n_inspected": 4.0, "n_finds": 0.0}


def test_a_constant_risk_has_the_figures_expected_of_a_random_order() -> None:
    y = _labels(1, 0, 0, 0)
    ours, expected = figures(np.full(4, 0.25), y, ONES), random_figures(y, ONES)
    for figure, value in expected.items():
        assert ours[figure] == pytest.approx(value), figure


@pytest.mark.parametrize(
    ("n_finds", "n_inspected", "low", "high"),
    [
        (0, 10, 0.0, 0.308497),  # 1 - 0.025 ** (1 / 10)
        (10, 10, 0.691503, 1.0),
        (1, 10, 0.002529, 0.445016),  # Clopper and Pearson's own example
        (5, 50, 0.033275, 0.218135),
    ],
)
def test_the_interval_of_a_hit_rate_is_that_of_clopper_and_pearson(
    n_finds: int, n_inspected: int, low: float, high: float
) -> None:
    assert exact_interval(n_finds, n_inspected) == pytest.approx((low, high), abs=2e-6)


@pytest.mark.parametrize("share", [0.002, 0.01, 0.1])
def test_the_interval_misses_the_true_rate_at_most_as_often_as_it_says(share: float) -> None:
    n_inspected = 200
    found = np.arange(n_inspected + 1)
    chance = binom.pmf(found, n_inspected, share)
    ends = np.array([exact_interval(int(n), n_inspected) for n in found])
    missed = (share < ends[:, 0]) | (share > ends[:, 1])
    assert chance[missed].sum() <= 0.05


def test_a_hit_rate_counts_each_inspection_at_or_above_the_level_once() -> None:
    risk = np.array([0.9, 0.8, 0.8, 0.1])
    told = hit_rate(risk, _labels(1, 0, 1, 1), np.array([1.0, 1.0, 1.0, 7.0]), 0.2)
    assert (told["n_inspected"], told["n_finds"]) == (3, 2)
    assert told["hit_rate"] == pytest.approx(2 / 3)
    assert told["low"] < 2 / 3 < told["high"]


def test_observed_over_expected_weighs_each_label_by_what_it_stands_for() -> None:
    stated = figures(np.array([0.5, 0.1]), _labels(1, 0), np.array([1.0, 3.0]))
    assert stated["mean_risk"] == pytest.approx(0.2)
    assert stated["prevalence"] == pytest.approx(0.25)
    assert stated["observed_over_expected"] == pytest.approx(1.25)
