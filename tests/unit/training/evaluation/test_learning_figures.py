import math

import numpy as np
import pytest

from training.evaluation.learning_figures import captured, judge_calibration, normalised


def _drawn(n: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    risk = 1 / (1 + np.exp(-random.normal(-4, 1, n)))
    return risk, random.random(n) < risk


def test_risks_that_are_right_come_out_at_one_with_intervals_around_it() -> None:
    told = judge_calibration(*_drawn())
    assert told.low < 1 < told.high
    assert told.high - told.low < 0.2
    assert told.slope == pytest.approx(1, abs=0.08)
    assert told.slope_low < 1 < told.slope_high


def test_risks_half_as_high_show_as_twice_the_expected() -> None:
    risk, finds = _drawn()
    assert judge_calibration(risk / 2, finds).observed_over_expected == pytest.approx(
        judge_calibration(risk, finds).observed_over_expected * 2
    )


def test_log_odds_twice_too_far_apart_show_as_a_slope_of_a_half() -> None:
    risk, finds = _drawn()
    log_odds = np.log(risk / (1 - risk))
    steep = judge_calibration(1 / (1 + np.exp(-2 * log_odds)), finds)
    assert steep.slope == pytest.approx(judge_calibration(risk, finds).slope / 2, rel=1e-4)


def test_without_finds_there_is_a_bound_and_no_slope() -> None:
    told = judge_calibration(np.full(300, 0.01), np.zeros(300, dtype=bool))
    assert told.observed_over_expected == told.low == 0.0
    assert told.high == pytest.approx(-math.log(0.025) / 3)
    assert math.isnan(told.slope)


def test_tenths_of_the_exams_add_up() -> None:
    risk, finds = _drawn(1_003)
    bins = judge_calibration(risk, finds).bins
    assert sum(each["n_exams"] for each in bins) == 1_003
    assert sum(each["n_finds"] for each in bins) == finds.sum()
    assert [each["mean_risk"] for each in bins] == sorted(each["mean_risk"] for each in bins)


def test_the_ceiling_is_one_and_a_random_order_nought() -> None:
    assert normalised(0.4, 0.4, 0.01) == 1.0
    assert normalised(0.01, 0.4, 0.01) == 0.0
    assert math.isnan(normalised(0.01, 0.01, 0.01))


def test_items_that_tie_at_the_edge_are_captured_in_proportion() -> None:
    wanted = np.array([True, False, False, False])
    assert captured(np.zeros(4), wanted, 0.5) == 0.5
