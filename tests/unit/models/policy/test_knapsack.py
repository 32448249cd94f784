import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from models.policy.knapsack import CORE, best_set


def _best_possible(value: np.ndarray, minutes: np.ndarray, budget: float) -> float:
    found = milp(
        -value,
        constraints=LinearConstraint(minutes[None, :], ub=budget),
        integrality=np.ones(len(value), np.int64),
        bounds=Bounds(0, 1),
    )
    assert found.fun is not None
    return -found.fun


_exams = st.tuples(st.floats(1e-3, 30), st.sampled_from([0.2, 1.25, 6.0, 15.0, 75.0]))


@given(st.lists(_exams, min_size=1, max_size=CORE), st.floats(0.1, 200))
def test_with_few_items_the_set_is_the_best_there_is(
    exams: list[tuple[float, float]], budget: float
) -> None:
    value, minutes = np.array(exams).T
    chosen = best_set(value, minutes, budget)
    assert minutes[chosen].sum() <= budget + 1e-9
    # the solver allows itself 1e-6 of the budget and 1e-4 of the value
    assert value[chosen].sum() >= _best_possible(value, minutes, budget - 1e-5) * (1 - 2e-4) - 1e-9


@pytest.mark.parametrize("n", [20, 40, 80])
def test_with_more_items_it_is_at_least_98_hundredths_of_the_best(n: int) -> None:
    rng = np.random.default_rng(n)
    shares = []
    for _ in range(40):
        value = rng.lognormal(0, 1.5, n)
        minutes = rng.choice([0.2, 1.25, 2.0, 6.0, 15.0, 75.0, 240.0], n)
        budget = float(rng.uniform(10, minutes.sum() / 2))
        chosen = best_set(value, minutes, budget)
        assert minutes[chosen].sum() <= budget + 1e-9
        shares.append(value[chosen].sum() / _best_possible(value, minutes, budget))
    assert min(shares) >= 0.98


def test_what_is_worth_nothing_is_not_chosen_however_much_time_there_is() -> None:
    assert best_set(np.array([0.0, 1.0]), np.array([1.0, 1.0]), 10.0).tolist() == [False, True]


def test_nothing_to_choose_from_is_an_empty_set() -> None:
    assert best_set(np.zeros(0), np.zeros(0), 10.0).tolist() == []
