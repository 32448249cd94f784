import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from training.metrics import (
    brier_score,
    capture,
    expected_calibration_error,
    figures,
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
