import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.simulation.draws import (
    Keys,
    chance,
    fold,
    geometric,
    integer,
    lognormal,
    mix,
    normal,
    pick,
    root,
    uniform,
)

N = 40_000


def many(label: str = "somebody") -> Keys:
    return fold(root(7, label), np.arange(N))


def test_a_draw_depends_on_nobody_else() -> None:
    keys = many()
    some = keys[::17]
    assert (uniform(keys, "x")[::17] == uniform(some, "x")).all()
    assert (uniform(keys[::-1], "x")[::-1] == uniform(keys, "x")).all()


def test_draws_for_different_purposes_have_nothing_in_common() -> None:
    keys = many()
    assert abs(np.corrcoef(uniform(keys, "x"), uniform(keys, "y"))[0, 1]) < 0.02


def test_neighbouring_actors_have_nothing_in_common() -> None:
    drawn = uniform(many(), "x")
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.02


def test_seeds_and_labels_give_different_roots() -> None:
    roots = {int(root(seed, label)[0]) for seed in range(50) for label in ("a", "b", "ab")}
    assert len(roots) == 150


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, unique=True))
def test_mixing_never_makes_two_keys_one(keys: list[int]) -> None:
    assert len(set(mix(np.array(keys, dtype=np.uint64)).tolist())) == len(keys)


def test_uniform_draws_fill_the_unit_interval_evenly() -> None:
    counts, _ = np.histogram(uniform(many(), "x"), bins=20, range=(0, 1))
    assert ((counts / N - 0.05) ** 2 / 0.05 * N).sum() < 45  # chi-square, 19 degrees of freedom


def test_chance_answers_yes_as_often_as_asked() -> None:
    assert abs(chance(many(), "x", 0.3).mean() - 0.3) < 0.01
    shares = np.where(np.arange(N) < N // 2, 0.0, 1.0)
    assert (chance(many(), "x", shares) == (shares == 1.0)).all()


def test_normal_draws_are_standard_normal() -> None:
    drawn = normal(many(), "x")
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.std() - 1) < 0.02
    assert abs((drawn < 1.0).mean() - 0.8413) < 0.01


def test_lognormal_draws_have_their_median_and_sigma() -> None:
    drawn = lognormal(many(), "x", 3.0, 0.9)
    assert abs(np.median(drawn) - 3.0) < 0.1
    assert abs(np.log(drawn).std() - 0.9) < 0.02


@pytest.mark.parametrize("mean", [1.25, 2.0, 6.0])
def test_geometric_draws_start_at_one_and_have_their_mean(mean: float) -> None:
    drawn = geometric(many(), "x", mean)
    assert drawn.min() == 1
    assert abs(drawn.mean() / mean - 1) < 0.03


def test_integers_stay_below_their_bound() -> None:
    drawn = integer(many(), "x", 6)
    assert set(drawn.tolist()) == set(range(6))


def test_pick_follows_one_set_of_weights() -> None:
    drawn = pick(many(), "x", (1, 0, 3))
    assert abs((drawn == 2).mean() - 0.75) < 0.01
    assert not (drawn == 1).any()


def test_pick_follows_weights_of_ones_own() -> None:
    weights = np.tile([[1.0, 0.0, 3.0], [0.0, 2.0, 0.0]], (N // 2, 1))
    drawn = pick(many(), "x", weights)
    assert (drawn[1::2] == 1).all()
    assert abs((drawn[::2] == 2).mean() - 0.75) < 0.01
