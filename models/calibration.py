"""From a model's score to a risk: a probability that means what it says."""

from functools import cached_property
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.documents import read_json, write_json
from models.errors import BundleRefused

CALIBRATION = "calibration.json"

RAREST_RISK = 1e-9
"""Risks lie between this and one less this: an inspection is never quite certain."""

_FURTHEST_LOG_ODDS = float(np.log((1 - RAREST_RISK) / RAREST_RISK))

Finite = Annotated[float, Field(allow_inf_nan=False)]


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
    slope: Annotated[float, Field(gt=0, allow_inf_nan=False)]

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
