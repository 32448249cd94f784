from collections.abc import Callable

import numpy as np
import pytest

from models.estimates.logged import Logged
from models.estimates.totals import doubly_robust, hajek_interval, hajek_total, plain_width, weigh

Period = Callable[..., Logged]


def test_weights_add_up_to_the_items_that_could_have_been_drawn(period: Period) -> None:
    rows = [("2304", "exploration", 0.1, "clear")] * 20 + [("2304", "", 0.1, "")] * 230
    rows += [("2304", "risk", 1.0, "find")] * 5
    sample = weigh(period(rows))
    assert sample.n_items == 255
    assert sample.weight.sum() == pytest.approx(255)
    assert sample.weight.min() == 1


def test_exams_that_were_not_completed_are_taken_to_be_like_those_that_were(
    period: Period,
) -> None:
    rows = [("2304", "exploration", 0.5, "find")] * 10 + [("2304", "exploration", 0.5, "")] * 10
    sample = weigh(period(rows))
    assert hajek_total(sample) == pytest.approx(20)


def test_an_officers_pick_stands_for_nothing_but_itself(period: Period) -> None:
    rows = [("2304", "officer", 0.1, "find"), ("2304", "exploration", 0.1, "clear")]
    sample = weigh(period(rows))
    assert hajek_total(sample) == 0
    assert sample.n_exams == 1


def test_where_nothing_was_drawn_the_upper_end_counts_every_item(period: Period) -> None:
    rows = [("2304", "risk", 1.0, "find"), *[("2304", "", 0.1, "")] * 99]
    assert hajek_interval(weigh(period(rows))) == (1, 100)


def test_equal_weights_get_the_exact_binomial_interval(period: Period) -> None:
    rows = [("2304", "exploration", 0.1, "clear")] * 10 + [("2304", "", 0.1, "")] * 90
    low, high = hajek_interval(weigh(period(rows)))
    assert low == 0
    assert high == pytest.approx(30.85, abs=0.01)


def test_carried_counts_what_exams_miss(period: Period) -> None:
    rows = [("2304", "risk", 1.0, "find")] * 6 + [("2304", "risk", 1.0, "clear")] * 4
    found, carried = weigh(period(rows)), weigh(period(rows), "carried")
    assert hajek_total(found) == 6
    assert hajek_total(carried) == 12
    assert hajek_interval(found) == (6, 6)
    assert hajek_interval(carried).high > 12


def test_ports_with_few_exams_are_weighed_together(period: Period) -> None:
    rows = [("2304", "exploration", 0.1, "clear")] * 20 + [("2304", "", 0.1, "")] * 180
    rows += [("2402", "exploration", 0.1, "clear")] * 2 + [("2402", "", 0.1, "")] * 18
    rows += [("2404", "", 0.1, "")] * 10
    sample = weigh(period(rows))
    assert sample.weight.sum() == pytest.approx(230)
    assert sample.n_unreached == 0


def test_a_port_without_any_exam_is_stood_for_by_the_others(period: Period) -> None:
    rows = [("2304", "exploration", 0.1, "clear")] * 20 + [("2402", "", 0.1, "")] * 10
    assert weigh(period(rows)).weight.sum() == pytest.approx(30)


def test_the_doubly_robust_estimate_is_exact_where_risks_are(period: Period) -> None:
    rows = [("2304", "exploration", 0.5, "find")] * 3 + [("2304", "exploration", 0.5, "clear")] * 5
    rows += [("2304", "", 0.5, "")] * 8
    truth = [1.0] * 3 + [0.0] * 5 + [1.0] * 2 + [0.0] * 6
    told = period(rows, truth)
    estimate = doubly_robust(weigh(told), told)
    assert estimate is not None
    assert estimate[0] == pytest.approx(5)


def test_without_risks_there_is_no_doubly_robust_estimate(period: Period) -> None:
    told = period([("2304", "exploration", 0.5, "find")] * 3)
    assert doubly_robust(weigh(told), told) is None


def test_a_plain_sample_of_the_same_size_is_as_wide_when_all_weights_are_equal(
    period: Period,
) -> None:
    rows = [("2304", "exploration", 0.1, "clear")] * 95 + [("2304", "exploration", 0.1, "find")] * 5
    rows += [("2304", "", 0.1, "")] * 900 + [("2304", "rule", 1.0, "clear")]
    sample = weigh(period(rows))
    low, high = hajek_interval(sample)
    assert plain_width(sample, hajek_total(sample)) == pytest.approx(high - low, rel=0.02)


def test_an_item_with_propensity_zero_is_not_part_of_the_estimate(period: Period) -> None:
    rows = [("2304", "exploration", 0.5, "find")] * 4 + [("2304", "", 0.0, "")] * 50
    assert weigh(period(rows)).n_items == 4
    assert np.isfinite(weigh(period(rows)).weight).all()
