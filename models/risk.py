"""A loaded model: risk, its reasons in log-odds, bands and priority."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from features.errors import InvalidTable
from models.calibration import Calibration
from models.manifest import Bands, Manifest
from models.shapley.explainer import Explainer

if TYPE_CHECKING:
    from lightgbm import Booster

Band = Literal["very_high", "high", "medium", "low"]

MOST_ROWS_ON_ONE_THREAD = 2_048
"""Up to so many rows, waking a second thread costs more than it saves."""


class RiskModel:
    """A model that turns feature rows into risks. Immutable; any thread may call it.

    Parameters
    ----------
    manifest : Manifest
        What the bundle says about itself.
    booster : lightgbm.Booster
        The trees.
    calibration : Calibration
        From score to risk.
    explainer : Explainer, optional
        Splits scores over features; without one LightGBM does, at thirty times the cost.
    """

    def __init__(
        self,
        manifest: Manifest,
        booster: "Booster",
        calibration: Calibration,
        explainer: Explainer | None = None,
    ) -> None:
        self.manifest = manifest
        self.calibration = calibration
        self._booster = booster
        self._explainer = explainer

    @property
    def version(self) -> str:
        """The bundle's version."""
        return self.manifest.version

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns of X, in order."""
        return self.manifest.feature_names

    @property
    def used_columns(self) -> list[int]:
        """Columns of X that some split looks at; what the others hold changes nothing."""
        return [int(column) for column in np.flatnonzero(self._booster.feature_importance("split"))]

    def score(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give raw scores, see `raw_scores`."""
        self._check(X)
        return raw_scores(self._booster, X)

    def risk(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Give the calibrated probability that an inspection now would find contraband.

        Parameters
        ----------
        X : ndarray of float32, shape (n, f)
            One row per item, columns as `feature_names`; NaN where missing.

        Returns
        -------
        ndarray of float64, shape (n,)
            Risks, above 0 and below 1.

        Raises
        ------
        InvalidTable
            If X does not have the model's columns.
        """
        return self.calibration.apply(self.score(X))

    def contributions(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Split raw scores by feature, see `contributions`.

        Parameters
        ----------
        X : ndarray of float32, shape (n, f)
            Rows as for `risk`.

        Returns
        -------
        ndarray of float64, shape (n, f + 1)
            Log-odds by column, the base last; a row sums to its raw score.

        Raises
        ------
        InvalidTable
            If X does not have the model's columns.
        """
        self._check(X)
        if self._explainer is None:
            return contributions(self._booster, X)
        return self._explainer.contributions(X)

    def band(self, risk: float) -> Band:
        """Name the band of a risk by this bundle's thresholds."""
        return band(risk, self.manifest.bands)

    def severity(self, mode: str) -> float:
        """Give the severity to expect of a find in a mode, in firearm equivalents."""
        return self.manifest.severity_by_mode.get(mode, self.manifest.severity_overall)

    def _check(self, X: NDArray[np.float32]) -> None:
        expected = len(self.feature_names)
        if X.ndim != 2 or X.shape[1] != expected:  # noqa: PLR2004 - a matrix
            raise InvalidTable(
                f"X has shape {X.shape}; bundle {self.version} needs {expected} columns",
                field="X",
            )


def load_booster(model: bytes) -> "Booster":
    """Let LightGBM parse a model.

    LightGBM can kill the process on damaged text: call it only on what has been verified,
    or in a process that may die.

    Parameters
    ----------
    model : bytes
        The content of `model.txt`.

    Returns
    -------
    lightgbm.Booster
        The trees.
    """
    from lightgbm import Booster  # noqa: PLC0415 - importing it costs seconds

    return Booster(model_str=model.decode())


def raw_scores(booster: "Booster", X: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum the leaves that each row reaches.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    X : ndarray of float32, shape (n, f)
        Rows.

    Returns
    -------
    ndarray of float64, shape (n,)
        Log-odds before calibration.
    """
    if len(X) == 0:
        return np.empty(0)
    scores = booster.predict(X, raw_score=True, num_threads=_threads(len(X)))
    return np.asarray(scores, np.float64)


def contributions(booster: "Booster", X: NDArray[np.float32]) -> NDArray[np.float64]:
    """Have LightGBM split each raw score exactly over the features [1]_.

    Slow; `models.shapley` is held against it, and golden rows are made with it.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    X : ndarray of float32, shape (n, f)
        Rows.

    Returns
    -------
    ndarray of float64, shape (n, f + 1)
        Shapley values in log-odds, the base (expected score) last.

    References
    ----------
    .. [1] Lundberg et al., Consistent individualized feature attribution for tree ensembles,
       arXiv:1802.03888.
    """
    if len(X) == 0:
        return np.empty((0, X.shape[1] + 1))
    values = booster.predict(X, pred_contrib=True, num_threads=_threads(len(X)))
    return np.asarray(values, np.float64)


def band(risk: float, bands: Bands) -> Band:
    """Name the band of a risk.

    Parameters
    ----------
    risk : float
        Probability, 0 to 1.
    bands : Bands
        Where medium, high and very high begin; a threshold belongs to the band above it.

    Returns
    -------
    {"very_high", "high", "medium", "low"}
        The band.

    Examples
    --------
    >>> band(0.2, Bands(medium=0.01, high=0.05, very_high=0.2))
    'very_high'
    """
    names: Sequence[tuple[Band, float]] = (
        ("very_high", bands.very_high),
        ("high", bands.high),
        ("medium", bands.medium),
    )
    return next((name for name, threshold in names if risk >= threshold), "low")


def priority(risk: float, severity: float, minutes: float) -> float:
    """Weigh what an inspection would stop against what it costs.

    Parameters
    ----------
    risk : float
        Probability of a find.
    severity : float
        Expected severity given a find, in firearm equivalents.
    minutes : float
        Minutes that the inspection takes; positive.

    Returns
    -------
    float
        Expected harm stopped per inspection minute.

    Raises
    ------
    ValueError
        If the minutes are not positive.

    Examples
    --------
    >>> priority(0.5, 3.0, 15.0)
    0.1
    """
    if not minutes > 0:
        raise ValueError(f"an inspection of {minutes} minutes is none; give its minutes")
    return risk * severity / minutes


def _threads(n_rows: int) -> int:
    return 1 if n_rows <= MOST_ROWS_ON_ONE_THREAD else 0
