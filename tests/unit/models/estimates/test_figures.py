from collections.abc import Callable

import pytest

from models.estimates.figures import figures, figures_by_port
from models.estimates.logged import Logged

Period = Callable[..., Logged]

_CHANCE = [("2304", "exploration", 0.1, "clear")] * 90 + [("2304", "exploration", 0.1, "find")] * 10
_LEFT = [("2304", "", 0.1, "")] * 900
_RISK = [("2304", "risk", 1.0, "find")] * 15 + [("2304", "risk", 1.0, "clear")] * 15


def test_each_arm_has_its_own_hit_rate_with_its_denominator(period: Period) -> None:
    told = figures(period(_CHANCE + _LEFT + _RISK + [("2304", "officer", 0.1, "find")]))
    assert (told.arms["risk"].n_finds, told.arms["risk"].n_inspections) == (15, 30)
    assert told.arms["risk"].hit_rate.value == pytest.approx(0.5)
    assert told.arms["exploration"].hit_rate.value == pytest.approx(0.1)
    assert told.arms["officer"].n_inspections == 1
    assert told.arms["rule"].hit_rate.value is None


def test_prevalence_lift_and_capture_fit_together(period: Period) -> None:
    told = figures(period(_CHANCE + _LEFT + _RISK))
    assert told.prevalence.value == pytest.approx(115 / 1030)
    assert told.arms["risk"].lift.value == pytest.approx(0.5 / (115 / 1030))
    assert told.capture_share.value == pytest.approx(25 / 115)
    assert told.arms["risk"].capture_share.value == pytest.approx(15 / 115)
    assert told.prevalence.low is not None
    assert told.prevalence.high is not None
    assert told.prevalence.low < 115 / 1030 < told.prevalence.high
    assert told.prevalence.enough
    assert told.n_exams_needed is None


def test_few_finds_by_chance_are_not_enough_and_the_bound_is_one_sided(period: Period) -> None:
    few = [("2304", "exploration", 0.1, "clear")] * 98 + [("2304", "exploration", 0.1, "find")] * 2
    told = figures(period(few + _LEFT + _RISK))
    assert not told.prevalence.enough
    assert told.prevalence.low is None
    assert told.prevalence.high is not None
    assert told.n_exams_needed == 250
    assert told.capture_share.low is not None
    assert told.capture_share.high is None
    assert told.arms["risk"].hit_rate.low is not None


def test_without_any_find_it_says_how_many_exams_it_would_take_at_least(period: Period) -> None:
    told = figures(period([("2304", "exploration", 0.1, "clear")] * 100 + _LEFT))
    assert told.prevalence.value == 0
    assert told.prevalence.high == pytest.approx(0.0362, abs=0.001)
    assert told.n_exams_needed == 139
    assert told.capture_share.value is None


def test_only_what_leans_on_a_model_is_labelled_so(period: Period) -> None:
    rows = _CHANCE + _LEFT + _RISK
    told = figures(period(rows, [0.1] * len(rows)))
    assert told.prevalence_doubly_robust.model_based
    assert told.prevalence_doubly_robust.value is not None
    assert not told.prevalence.model_based
    assert not told.capture_share.model_based


def test_what_the_policy_could_not_have_chosen_is_counted_apart(period: Period) -> None:
    told = figures(period([*_CHANCE, *_LEFT, ("2304", "", 0.0, "")]))
    assert told.n_without_overlap == 1
    assert told.n_items == 1001


@pytest.mark.parametrize("outcome", ["clear", "find"])
def test_where_chance_had_nothing_to_draw_from_nothing_is_bounded(
    period: Period, outcome: str
) -> None:
    told = figures(period([("2304", "risk", 1.0, outcome)] * 30 + [("2304", "", 0.0, "")] * 900))
    for figure in (told.prevalence, told.capture_share, told.arms["risk"].capture_share):
        assert (figure.value, figure.low, figure.high) == (None, None, None)
        assert not figure.enough
    assert told.n_exams_needed is None
    assert told.arms["risk"].hit_rate.high is not None


def test_where_chance_drew_none_of_what_it_could_have_the_bound_counts_it_all(
    period: Period,
) -> None:
    told = figures(period([("2304", "risk", 1.0, "clear")] * 30 + _LEFT))
    assert told.prevalence.value is None
    assert told.prevalence.high is not None
    assert told.prevalence.high >= 900 / 930


def test_an_empty_period_says_nothing_rather_than_failing(period: Period) -> None:
    told = figures(period([]))
    assert told.n_items == 0
    assert told.prevalence.value is None
    assert figures_by_port(period([])).ports == {}


def test_ports_stand_apart_and_their_p_values_are_corrected(period: Period) -> None:
    other = [("2402", *row[1:]) for row in _CHANCE + _LEFT]
    told = figures_by_port(period(_CHANCE + _LEFT + _RISK + other))
    assert list(told.ports) == ["2304", "2402"]
    assert told.ports["2402"].arms["risk"].n_inspections == 0
    assert told.p_values["2304"] < 0.001
    assert told.p_values["2402"] == 1
    assert told.overall.n_items == told.ports["2304"].n_items + told.ports["2402"].n_items


def test_assuming_detection_is_said_and_raises_the_prevalence(period: Period) -> None:
    rows = _CHANCE + _LEFT + _RISK
    found, carried = figures(period(rows)), figures(period(rows), "carried")
    assert carried.assumes_detection
    assert not found.assumes_detection
    assert found.prevalence.value is not None
    assert carried.prevalence.value == pytest.approx(2 * found.prevalence.value)
