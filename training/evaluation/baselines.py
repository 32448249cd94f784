"""What the product is compared with: rules, plain learners, an anomaly score, and the ceiling."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import expit

from features.catalogue import FEATURES
from training.evaluation.learned import Matrix, Numbers, quick_trees
from training.learner import raw_scores
from training.linear import Logistic
from training.simulation.legacy import rule_factors
from training.simulation.watch import sightings, strongest

ITEM_COLUMNS = np.array([feature.group in {"item", "filing"} for feature in FEATURES])
"""Columns of X that need no history."""

MOST_LAWFUL = 60_000
"""Lawful items that the ceiling learns from, beside all that carried; the rest are drawn out."""

MOST_ORDINARY = 20_000
"""Items that the isolation forest learns what is ordinary from."""

_RULE_STEP = 0.01


@dataclass(frozen=True)
class Lesson:
    """What a learner may learn from.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Items, in order of time.
    y : array of int, shape (n,)
        1 for a find, or for what carried if every label is given.
    seed : int
        Seed of the fit.
    """

    X: Matrix
    y: npt.NDArray[np.int8]
    seed: int


def rule_scores(items: pl.DataFrame, signals: pl.DataFrame) -> Numbers:
    """Rank items by the rules and lookouts of the legacy policy.

    The probability that at least one of them would have it examined: 1 - (1 - r)(1 - s), where r
    is one percent times the factor of the rules that hit and s the strength of the strongest
    lookout that was known as of the item.

    Parameters
    ----------
    items, signals : polars.DataFrame
        The tables of those names.

    Returns
    -------
    array of float, shape (n,)
        0 to 1.
    """
    by_rule = np.minimum(0.5, _RULE_STEP * rule_factors(items)["factor"].to_numpy())
    by_lookout = strongest(items, sightings(items, signals))["strength"].to_numpy()
    return np.asarray(1 - (1 - by_rule) * (1 - by_lookout), np.float64)


def logistic_scores(lesson: Lesson, X: Matrix) -> Numbers:
    """Fit the logistic regression that every fit prints beside its model.

    Parameters
    ----------
    lesson : Lesson
        What was inspected.
    X : array of float32, shape (n, f)
        Items to score.

    Returns
    -------
    array of float, shape (n,)
        Probabilities.
    """
    return np.asarray(expit(Logistic(lesson).scores(X)), np.float64)


def histogram_scores(lesson: Lesson, X: Matrix) -> Numbers:
    """Fit scikit-learn's HistGradientBoosting with its defaults.

    Parameters
    ----------
    lesson : Lesson
        What was inspected.
    X : array of float32, shape (n, f)
        Items to score.

    Returns
    -------
    array of float, shape (n,)
        Probabilities.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - costs a second
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - as above

    # it does not bear a column without any value
    known = ~np.isnan(lesson.X).all(axis=0)
    model = HistGradientBoostingClassifier(random_state=lesson.seed)
    # its threads wait for each other on a machine that does other things as well
    with threadpool_limits(1):
        model.fit(lesson.X[:, known], lesson.y)
        return np.asarray(model.predict_proba(X[:, known])[:, 1], np.float64)


def plain_lightgbm_scores(lesson: Lesson, X: Matrix) -> Numbers:
    """Fit LightGBM with its default parameters on the features that need no history.

    Parameters
    ----------
    lesson : Lesson
        What was inspected.
    X : array of float32, shape (n, f)
        Items to score.

    Returns
    -------
    array of float, shape (n,)
        Probabilities.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds

    parameters: dict[str, Any] = {
        "objective": "binary",
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": lesson.seed,
        "verbosity": -1,
    }
    own = np.ascontiguousarray(lesson.X[:, ITEM_COLUMNS])
    booster = lightgbm.train(parameters, lightgbm.Dataset(own, label=lesson.y, params=parameters))
    return np.asarray(booster.predict(np.ascontiguousarray(X[:, ITEM_COLUMNS])), np.float64)


def isolation_scores(before: Matrix, X: Matrix, *, seed: int) -> Numbers:
    """Fit an isolation forest, which needs no label: the more out of the ordinary the higher.

    Parameters
    ----------
    before : array of float32, shape (m, f)
        Items of any kind; up to `MOST_ORDINARY` of them are learned from.
    X : array of float32, shape (n, f)
        Items to score.
    seed : int
        Seed of the fit.

    Returns
    -------
    array of float, shape (n,)
        Scores without a scale.
    """
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415 - costs a second

    some = np.random.default_rng(seed).permutation(len(before))[:MOST_ORDINARY]
    # missing values get a value of their own, below almost every other
    model = IsolationForest(random_state=seed).fit(np.nan_to_num(before[some], nan=-1.0))
    return -np.asarray(model.score_samples(np.nan_to_num(X, nan=-1.0)), np.float64)


def ceiling_scores(lesson: Lesson, X: Matrix) -> dict[str, Numbers]:
    """Fit three learners on every label of the period, inspected or not.

    Parameters
    ----------
    lesson : Lesson
        Every item of the period, with what it carried; lawful ones are thinned to
        `MOST_LAWFUL`.
    X : array of float32, shape (n, f)
        Items to score.

    Returns
    -------
    dict of str to array of float, shape (n,)
        Scores of the product's trees over the whole period, of the same over its later half,
        and of HistGradientBoosting.
    """
    kept = _thinned(lesson)
    later = np.arange(len(kept.X)) >= len(kept.X) // 2
    if len(set(kept.y[later].tolist())) < 2:  # noqa: PLR2004 - both outcomes
        later[:] = True
    whole = quick_trees(kept.X, kept.y, seed=kept.seed, rounds=200)
    recent = quick_trees(kept.X[later], kept.y[later], seed=kept.seed, rounds=200)
    return {
        "trees": raw_scores(whole, X),
        "recent trees": raw_scores(recent, X),
        "histogram": histogram_scores(kept, X),
    }


def _thinned(lesson: Lesson) -> Lesson:
    lawful = np.flatnonzero(lesson.y == 0)
    drawn = np.random.default_rng(lesson.seed).permutation(lawful)[:MOST_LAWFUL]
    kept = np.sort(np.concatenate([np.flatnonzero(lesson.y == 1), drawn]))
    return Lesson(lesson.X[kept], lesson.y[kept], lesson.seed)
