"""Figures of a choice and of a ranking, against a truth that is known for every item."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from training.metrics import brier_score, expected_calibration_error

Numbers = npt.NDArray[np.float64]

CAPACITIES = (0.005, 0.01, 0.02, 0.05)
"""Shares of the items that can be inspected."""

DEPTHS = (10, 50, 100)
"""Numbers k of items at which precision is stated."""

BANDS = {"very_high": (0.0, 0.005), "high": (0.005, 0.02), "medium": (0.02, 0.10), "low": (0.10, 1)}
"""Places in the ranking, as shares from the top, of each band of the score."""


@dataclass(frozen=True)
class Truth:
    """What n items carried; arrays of length n.

    Parameters
    ----------
    finds : array of float
        1 where the exam that the item would be given finds something.
    event : array of int
        Number of the event that the item is part of; -1 for lawful items.
    n_firearms, severity : array of float
        Firearms on it, and severity of all that is on it.
    """

    finds: Numbers
    event: npt.NDArray[np.int64]
    n_firearms: Numbers
    severity: Numbers

    @classmethod
    def read(cls, frame: pl.DataFrame) -> "Truth":
        """Read the truth off a table.

        Parameters
        ----------
        frame : polars.DataFrame
            From `worlds.hidden_truth`.

        Returns
        -------
        Truth
            In the order of the rows.
        """
        event = frame["event_id"].rank("dense").cast(pl.Int64).fill_null(0) - 1
        return cls(
            frame["finds"].cast(pl.Float64).to_numpy(),
            event.to_numpy(),
            frame["n_firearms"].cast(pl.Float64).to_numpy(),
            frame["severity"].to_numpy(),
        )

    def of(self, where: npt.NDArray[np.bool_]) -> "Truth":
        """Keep some of the items.

        Parameters
        ----------
        where : array of bool, shape (n,)
            Which.

        Returns
        -------
        Truth
            Those, in order.
        """
        return Truth(
            self.finds[where], self.event[where], self.n_firearms[where], self.severity[where]
        )

    @property
    def n_events(self) -> int:
        """Distinct events."""
        return len(np.unique(self.event[self.event >= 0]))


def captured_events(propensity: Numbers, truth: Truth) -> float:
    """Give the share of events of which at least one item is expected to be chosen.

    An event over items i is missed with probability prod (1 - p_i), items being drawn
    independently given their propensities p_i.

    Parameters
    ----------
    propensity : array of float, shape (n,)
        Probability that each item is chosen.
    truth : Truth
        Of the same items.

    Returns
    -------
    float
        0 to 1; NaN without events.

    Examples
    --------
    >>> truth = Truth(np.ones(3), np.array([0, 0, -1]), np.ones(3), np.ones(3))
    >>> captured_events(np.array([0.5, 0.5, 1.0]), truth)
    0.75
    """
    illicit = truth.event >= 0
    if not illicit.any():
        return float("nan")
    _, place = np.unique(truth.event[illicit], return_inverse=True)
    missed = np.ones(place.max() + 1)
    np.multiply.at(missed, place, 1 - propensity[illicit])
    return float(1 - missed.mean())


def _share(propensity: Numbers, amount: Numbers) -> float:
    whole = float(amount.sum())
    return float(propensity @ amount) / whole if whole > 0 else float("nan")


def choice_figures(propensity: Numbers, truth: Truth) -> dict[str, float]:
    """State the figures of a choice, as expectations over its propensities.

    Parameters
    ----------
    propensity : array of float, shape (n,)
        Probability that each item is chosen.
    truth : Truth
        Of the same items.

    Returns
    -------
    dict of str to float
        `capture_events`, `capture_guns` and `capture_severity` (shares of events, firearms and
        severity that were on chosen items, whether or not the exam finds them), `hit_rate`
        (finds over inspections) and `lift` (hit rate over the share of all items on which the
        exam would find something). NaN where there is nothing to capture.

    Examples
    --------
    >>> truth = Truth(np.array([1.0, 0.0]), np.array([0, -1]), np.array([2.0, 0.0]), np.ones(2))
    >>> choice_figures(np.array([1.0, 0.0]), truth)["lift"]
    2.0
    """
    n_chosen, base = float(propensity.sum()), float(truth.finds.mean())
    hit_rate = float(propensity @ truth.finds) / n_chosen if n_chosen > 0 else float("nan")
    return {
        "capture_events": captured_events(propensity, truth),
        "capture_guns": _share(propensity, truth.n_firearms),
        "capture_severity": _share(propensity, truth.severity * (truth.event >= 0)),
        "hit_rate": hit_rate,
        "lift": hit_rate / base if base > 0 else float("nan"),
    }


def normalised(policy: float, random: float, ceiling: float) -> float:
    """Place a capture between that of chance and that of the ceiling.

    Parameters
    ----------
    policy, random, ceiling : float
        Captures at the same capacity on the same items.

    Returns
    -------
    float
        N = (policy - random) / (ceiling - random); NaN where the ceiling is no better than
        chance.

    Examples
    --------
    >>> normalised(0.25, 0.0, 0.5)
    0.5
    """
    room = ceiling - random
    return (policy - random) / room if room > 0 else float("nan")


def precision_at(scores: Numbers, finds: Numbers, k: int) -> float:
    """Give the share of finds among the k highest scores, ties in proportion.

    Parameters
    ----------
    scores, finds : array of float, shape (n,)
        Scores, and 1 where an exam finds something.
    k : int
        How many; NaN if there are fewer items.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> precision_at(np.array([3.0, 2.0, 1.0]), np.array([1.0, 0.0, 1.0]), 2)
    0.5
    """
    if k > len(scores):
        return float("nan")
    edge = np.sort(scores)[-k]
    above, tied = scores > edge, scores == edge
    return float(finds[above].sum() + finds[tied].mean() * (k - above.sum())) / k


def ranking_figures(scores: Numbers, finds: Numbers) -> dict[str, float]:
    """State the figures that need a score for every item.

    Parameters
    ----------
    scores, finds : array of float, shape (n,)
        Scores, and 1 where an exam finds something.

    Returns
    -------
    dict of str to float
        `precision_at_10`, `_50` and `_100`, `average_precision`, `auc`; the last two NaN where
        one outcome is missing.
    """
    from sklearn.metrics import (  # noqa: PLC0415 - costs a second
        average_precision_score,
        roc_auc_score,
    )

    stated = {f"precision_at_{k}": precision_at(scores, finds, k) for k in DEPTHS}
    both = 0 < finds.sum() < len(finds)
    stated["average_precision"] = (
        float(average_precision_score(finds, scores)) if both else float("nan")
    )
    stated["auc"] = float(roc_auc_score(finds, scores)) if both else float("nan")
    return stated


def calibration_figures(risk: Numbers, finds: Numbers) -> dict[str, float]:
    """State how far probabilities are from what is found.

    Parameters
    ----------
    risk, finds : array of float, shape (n,)
        Probabilities of a find, and 1 where an exam finds something.

    Returns
    -------
    dict of str to float
        `ece` over ten bins of equal count, `brier`, and `observed_over_expected`.
    """
    y, weight = finds.astype(np.int8), np.ones(len(finds))
    expected = float(risk.mean())
    return {
        "ece": expected_calibration_error(risk, y, weight),
        "brier": brier_score(risk, y, weight),
        "observed_over_expected": float(finds.mean()) / expected if expected > 0 else float("nan"),
    }


def band_figures(scores: Numbers, finds: Numbers) -> dict[str, float]:
    """Give the hit rate of each band of the score.

    Parameters
    ----------
    scores, finds : array of float, shape (n,)
        Scores, and 1 where an exam finds something.

    Returns
    -------
    dict of str to float
        Band to finds per item among those whose place in the ranking lies in it.
    """
    found = finds[np.argsort(-scores, kind="stable")]
    n = len(found)
    stated = {}
    for band, (first, last) in BANDS.items():
        part = found[round(first * n) : round(last * n)]
        stated[band] = float(part.mean()) if len(part) else float("nan")
    return stated
