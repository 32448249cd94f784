"""What tests of bundles share."""

from typing import NamedTuple

import lightgbm
import numpy as np
from numpy.typing import NDArray


class Fitted(NamedTuple):
    """A small fitted model, its rows and labels."""

    booster: lightgbm.Booster
    X: NDArray[np.float32]
    y: NDArray[np.int64]

    def raw(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """LightGBM's own raw scores."""
        return np.asarray(self.booster.predict(X, raw_score=True), np.float64)

    def leaves(self, X: NDArray[np.float32]) -> NDArray[np.int64]:
        """The leaf of each tree that each row reaches."""
        return np.asarray(self.booster.predict(X, pred_leaf=True), np.int64)
