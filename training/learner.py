"""The trees: LightGBM on inspected items, bounded so that reasons stay cheap."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from training.dataset import Dataset

MOST_ROUNDS = 400
PATIENCE_ROUNDS = 40

PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "max_depth": 5,
    "min_data_in_leaf": 20,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
"""Depth and leaves are bounded because exact Shapley values cost leaves x depth squared."""

Progress = Callable[[int, int], None]
"""Told the boosting round just done and the most there can be."""


def fit_trees(  # noqa: PLR0913 - a fit has many knobs, all named
    fit: Dataset,
    stop: Dataset,
    *,
    feature_names: Sequence[str],
    seed: int,
    n_threads: int = 0,
    progress: Progress | None = None,
) -> Any:  # noqa: ANN401 - lightgbm ships no types
    """Boost trees on one window and stop on a later one.

    Labels enter unweighted: inverse-propensity weights cost rank once there are more than
    about 60 finds; they enter in calibration and in every figure instead.

    Parameters
    ----------
    fit : Dataset
        Items to learn from.
    stop : Dataset
        Later items, whose log loss decides how many trees to keep.
    feature_names : sequence of str
        Names of the f columns of X.
    seed : int
        Seed of the row and column samples.
    n_threads : int
        Threads; 0 for all cores.
    progress : callable, optional
        Told of every round.

    Returns
    -------
    lightgbm.Booster
        The trees up to the best round.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    def told(environment: Any) -> None:  # noqa: ANN401 - lightgbm ships no types
        if progress is not None:
            progress(environment.iteration + 1, MOST_ROUNDS)

    parameters = PARAMETERS | {"seed": seed, "num_threads": n_threads}
    names = list(feature_names)
    training = lightgbm.Dataset(fit.X, label=fit.y, feature_name=names, params=parameters)
    judging = lightgbm.Dataset(stop.X, label=stop.y, reference=training, params=parameters)
    booster = lightgbm.train(
        parameters,
        training,
        num_boost_round=MOST_ROUNDS,
        valid_sets=[judging],
        callbacks=[lightgbm.early_stopping(PATIENCE_ROUNDS, verbose=False), told],
    )
    text = booster.model_to_string(num_iteration=booster.best_iteration)
    return lightgbm.Booster(model_str=text)


def raw_scores(booster: Any, X: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:  # noqa: ANN401
    """Score rows in log-odds, before calibration.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    X : array of float32, shape (n, f)
        Features.

    Returns
    -------
    array of float, shape (n,)
        Log-odds.
    """
    return np.asarray(booster.predict(X, raw_score=True), dtype=np.float64)
