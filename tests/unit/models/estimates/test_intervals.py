import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import binomtest, false_discovery_control, poisson

from models.estimates.intervals import (
    Moments,
    clopper_pearson,
    gamma_interval,
    holm,
    total_interval,
)


@pytest.mark.parametrize("count", [1, 2, 5, 40])
def test_for_plain_counts_the_gamma_interval_is_the_mid_p_interval_of_poisson(count: int) -> None:
    def mid_p(mean: float) -> float:
        return float(poisson.sf(count, mean) + poisson.pmf(count, mean) / 2)

    low, high = gamma_interval(Moments(count, count), Moments(count + 1, count + 1))
    assert low == pytest.approx(brentq(lambda mean: mid_p(mean) - 0.025, 1e-6, count), rel=1e-6)
    assert high == pytest.approx(brentq(lambda mean: mid_p(mean) - 0.975, count, 200), rel=1e-6)


def test_without_finds_the_lower_end_is_zero_and_the_upper_three_of_the_largest_weight() -> None:
    low, high = gamma_interval(Moments(0, 0), Moments(70, 70 * 70))
    assert low == 0
    assert high == pytest.approx(-np.log(0.05) * 70)


def test_one_find_of_extreme_weight_gives_an_interval_that_is_finite_and_contains_it() -> None:
    low, high = total_interval(np.array([1e9]), 1e9)
    assert 1 <= low < 1e9 < high < 1e10


def test_what_was_chosen_with_certainty_adds_no_doubt() -> None:
    alone = total_interval(np.array([50.0]), 50.0)
    with_certain = total_interval(np.array([50.0, *[1.0] * 7]), 50.0)
    assert with_certain.low == alone.low + 7
    assert with_certain.high == pytest.approx(alone.high + 7)


@pytest.mark.parametrize("share", [0.02, 0.2, 0.6])
@pytest.mark.parametrize("total", [0, 1, 3, 12, 60])
def test_a_binomial_draw_is_covered_whatever_the_total_and_the_share(
    total: int, share: float
) -> None:
    rng = np.random.default_rng(total)
    trials = 2000
    covered = 0
    for found in rng.binomial(total, share, trials).tolist():
        low, high = total_interval(np.full(found, 1 / share), 1 / share)
        covered += low <= total <= high + 1e-9
    assert binomtest(covered, trials, 0.95, alternative="less").pvalue > 0.001


@given(st.lists(st.floats(1, 1e6), max_size=20), st.floats(0.5, 0.999))
def test_the_interval_contains_the_estimate_and_grows_with_the_level(
    weights: list[float], level: float
) -> None:
    weight, largest = np.array(weights), max([1.0, *weights])
    narrow, wide = (
        total_interval(weight, largest, level=level),
        total_interval(weight, largest, level=(1 + level) / 2),
    )
    assert wide.low <= narrow.low <= weight.sum() + 1e-6
    assert narrow.high <= wide.high + 1e-6
    assert narrow.low <= narrow.high


@pytest.mark.parametrize(("found", "n"), [(0, 7), (1, 7), (7, 7), (13, 400)])
def test_clopper_and_pearson_agrees_with_scipy(found: int, n: int) -> None:
    expected = binomtest(found, n).proportion_ci(method="exact")
    assert clopper_pearson(found, n) == pytest.approx((expected.low, expected.high))


def test_without_inspections_nothing_is_known_of_a_share() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_stricter_than_benjamini_and_hochberg_and_milder_than_bonferroni(
    p_values: list[float],
) -> None:
    adjusted = np.array(holm(p_values))
    assert (adjusted >= false_discovery_control(p_values) - 1e-9).all()
    assert (adjusted <= np.minimum(1, np.array(p_values) * len(p_values)) + 1e-9).all()
