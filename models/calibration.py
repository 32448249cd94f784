"""From a model's score to a risk: a probability that means what it says."""

from functools import cached_property
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.documents import read_json, write_json
from models.errors import BundleRefused, CalibrationFailed

CALIBRATION = "calibration.json"

RAREST_RISK = 1e-9
"""Risks lie between this and one less this: an inspection is never quite certain."""

FEWEST_FINDS_FOR_ISOTONIC = 100
"""With fewer effective finds a calibration is a sigmoid."""

_FLATTEST = 1e-3
_FURTHEST_LOG_ODDS = float(np.log((1 - RAREST_RISK) / RAREST_RISK))

_MOST = 1e6
"""Scores, log-odds and slopes beyond it say nothing that this does not."""

Finite = Annotated[float, Field(ge=-_MOST, le=_MOST)]


class Calibration(BaseModel):
    """A monotone map from score to risk, straight between knots in log-odds.

    Beyond its first and last knot it goes on with a fixed slope, so that two scores with
    different values never get one risk merely because they are extreme. A sigmoid is one
    knot with that slope on both sides.

    Parameters
    ----------
    kind : {"sigmoid", "isotonic"}
        How it was fitted.
    scores : tuple of float
        Knots: the model's raw scores (log-odds before calibration), ascending.
    log_odds : tuple of float
        The calibrated log-odds at the knots, never descending.
    slope : float
        Calibrated log-odds per unit of score beyond the end knots; positive.

    Examples
    --------
    >>> Calibration(kind="sigmoid", scores=(0.0,), log_odds=(0.0,), slope=1.0).apply(np.zeros(2))
    array([0.5, 0.5])
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Literal["sigmoid", "isotonic"]
    scores: Annotated[tuple[Finite, ...], Field(min_length=1, max_length=10_000)]
    log_odds: Annotated[tuple[Finite, ...], Field(min_length=1, max_length=10_000)]
    slope: Annotated[float, Field(gt=0, le=_MOST)]

    @model_validator(mode="after")
    def _is_monotone(self) -> Self:
        if len(self.scores) != len(self.log_odds):
            raise ValueError("scores and log_odds must be equally long")
        if np.any(np.diff(self.scores) <= 0) or np.any(np.diff(self.log_odds) < 0):
            raise ValueError("scores must ascend and log_odds must not descend")
        return self

    @cached_property
    def _knots(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return np.asarray(self.scores, np.float64), np.asarray(self.log_odds, np.float64)

    def apply(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn scores into risks.

        Parameters
        ----------
        score : ndarray of float64, shape (n,)
            Raw scores of the model.

        Returns
        -------
        ndarray of float64, shape (n,)
            Risks, in `[1e-9, 1 - 1e-9]`; NaN where the score is NaN.
        """
        scores, log_odds = self._knots
        score = np.clip(score, -_MOST, _MOST)
        beyond = np.minimum(score - scores[0], 0) + np.maximum(score - scores[-1], 0)
        calibrated = np.interp(score, scores, log_odds) + self.slope * beyond
        limited = np.clip(calibrated, -_FURTHEST_LOG_ODDS, _FURTHEST_LOG_ODDS)
        return np.asarray(1 / (1 + np.exp(-limited)), np.float64)

    def to_json(self) -> bytes:
        """Write it as `calibration.json`; `read_calibration` gives back the same numbers."""
        return write_json(self.model_dump(mode="json"))


def read_calibration(data: bytes) -> Calibration:
    """Read `calibration.json`.

    Parameters
    ----------
    data : bytes
        Its content.

    Returns
    -------
    Calibration
        The map.

    Raises
    ------
    BundleRefused
        If it is damaged, not monotone or not finite.
    """
    read_json(data, CALIBRATION)
    try:
        return Calibration.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "calibration"
        raise BundleRefused(CALIBRATION, f"{field}: {first['msg']}") from error


def fit_calibration(
    score: NDArray[np.float64],
    y: NDArray[np.int64],
    weight: NDArray[np.float64] | None = None,
    *,
    fewest_finds_to_bend: int = FEWEST_FINDS_FOR_ISOTONIC,
) -> Calibration:
    """Fit the map from score to risk on items that the model has not been fitted on.

    Few finds carry a sigmoid [1]_ and no more; with 100 finds or more (effective number, see
    below) isotonic regression [2]_ bends it. Each isotonic block becomes one knot at its mean
    score [3]_, so that scores inside a block keep their order, and its rate is drawn towards
    the sigmoid's by one find's worth of evidence, `(finds + 1) / (items + 1 / p)` with p the
    sigmoid's mean in the block, so that a block without finds is rare and not impossible.

    Parameters
    ----------
    score : ndarray of float64, shape (n,)
        Raw scores of the model.
    y : ndarray of int, shape (n,)
        1 for a find, 0 for a clear.
    weight : ndarray of float64, shape (n,), optional
        Inverse propensities. They are scaled to add up to their effective number
        `(sum w)^2 / sum w^2`, so that uneven weights count as the little evidence they are.
    fewest_finds_to_bend : int
        Effective finds from which on isotonic regression bends the sigmoid.

    Returns
    -------
    Calibration
        Monotone; its mean risk over these items is close to their weighted find rate.

    Raises
    ------
    CalibrationFailed
        If lengths differ, a value is not finite, a weight is negative, or there is no find or
        no clear.

    References
    ----------
    .. [1] Platt, Probabilistic outputs for support vector machines, 1999 (with its targets).
    .. [2] Zadrozny and Elkan, Transforming classifier scores into probability estimates, 2002.
    .. [3] Oron and Flournoy, Centered isotonic regression, doi:10.1080/19466315.2017.1286256.
    """
    score = np.asarray(score, np.float64)
    found = np.asarray(y) == 1
    w = _scaled_weights(score, found, np.ones_like(score) if weight is None else weight)
    score, found, w = score[w > 0], found[w > 0], w[w > 0]
    sigmoid = _fit_sigmoid(score, found, w)
    n_finds = w[found].sum() ** 2 / (w[found] ** 2).sum()
    if n_finds < fewest_finds_to_bend:
        return sigmoid
    return _bend(sigmoid, score, found, w)


def _scaled_weights(
    score: NDArray[np.float64], found: NDArray[np.bool_], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    weight = np.asarray(weight, np.float64)
    if not score.shape == found.shape == weight.shape or score.ndim != 1:
        raise CalibrationFailed("score, y and weight must be equally long", field="y")
    if not np.isfinite(score).all():
        raise CalibrationFailed("a score is not finite; look at the model", field="score")
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise CalibrationFailed("a weight is negative or not finite", field="weight")
    if not weight[found].any() or not weight[~found].any():
        raise CalibrationFailed(
            "calibration needs at least one find and one clear; choose a longer window", field="y"
        )
    return np.asarray(weight * (weight.sum() / (weight**2).sum()), np.float64)


def _fit_sigmoid(
    score: NDArray[np.float64], found: NDArray[np.bool_], w: NDArray[np.float64]
) -> Calibration:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - importing it is slow

    n_finds, n_clears = w[found].sum(), w[~found].sum()
    target = np.where(found, (n_finds + 1) / (n_finds + 2), 1 / (n_clears + 2))
    middle, spread = float(np.average(score, weights=w)), max(float(score.std()), _FLATTEST)
    column = ((score - middle) / spread)[:, None]
    # soft targets: every item once as a find and once as a clear, by its target
    fit = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1_000).fit(
        np.concatenate([column, column]),
        np.repeat([1, 0], len(score)),
        sample_weight=np.concatenate([w * target, w * (1 - target)]),
    )
    slope, at_middle = float(fit.coef_[0, 0]) / spread, float(fit.intercept_[0])
    if slope < _FLATTEST:
        # scores that say nothing, or the contrary, keep their order and little else
        slope, at_middle = _FLATTEST, float(np.log((n_finds + 1) / (n_clears + 1)))
    return Calibration(kind="sigmoid", scores=(middle,), log_odds=(at_middle,), slope=slope)


def _bend(
    sigmoid: Calibration,
    score: NDArray[np.float64],
    found: NDArray[np.bool_],
    w: NDArray[np.float64],
) -> Calibration:
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - importing it is slow

    level = IsotonicRegression().fit(score, found, sample_weight=w).predict(score)
    _, block = np.unique(level, return_inverse=True)
    n_items = np.bincount(block, w)
    n_finds = np.bincount(block, w * found)
    centre = np.bincount(block, w * score) / n_items
    expected = np.bincount(block, w * sigmoid.apply(score)) / n_items
    n_clears = np.maximum(n_items - n_finds, 0)
    rising = np.maximum.accumulate(np.log(n_finds + 1) - np.log(n_clears + 1 / expected - 1))
    apart = np.diff(centre, prepend=-np.inf) > 0
    return Calibration(
        kind="isotonic",
        scores=tuple(centre[apart].tolist()),
        log_odds=tuple(rising[apart].tolist()),
        slope=sigmoid.slope,
    )
