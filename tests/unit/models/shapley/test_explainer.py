"""Held against LightGBM's own values, and on small trees against the definition itself."""

from itertools import combinations
from math import factorial

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.risk import contributions
from models.shapley import program
from models.shapley.explainer import Explainer
from models.structure import bare_model, read_model
from models.trees import Tree
from tests.bundles import Fitted

FITTED = (0.0, -0.0, 1e-36, -1e-36, 1e-35, 2e-35, -2e-35, 1e-45, np.nan, np.nan)
ODD = (*FITTED, np.inf, -np.inf, 3e38)


def rows_of(
    seed: int, n: int, n_features: int, odd_values: tuple[float, ...] = ODD
) -> NDArray[np.float32]:
    """Rows with missing values, exact zeros, repeats, and what floats have at their ends."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(n, n_features)).astype(np.float32)
    X[:, 0] = np.round(X[:, 0] * 2)
    odd = generator.random(X.shape) < 0.2
    X[odd] = generator.choice(np.array(odd_values, np.float32), int(odd.sum()))
    return X


def boost(X: NDArray[np.float32], seed: int, rounds: int, **given: object) -> lightgbm.Booster:
    generator = np.random.default_rng(seed)
    lean = np.nan_to_num(X, nan=1.5, posinf=3, neginf=-3).clip(-3, 3).sum(axis=1)
    y = (lean + generator.normal(size=len(X)) > 0).astype(np.int64)
    y[:2] = 0, 1
    parameters = {
        "objective": "binary",
        "min_data_in_leaf": 1,
        "min_sum_hessian_in_leaf": 0.0,
        "learning_rate": 0.3,
        "num_threads": 1,
        "verbosity": -1,
        "seed": seed,
    } | given
    data = lightgbm.Dataset(X, y, params=parameters)
    return lightgbm.train(parameters, data, num_boost_round=rounds)


def explainer_of(booster: lightgbm.Booster) -> Explainer:
    trees = read_model(bare_model(booster.model_to_string()), booster.feature_name())
    explainer = Explainer.of(trees)
    assert explainer is not None
    return explainer


@given(
    seed=st.integers(0, 2**20),
    n_features=st.integers(1, 8),
    leaves=st.integers(2, 40),
    depth=st.sampled_from([-1, 1, 2, 6]),
    rounds=st.integers(1, 6),
    given_zero=st.booleans(),
    given_missing=st.booleans(),
    n_rows=st.integers(1, 70),
)
@settings(max_examples=60, deadline=None)
def test_values_are_those_of_lightgbm(  # noqa: PLR0913, PLR0917 - one parameter per kind of tree
    seed: int,
    n_features: int,
    leaves: int,
    depth: int,
    rounds: int,
    given_zero: bool,  # noqa: FBT001 - drawn by hypothesis
    given_missing: bool,  # noqa: FBT001 - drawn by hypothesis
    n_rows: int,
) -> None:
    booster = boost(
        rows_of(seed, 250, n_features, FITTED),
        seed,
        rounds,
        num_leaves=leaves,
        max_depth=depth,
        zero_as_missing=given_zero,
        use_missing=given_missing,
    )
    X = rows_of(seed + 1, n_rows, n_features)
    values = explainer_of(booster).contributions(X)
    assert np.allclose(values, contributions(booster, X), rtol=0, atol=1e-9)


@pytest.mark.parametrize(("n_features", "depth"), [(1, 4), (2, 11), (30, 11)])
def test_long_paths_are_exact_whether_they_repeat_features_or_not(
    n_features: int, depth: int
) -> None:
    booster = boost(rows_of(3, 600, n_features, FITTED), 3, 5, num_leaves=200, learning_rate=0.1)
    trees = read_model(bare_model(booster.model_to_string()), booster.feature_name())
    assert max(tree.depth for tree in trees) >= depth
    X = rows_of(4, 40, n_features)
    values = explainer_of(booster).contributions(X)
    assert np.allclose(values, contributions(booster, X), rtol=0, atol=1e-9)


def test_a_model_of_single_leaves_is_all_base() -> None:
    booster = boost(np.zeros((50, 2), np.float32), 1, 3)
    values = explainer_of(booster).contributions(rows_of(1, 5, 2))
    assert np.array_equal(values[:, :2], np.zeros((5, 2)))
    assert np.allclose(values, contributions(booster, rows_of(1, 5, 2)), rtol=0, atol=1e-9)


def test_rows_have_the_same_bits_alone_and_in_any_batch(fitted: Fitted) -> None:
    explainer = explainer_of(fitted.booster)
    together = explainer.contributions(fitted.X[:101])
    for size in (1, 2, 3, 4, 31, 32, 33, 100):
        pieces = [fitted.X[i : min(i + size, 101)] for i in range(0, 101, size)]
        apart = np.concatenate([explainer.contributions(piece) for piece in pieces])
        assert np.array_equal(apart, together)


def test_the_layout_of_the_rows_does_not_matter(fitted: Fitted) -> None:
    explainer = explainer_of(fitted.booster)
    X = fitted.X[:20]
    locked = X.copy()
    locked.flags.writeable = False
    wide = np.zeros((20, 10), np.float32)
    wide[:, ::2] = X
    for same in (np.asfortranarray(X), locked, wide[:, ::2]):
        assert np.array_equal(explainer.contributions(same), explainer.contributions(X))


def test_rows_are_left_as_they_are(fitted: Fitted) -> None:
    X = fitted.X[:40].copy()
    explainer_of(fitted.booster).contributions(X)
    assert np.array_equal(X, fitted.X[:40], equal_nan=True)


def test_a_model_with_too_big_tables_has_no_explainer(
    fitted: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "MOST_TABLE_BYTES", 1_000)
    text = bare_model(fitted.booster.model_to_string())
    assert Explainer.of(read_model(text, fitted.booster.feature_name())) is None


TREE = Tree(
    feature=np.array([0, 1, 0, 2, 1]),
    threshold=np.array([0.0, 1.0, -1.0, 0.5, np.inf]),
    missing=np.array([2, 0, 2, 1, 2]),
    missing_left=np.array([True, False, False, True, False]),
    left=np.array([1, 2, -1, -2, -4]),
    right=np.array([3, 4, -3, -5, -6]),
    split_cover=np.array([50, 30, 17, 20, 13]),
    leaf_cover=np.array([5, 9, 12, 6, 11, 7]),
    leaf_value=np.array([1.0, -2.0, 0.25, 3.0, -0.5, 0.125]),
    depth=3,
)
"""Asks column 0 twice on one path and has a split that only asks whether a value is missing."""


def expectation(row: NDArray[np.float32], known: frozenset[int], node: int = 0) -> float:
    """Walk where the row goes if the column is known, else both ways by cover."""
    if node < 0:
        return float(TREE.leaf_value[~node])
    value, missing = float(row[TREE.feature[node]]), TREE.missing[node]
    if np.isnan(value) and missing != 2:
        value = 0.0
    is_missing = (missing == 2 and np.isnan(value)) or (missing == 1 and value == 0)
    left = TREE.missing_left[node] if is_missing else value <= TREE.threshold[node]
    children = [int(TREE.left[node]), int(TREE.right[node])]
    if int(TREE.feature[node]) in known:
        return expectation(row, known, children[0] if left else children[1])
    covers = [TREE.leaf_cover[~c] if c < 0 else TREE.split_cover[c] for c in children]
    return float(
        sum(n * expectation(row, known, c) for n, c in zip(covers, children, strict=True))
        / TREE.split_cover[node]
    )


def shapley(row: NDArray[np.float32], feature: int) -> float:
    others = [each for each in range(3) if each != feature]
    total = 0.0
    for size in range(3):
        weight = factorial(size) * factorial(2 - size) / factorial(3)
        for chosen in combinations(others, size):
            gain = expectation(row, frozenset({*chosen, feature})) - expectation(
                row, frozenset(chosen)
            )
            total += weight * gain
    return total


@given(
    st.lists(
        st.sampled_from([-2.0, -1.0, 0.0, 0.25, 0.5, 1.0, 2.0, np.nan, np.inf]),
        min_size=3,
        max_size=3,
    )
)
@settings(max_examples=60, deadline=None)
def test_values_are_those_of_the_definition(cells: list[float]) -> None:
    row = np.array([cells], np.float32)
    explainer = Explainer.of([TREE])
    assert explainer is not None
    [values] = explainer.contributions(row)
    expected = [*(shapley(row[0], j) for j in range(3)), expectation(row[0], frozenset())]
    assert values.tolist() == pytest.approx(expected, abs=1e-12)
