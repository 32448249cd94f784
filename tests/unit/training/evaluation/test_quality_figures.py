import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from training.evaluation.quality_figures import (
    CAPACITIES,
    Truth,
    band_figures,
    calibration_figures,
    captured_events,
    choice_figures,
    normalised,
    precision_at,
    ranking_figures,
)

# six items: event 0 is split over two, event 1 is on one whose exam misses it, three are lawful
TRUTH = Truth(
    finds=np.array([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
    event=np.array([0, 0, 1, -1, -1, -1]),
    n_firearms=np.array([1.0, 2.0, 5.0, 0.0, 0.0, 0.0]),
    severity=np.array([1.0, 3.0, 4.0, 0.0, 0.0, 0.0]),
)


def test_figures_of_a_choice_are_what_a_hand_counts() -> None:
    stated = choice_figures(np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), TRUTH)
    assert stated == pytest.approx(
        {
            "capture_events": 1 / 2,
            "capture_guns": 1 / 8,
            "capture_severity": 1 / 8,
            "hit_rate": 1 / 2,
            "lift": (1 / 2) / (2 / 6),
        }
    )


def test_an_event_over_two_items_is_missed_only_if_both_are() -> None:
    half = np.full(6, 0.5)
    assert captured_events(half, TRUTH) == pytest.approx((0.75 + 0.5) / 2)


def test_capture_under_propensities_is_the_mean_over_draws() -> None:
    rng = np.random.default_rng(3)
    propensity = np.array([0.9, 0.2, 0.4, 0.1, 0.0, 1.0])
    drawn = [choice_figures((rng.random(6) < propensity).astype(float), TRUTH) for _ in range(4000)]
    expected = choice_figures(propensity, TRUTH)
    for figure in ("capture_events", "capture_guns", "capture_severity"):
        mean = np.mean([each[figure] for each in drawn])
        assert mean == pytest.approx(expected[figure], abs=0.02)


def test_a_part_without_events_has_no_capture_and_without_choice_no_hit_rate() -> None:
    lawful = TRUTH.of(TRUTH.event < 0)
    assert np.isnan(captured_events(np.ones(3), lawful))
    assert np.isnan(choice_figures(np.zeros(3), lawful)["hit_rate"])


def test_truth_is_read_off_the_table_with_events_numbered() -> None:
    frame = pl.DataFrame(
        {
            "event_id": ["E9", None, "E1", "E9"],
            "finds": [True, False, False, True],
            "n_firearms": [1, 0, 2, 3],
            "severity": [1.0, 0.0, 2.0, 3.0],
        }
    )
    truth = Truth.read(frame)
    assert truth.event.tolist() == [1, -1, 0, 1]
    assert truth.n_events == 2
    assert truth.finds.tolist() == [1, 0, 0, 1]


def test_n_is_0_for_chance_1_for_the_ceiling_and_nothing_where_there_is_no_room() -> None:
    assert normalised(0.02, 0.02, 0.4) == 0
    assert normalised(0.4, 0.02, 0.4) == 1
    assert np.isnan(normalised(0.5, 0.4, 0.4))


def test_precision_counts_ties_at_the_edge_in_proportion() -> None:
    scores, finds = np.array([3.0, 2.0, 2.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0])
    assert precision_at(scores, finds, 1) == 0
    assert precision_at(scores, finds, 2) == pytest.approx(0.25)
    assert precision_at(scores, finds, 4) == 0.5
    assert np.isnan(precision_at(scores, finds, 5))


def test_ranking_and_calibration_figures_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    risk = rng.random(500)
    finds = (rng.random(500) < risk).astype(float)
    ranked, calibrated = ranking_figures(risk, finds), calibration_figures(risk, finds)
    assert ranked["average_precision"] == pytest.approx(average_precision_score(finds, risk))
    assert ranked["auc"] == pytest.approx(roc_auc_score(finds, risk))
    assert calibrated["brier"] == pytest.approx(brier_score_loss(finds, risk))
    assert ranked["precision_at_100"] == pytest.approx(finds[np.argsort(-risk)[:100]].mean())


def test_calibration_error_is_the_mean_gap_of_ten_bins_of_equal_count() -> None:
    risk = np.repeat(np.arange(10) / 10, 10)
    finds = np.zeros(100)
    finds[90:95] = 1.0
    stated = calibration_figures(risk, finds)
    assert stated["ece"] == pytest.approx((sum(range(9)) / 10 + 0.4) / 10)
    assert stated["observed_over_expected"] == pytest.approx(0.05 / 0.45)


def test_figures_that_need_both_outcomes_are_left_open_where_one_is_missing() -> None:
    stated = ranking_figures(np.arange(200.0), np.zeros(200))
    assert np.isnan(stated["average_precision"])
    assert stated["precision_at_50"] == 0


def test_bands_are_places_in_the_ranking() -> None:
    finds = np.zeros(1000)
    finds[:5], finds[5:20:3], finds[20:100:8] = 1.0, 1.0, 1.0
    stated = band_figures(-np.arange(1000.0), finds)
    assert stated == pytest.approx({"very_high": 1, "high": 5 / 15, "medium": 10 / 80, "low": 0})


def test_capacities_are_those_that_tables_state() -> None:
    assert CAPACITIES == (0.005, 0.01, 0.02, 0.05)
