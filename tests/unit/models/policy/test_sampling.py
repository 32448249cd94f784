import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy.sampling import inclusion, mixture, systematic

_lengths = st.sampled_from([0.2, 2.0, 15.0, 75.0])


@given(st.lists(st.floats(0, 10), min_size=1, max_size=30), st.floats(0.5, 1))
def test_no_chance_is_below_the_even_part(tilt: list[float], uniform_share: float) -> None:
    chances = mixture(np.array(tilt), uniform_share)
    assert chances.sum() == pytest.approx(1)
    assert chances.min() >= uniform_share / len(tilt) - 1e-12


@given(
    st.lists(st.tuples(st.floats(0.01, 10), _lengths), min_size=1, max_size=30), st.floats(0, 500)
)
def test_inclusion_probabilities_use_the_budget_in_expectation(
    rows: list[tuple[float, float]], budget: float
) -> None:
    tilt, minutes = np.array(rows).T
    probability = inclusion(mixture(tilt, 0.5), minutes, budget)
    assert ((probability >= 0) & (probability <= 1)).all()
    expected = min(budget, minutes.sum())
    assert (probability * minutes).sum() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    even = probability.sum() / len(rows)
    assert probability.min() >= even / 2 - 1e-12


@given(
    st.lists(st.tuples(st.floats(0, 1), _lengths), min_size=1, max_size=40),
    st.floats(0, 1, exclude_max=True),
    st.integers(0, 99),
)
def test_a_draw_keeps_its_minutes_and_its_number(
    rows: list[tuple[float, float]], start: float, seed: int
) -> None:
    probability, minutes = np.array(rows).T
    order = (np.random.default_rng(seed).random(len(rows)),)
    drawn = systematic(probability, minutes, order, start)
    assert abs(drawn.sum() - probability.sum()) < 1 + 1e-9
    expected = (probability * minutes).sum()
    assert abs(minutes[drawn].sum() - expected) < minutes.max() + 1e-9
    assert drawn[probability >= 1].all()
    assert not drawn[probability <= 0].any()


def test_every_item_is_drawn_exactly_as_often_as_it_should_be() -> None:
    rng = np.random.default_rng(5)
    probability, minutes = rng.random(12) * 0.7, rng.choice([2.0, 15.0], 12)
    starts = (np.arange(20_000) + 0.5) / 20_000
    order = (rng.random(12),)
    counts = sum(systematic(probability, minutes, order, start) for start in starts.tolist())
    assert counts / 20_000 == pytest.approx(probability, abs=1e-4)


def test_neighbours_that_add_up_to_one_never_come_together() -> None:
    probability, minutes = np.array([0.3, 0.3, 0.4, 0.9]), np.full(4, 2.0)
    cluster, own = np.array([0.5, 0.5, 0.5, 0.1]), np.array([0.7, 0.2, 0.4, 0.9])
    for start in np.linspace(0, 1, 200, endpoint=False).tolist():
        assert systematic(probability, minutes, (cluster, own), start)[:3].sum() <= 1
