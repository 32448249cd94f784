"""The trees: LightGBM on inspected items, bounded so that reasons stay cheap."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from features.catalogue import FEATURES
from training.dataset import Dataset

MOST_ROUNDS = 160
PATIENCE_ROUNDS = 25

CLIPPED_WEIGHT = 5.0
"""Most that an inverse propensity counts with under the weighting `clipped`."""

SIGNALS = np.array([feature.group == "signal" for feature in FEATURES])
"""Columns of X that say what agencies reported."""

Weighting = Literal["unweighted", "clipped", "inverse"]
WEIGHTINGS: tuple[Weighting, ...] = get_args(Weighting)

Progress = Callable[[int, int], None]
"""Told how much of the work is done and how much there is."""


def label_weights(data: Dataset, weighting: Weighting) -> npt.NDArray[np.float64]:
    """Say how much each label counts while trees are grown.

    A clear counts by the probability that its exam would have found something, because a
    clear X-ray says less than a clear full search; a find is a find. On top comes the inverse
    propensity, in full, clipped, or not at all. Officers' picks have none and count as the
    mean of the others.

    Parameters
    ----------
    data : Dataset
        The n items.
    weighting : {"unweighted", "clipped", "inverse"}
        What becomes of the inverse propensity.

    Returns
    -------
    array of float, shape (n,)
        Positive, with mean 1.
    """
    weight = np.where(data.y == 1, 1.0, data.detection)
    if weighting != "unweighted":
        most = CLIPPED_WEIGHT if weighting == "clipped" else np.inf
        inverse = np.clip(data.weight, None, most)
        known = inverse > 0
        middle = inverse[known].mean() if known.any() else 1.0
        weight = weight * np.where(known, inverse, middle)
    return np.asarray(weight / weight.mean(), np.float64)


@dataclass(frozen=True)
class Recipe:
    """How trees are grown.

    Parameters
    ----------
    weighting : {"unweighted", "clipped", "inverse"}
        What becomes of inverse propensities.
    parameters : mapping of str to value
        LightGBM's parameters.
    feature_names : sequence of str
        Names of the f columns of X.
    seed : int
        Seed of the row and column samples.
    n_threads : int
        Threads; 0 for all cores.
    blind : bool
        Whether the trees may not ask what agencies reported.
    """

    weighting: Weighting
    parameters: Mapping[str, Any]
    feature_names: Sequence[str]
    seed: int
    n_threads: int = 1
    blind: bool = False

    def settings(self) -> dict[str, Any]:
        """Give LightGBM's parameters with seed and threads.

        Returns
        -------
        dict of str to value
            Parameters.
        """
        return {**self.parameters, "seed": self.seed, "num_threads": self.n_threads}

    def seen(self, X: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Give what the trees may see: a column that is missing throughout is never asked.

        Parameters
        ----------
        X : array of float32, shape (n, f)
            Features.

        Returns
        -------
        array of float32, shape (n, f)
            The same, without signals for the blind.
        """
        return np.where(SIGNALS, np.float32(np.nan), X) if self.blind else X


def grow(recipe: Recipe, fit: Dataset, n_rounds: int) -> Any:  # noqa: ANN401 - no types
    """Boost a given number of rounds.

    Parameters
    ----------
    recipe : Recipe
        How.
    fit : Dataset
        Items to learn from.
    n_rounds : int
        How many trees.

    Returns
    -------
    lightgbm.Booster
        The trees.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    return lightgbm.train(recipe.settings(), _lightgbm_data(recipe, fit), num_boost_round=n_rounds)


def grow_until(
    recipe: Recipe, fit: Dataset, stop: Dataset, *, most_rounds: int = MOST_ROUNDS
) -> Any:  # noqa: ANN401 - lightgbm ships no types
    """Boost on one window until a later one no longer gains.

    Parameters
    ----------
    recipe : Recipe
        How.
    fit : Dataset
        Items to learn from.
    stop : Dataset
        Later items, whose log loss decides how many trees to keep.
    most_rounds : int
        The most trees.

    Returns
    -------
    lightgbm.Booster
        The trees up to the best round, `num_trees()` of them.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    training = _lightgbm_data(recipe, fit)
    booster = lightgbm.train(
        recipe.settings(),
        training,
        num_boost_round=most_rounds,
        valid_sets=[_lightgbm_data(recipe, stop, training)],
        callbacks=[lightgbm.early_stopping(PATIENCE_ROUNDS, verbose=False)],
    )
    best = booster.model_to_string(num_iteration=booster.best_iteration)
    return lightgbm.Booster(model_str=best)


class Machines(Protocol):
    """Where trees are grown."""

    def grow(self, recipe: Recipe, fit: Dataset, n_rounds: int) -> Any:  # noqa: ANN401 - no types
        """Boost a given number of rounds, as `grow`."""

    def grow_until(
        self, recipe: Recipe, fit: Dataset, stop: Dataset, *, most_rounds: int = MOST_ROUNDS
    ) -> Any:  # noqa: ANN401 - lightgbm ships no types
        """Boost until a later window no longer gains, as `grow_until`."""


class Here:
    """Growing on this machine; see `Machines`."""

    grow = staticmethod(grow)
    grow_until = staticmethod(grow_until)


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


def _lightgbm_data(recipe: Recipe, data: Dataset, reference: Any = None) -> Any:  # noqa: ANN401
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    return lightgbm.Dataset(
        recipe.seen(data.X), label=data.y, weight=label_weights(data, recipe.weighting),
        reference=reference, feature_name=list(recipe.feature_names), params=recipe.settings(),
    )  # fmt: skip
