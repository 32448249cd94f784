"""The quick committee learns as the product's does."""

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.metrics import roc_auc_score

from features.catalogue import FEATURE_NAMES
from training.evaluation.learned import QuickCommittee, quick_trees
from training.learner import SIGNALS, raw_scores

Drawn = tuple[npt.NDArray[np.float32], npt.NDArray[np.int8]]


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    """Draw finds that many features say a little about, as finds at a border are."""
    draw = np.random.default_rng(5)
    X = draw.normal(size=(1_600, len(FEATURE_NAMES))).astype(np.float32)
    effect = np.where(np.arange(X.shape[1]) % 4 == 0, 0.25, 0.0)
    odds = X @ effect - 2
    return X, (draw.random(len(X)) < 1 / (1 + np.exp(-odds))).astype(np.int8)


def test_many_small_effects_are_learned_better_than_by_trees_alone(drawn: Drawn) -> None:
    X, y = drawn
    early, late = slice(0, 800), slice(800, None)
    committee = QuickCommittee(X[early], y[early], seed=1).scores(X[late])
    alone = raw_scores(quick_trees(X[early], y[early], seed=1), X[late])
    assert roc_auc_score(y[late], committee) > roc_auc_score(y[late], alone) + 0.02


def test_same_seed_same_scores(drawn: Drawn) -> None:
    X, y = drawn
    once, again = (QuickCommittee(X[:400], y[:400], seed=2).scores(X) for _ in range(2))
    np.testing.assert_array_equal(once, again)


def test_blind_trees_do_not_ask_what_agencies_reported(drawn: Drawn) -> None:
    X, y = drawn
    blind = quick_trees(X, y, seed=3, blind=True)
    silent = np.where(SIGNALS, np.float32(np.nan), X)
    np.testing.assert_array_equal(raw_scores(blind, X), raw_scores(blind, silent))
    assert not blind.feature_importance()[SIGNALS].any()
