"""What a fit is held against: the rules, logistic regression and histogram gradient boosting."""

from typing import Any

import numpy as np
import numpy.typing as npt

from features.catalogue import FEATURE_NAMES
from training.dataset import Dataset

Scores = npt.NDArray[np.float64]

_BREACHES = ("n_unfiled_lines", "exemption_misused")
_STRENGTHS = tuple(name for name in FEATURE_NAMES if name.endswith("_strength"))
_SIGNAL_WEIGHT, _JUST_UNDER_WEIGHT = 2.0, 0.5


def rules_scores(X: npt.NDArray[np.float32]) -> Scores:
    """Rank items as a port without a model would: by law broken and by what agencies said.

    A breach of filing law counts 1, the strongest live signal twice its strength, a declared
    value just under the threshold 0.5. The weights are a choice of this project.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Features, columns as `FEATURE_NAMES`.

    Returns
    -------
    array of float, shape (n,)
        Higher is looked at first; many items tie at 0.
    """
    breached = np.nan_to_num(X[:, [FEATURE_NAMES.index(name) for name in _BREACHES]]) > 0
    strength = np.nan_to_num(X[:, [FEATURE_NAMES.index(name) for name in _STRENGTHS]])
    just_under = np.nan_to_num(X[:, FEATURE_NAMES.index("n_just_under")]) > 0
    score = breached.any(axis=1) + _SIGNAL_WEIGHT * strength.max(axis=1)
    return np.asarray(score + _JUST_UNDER_WEIGHT * just_under, np.float64)


class Histogram:
    """Histogram gradient boosting of scikit-learn, bounded like the model it is held against.

    Parameters
    ----------
    data : Dataset
        Items to learn from.
    seed : int
        Seed of the column samples.
    """

    def __init__(self, data: Dataset, seed: int) -> None:
        from sklearn.ensemble import (  # noqa: PLC0415 - importing it is slow
            HistGradientBoostingClassifier,
        )

        # it cannot bin a column that is missing throughout
        self._kept = np.isfinite(data.X).any(axis=0)
        self._fit: Any = HistGradientBoostingClassifier(
            learning_rate=0.06, max_iter=80, max_leaf_nodes=15, min_samples_leaf=20,
            l2_regularization=5.0, max_features=0.3, max_bins=127, early_stopping=False,
            random_state=seed,
        ).fit(data.X[:, self._kept], data.y)  # fmt: skip

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
        return np.asarray(self._fit.decision_function(X[:, self._kept]), np.float64)
