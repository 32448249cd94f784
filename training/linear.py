"""Logistic regression, and the same written as trees, so that a committee can hold it."""

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from training.dataset import Dataset
from training.learner import Recipe

Scores = npt.NDArray[np.float64]

_FURTHEST = 5.0
_REGULARISATION = 0.02

N_ROUNDS = 80
_TREES: dict[str, Any] = {
    "objective": "regression",
    "learning_rate": 0.3,
    "num_leaves": 31,
    "max_depth": 6,
    "min_data_in_leaf": 10,
    "lambda_l2": 1.0,
    "feature_fraction": 0.5,
}
"""Trees of this many and this size follow a linear score on other rows with correlation 0.99."""


class Labelled(Protocol):
    """Items with their labels: an array of features `X`, shape (n, f), and `y` of 0 and 1."""

    @property
    def X(self) -> npt.NDArray[np.float32]:  # noqa: D102, N802 - as everywhere
        ...

    @property
    def y(self) -> npt.NDArray[np.int8]:  # noqa: D102 - as above
        ...


class Logistic:
    """Logistic regression on standardised features, missing values at the mean.

    Parameters
    ----------
    data : Labelled
        Items to learn from.
    """

    def __init__(self, data: Labelled) -> None:
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - importing it is slow

        X = np.asarray(data.X, np.float64)
        known = np.isfinite(X)
        n_known = np.maximum(known.sum(axis=0), 1)
        self._middle = np.where(known, X, 0.0).sum(axis=0) / n_known
        away = np.where(known, X - self._middle, 0.0)
        self._spread = np.sqrt((away**2).sum(axis=0) / n_known)
        self._spread[self._spread == 0] = 1.0
        self._fit = LogisticRegression(C=_REGULARISATION, max_iter=300).fit(
            self._standard(data.X), data.y
        )

    def _standard(self, X: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        away = np.nan_to_num((X - self._middle) / self._spread)
        return np.asarray(np.clip(away, -_FURTHEST, _FURTHEST), np.float64)

    def scores(self, X: npt.NDArray[np.float32]) -> Scores:
        """Score rows in log-odds.

        Parameters
        ----------
        X : array of float32, shape (n, f)
            Features.

        Returns
        -------
        array of float, shape (n,)
            Log-odds.
        """
        return np.asarray(self._fit.decision_function(self._standard(X)), np.float64)


def grow_linear(recipe: Recipe, fit: Dataset) -> Any:  # noqa: ANN401 - lightgbm ships no types
    """Fit a logistic regression, and grow trees that give its log-odds.

    A sum of many small effects is what trees learn last from few finds, and what a penalised
    regression learns first. Trees are grown on its scores by least squares, because a bundle
    holds trees and nothing else.

    Parameters
    ----------
    recipe : Recipe
        Seed, names and threads; the size of the trees is fixed here.
    fit : Dataset
        Items to learn from.

    Returns
    -------
    lightgbm.Booster
        Its raw score is close to the regression's log-odds.

    References
    ----------
    .. [1] Hinton, Vinyals and Dean (2015), Distilling the knowledge in a neural network,
       arXiv:1503.02531.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    settings = recipe.settings() | _TREES
    rows = lightgbm.Dataset(
        fit.X, label=Logistic(fit).scores(fit.X),
        feature_name=list(recipe.feature_names), params=settings,
    )  # fmt: skip
    return lightgbm.train(settings, rows, num_boost_round=N_ROUNDS)
