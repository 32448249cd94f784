import time

import numpy as np
import pytest

from models.errors import InvalidPlan
from models.policy.draws import Draws
from models.policy.lane import Arrival, LaneDecision, LaneShift, LaneState, decide

_HOUR = 3_600_000_000
_KEY = b"a key for tests only"


def _run(
    seed: int, *, n: int = 1000, capacity: float = 480.0, minutes: float = 6.0, **arrival: bool
) -> tuple[list[LaneDecision], np.ndarray, LaneState]:
    rng = np.random.default_rng(seed)
    at = np.sort(rng.beta(2, 2, n) * 8 * _HOUR).astype(int).tolist()
    risk = np.clip(0.003 * np.exp(rng.normal(0, 1.2, n)), 0, 0.9)
    shift = LaneShift(0, 8 * _HOUR, capacity, n * float(rng.uniform(0.7, 1.4)))
    state, draws, decisions = LaneState(), Draws(_KEY, f"lane/{seed}"), []
    for number, (moment, each) in enumerate(zip(at, risk.tolist(), strict=True)):
        came = Arrival(str(number), each, 1.0, minutes, moment, **arrival)
        decision, state = decide(came, shift, state, draws)
        decisions.append(decision)
    return decisions, risk, state


@pytest.mark.parametrize("minutes", [0.5, 6.0, 75.0])
def test_the_budget_of_the_shift_is_exceeded_by_less_than_one_exam(minutes: float) -> None:
    for seed in range(5):
        decisions, _, state = _run(seed, minutes=minutes)
        assert state.minutes < 480 + minutes
        assert sum(each.chosen for each in decisions) * minutes == pytest.approx(state.minutes)


def test_the_minutes_last_for_the_shift_and_go_to_the_risky() -> None:
    shares, used = [], []
    for seed in range(5):
        decisions, risk, state = _run(seed)
        chosen = np.array([each.chosen for each in decisions])
        shares.append(risk[chosen].sum() / np.sort(risk)[::-1][:80].sum())
        used.append(state.minutes / 480)
    assert np.mean(used) > 0.9
    # a tenth of the minutes is chance's, and nobody in a lane knows what comes next
    assert np.mean(shares) > 0.75


def test_the_propensity_is_known_before_the_draw_and_positive_while_there_are_minutes() -> None:
    decisions, _, _ = _run(3)
    assert all(0 < each.propensity <= 1 for each in decisions[:500])
    assert all(each.propensity > 0 for each in decisions if each.chosen)


def test_what_a_rule_demands_is_inspected_while_there_are_minutes_and_then_not() -> None:
    decisions, _, state = _run(1, must_inspect=True)
    assert all(each.chosen and each.propensity == 1 for each in decisions[:50])
    assert decisions[-1].propensity < 1
    assert state.minutes < 486


def test_a_released_item_is_left_to_chance() -> None:
    decisions, _, _ = _run(1, released=True)
    assert {each.arm for each in decisions} == {None, "exploration"}


def test_chance_never_weighs_an_item_more_than_twice_the_even_draw() -> None:
    shift = LaneShift(0, 8 * _HOUR, 480, 1000)
    state = LaneState(n_seen=100, mean_minutes=6.0, mean_tilt=0.1, mean_log=-6.0)
    shares = [
        decide(
            Arrival("V", risk, 1.0, 6.0, 4 * _HOUR, released=True), shift, state, Draws(_KEY, "s")
        )[0].propensity
        for risk in (0.0, 1e-9, 0.01, 0.5)
    ]
    assert shares == sorted(shares)
    assert shares[0] >= shares[2] / 2 - 1e-9


def test_once_the_minutes_are_used_the_propensity_is_zero_and_says_so() -> None:
    shift = LaneShift(0, 8 * _HOUR, 480, 1000)
    spent = LaneState(n_seen=9, minutes_by_choice=470.0, minutes_by_chance=10.0, mean_minutes=6.0)
    decision, after = decide(
        Arrival("V", 0.9, 1.0, 6.0, _HOUR, must_inspect=True), shift, spent, Draws(_KEY, "s")
    )
    assert decision == LaneDecision(chosen=False, arm=None, propensity=0.0, reason="no_capacity")
    assert after.minutes == 480


def test_a_decision_takes_well_under_a_millisecond() -> None:
    shift, state, draws = LaneShift(0, 8 * _HOUR, 480, 1000), LaneState(), Draws(_KEY, "s")
    started = time.process_time()
    for number in range(2000):
        decide(Arrival(str(number), 0.01, 1.0, 6.0, _HOUR), shift, state, draws)
    assert (time.process_time() - started) / 2000 < 0.0005


@pytest.mark.parametrize(
    "change", [{"ends_at": 0}, {"expected_items": 0.0}, {"uniform_share": 0.3}, {"ramp": 0.0}]
)
def test_an_impossible_shift_is_refused(change: dict[str, float]) -> None:
    whole = {"starts_at": 0, "ends_at": 9, "capacity_minutes": 480.0, "expected_items": 9.0}
    with pytest.raises(InvalidPlan, match=next(iter(change))):
        LaneShift(**(whole | change))  # type: ignore[arg-type]  # numbers by name
