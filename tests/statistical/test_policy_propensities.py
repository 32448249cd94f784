"""Are items chosen as often as their logged propensities say? `-s` prints the counts."""
# ruff: noqa: T201 - the counts are what this is run for

import numpy as np
import pytest
from scipy.stats import chi2

from models.policy.draws import Draws
from models.policy.lane import Arrival, LaneShift, LaneState, decide
from tests.borders import PORTS, run_shift

_KEY = b"a key for tests only"


def _chi_square(name: str, propensity: np.ndarray, chosen: np.ndarray) -> float:
    """Compare realised and logged shares in bins of propensity."""
    open_items = (propensity > 0) & (propensity < 1 - 1e-9)
    p, hit = propensity[open_items], chosen[open_items].astype(np.float64)
    bins = np.searchsorted(np.quantile(p, np.linspace(0, 1, 21)[1:-1]), p)
    n, expected, got = (np.bincount(bins, each) for each in (np.ones(len(p)), p, hit))
    variance = np.bincount(bins, p * (1 - p))
    kept = n > 0
    statistic = float(((got - expected)[kept] ** 2 / variance[kept]).sum())
    p_value = float(chi2.sf(statistic, kept.sum()))
    print(
        f"{name}: {len(p)} draws, {hit.sum():.0f} chosen, {p.sum():.1f} expected,"
        f" chi-square {statistic:.1f} on {kept.sum()}, p {p_value:.3f}"
    )
    return p_value


def _queue(port: int, n_shifts: int) -> tuple[np.ndarray, np.ndarray]:
    shifts = [run_shift(PORTS[port], 5000 + seed).decisions for seed in range(n_shifts)]
    propensity = np.concatenate([each["propensity"].to_numpy() for each in shifts])
    arms = np.concatenate([each["arm"].fill_null("").to_numpy() for each in shifts])
    return propensity, (arms != "") & (arms != "officer")


def _lane(n_shifts: int, capacity: float) -> tuple[np.ndarray, np.ndarray]:
    propensity, chosen = [], []
    for seed in range(n_shifts):
        rng = np.random.default_rng(seed)
        shift = LaneShift(0, 10**9, capacity, 400 * float(rng.uniform(0.6, 1.5)))
        state, draws = LaneState(), Draws(_KEY, f"lane/{seed}")
        for number, at in enumerate(np.sort(rng.integers(0, 10**9, 400)).tolist()):
            risk, minutes = float(rng.beta(1, 60)), float(rng.choice([2.0, 6.0, 15.0]))
            made, state = decide(
                Arrival(f"{seed}/{number}", risk, 1.0, minutes, at), shift, state, draws
            )
            propensity.append(made.propensity)
            chosen.append(made.chosen)
    return np.array(propensity), np.array(chosen)


@pytest.mark.slow
@pytest.mark.parametrize("port", range(len(PORTS)))
def test_plans_and_re_plans_choose_as_often_as_they_say(port: int) -> None:
    assert _chi_square(PORTS[port].code, *_queue(port, 150)) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("capacity", [60.0, 240.0, 1200.0])
def test_the_lane_chooses_as_often_as_it_says(capacity: float) -> None:
    assert _chi_square(f"lane {capacity:.0f}", *_lane(150, capacity)) > 0.001


def test_a_few_shifts_choose_as_often_as_they_say() -> None:
    assert _chi_square("2504", *_queue(3, 8)) > 0.001
    assert _chi_square("lane", *_lane(8, 240.0)) > 0.001


def test_a_propensity_that_is_off_by_a_tenth_is_found_out() -> None:
    propensity, chosen = _queue(3, 25)
    off = np.where(propensity < 1, propensity * 0.9, 1.0)
    assert _chi_square("off", off, chosen) < 0.05
