"""Figures of a ranking, each from labels that stand for more items than themselves.

`weight` is the inverse of the probability that an item was inspected, so that every figure
estimates what it would be over all items and not only over those that somebody opened.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int8]


def capture(risk: Numbers, y: Labels, weight: Numbers, capacity_share: float) -> float:
    """Give the share of finds among the items with the highest risk.

    Items are taken in order of falling risk until `capacity_share` of the total weight is
    reached; the item on the edge, and items tied with it, count in proportion.

    Parameters
    ----------
    risk : array of float, shape (n,)
        Any score that ranks.
    y : array of int, shape (n,)
        1 for a find.
    weight : array of float, shape (n,)
        How many items each stands for.
    capacity_share : float
        Share of all items that could be inspected, 0 to 1.

    Returns
    -------
    float
        0 to 1; NaN without finds.

    Examples
    --------
    >>> capture(np.array([0.9, 0.2, 0.1, 0.0]), np.array([1, 0, 1, 0], dtype=np.int8),
    ...         np.ones(4), 0.25)
    0.5
    """
    finds = float(weight @ y)
    if finds == 0:
        return float("nan")
    levels, where = np.unique(-risk, return_inverse=True)
    at_level = np.bincount(where, weights=weight, minlength=len(levels))
    finds_at_level = np.bincount(where, weights=weight * y, minlength=len(levels))
    before = np.cumsum(at_level) - at_level
    room = np.clip(capacity_share * weight.sum() - before, 0, at_level)
    taken = np.divide(room, at_level, out=np.zeros_like(room), where=at_level > 0)
    return float(taken @ finds_at_level / finds)


def expected_calibration_error(
    risk: Numbers, y: Labels, weight: Numbers, n_bins: int = 10
) -> float:
    """Average the distance between risk and frequency over bins of equal weight.

    Parameters
    ----------
    risk : array of float, shape (n,)
        Probabilities.
    y : array of int, shape (n,)
        1 for a find.
    weight : array of float, shape (n,)
        How many items each stands for.
    n_bins : int
        Number of bins by rank of risk.

    Returns
    -------
    float
        Sum over bins of weight share x |mean risk - frequency|.

    References
    ----------
    .. [1] Naeini, Cooper and Hauskrecht (2015), AAAI, 2901-2907.

    Examples
    --------
    >>> y = np.array([0, 1], dtype=np.int8)
    >>> expected_calibration_error(np.array([0.5, 0.5]), y, np.ones(2), n_bins=1)
    0.0
    """
    order = np.argsort(risk, kind="stable")
    reached = np.cumsum(weight[order]) - weight[order] / 2
    bins = np.minimum((reached / weight.sum() * n_bins).astype(np.int64), n_bins - 1)
    gap = np.bincount(bins, weights=weight[order] * (risk[order] - y[order]), minlength=n_bins)
    return float(np.abs(gap).sum() / weight.sum())


def brier_score(risk: Numbers, y: Labels, weight: Numbers) -> float:
    """Average the squared distance between risk and outcome.

    Parameters
    ----------
    risk, y, weight : array, shape (n,)
        As for `expected_calibration_error`.

    Returns
    -------
    float
        0 is best.

    References
    ----------
    .. [1] Brier (1950), Monthly Weather Review 78, 1-3.
    """
    return float(np.average((risk - y) ** 2, weights=weight))


CAPACITIES = (0.01, 0.05, 0.10)
"""Shares of items inspected at which capture and hit rate are stated."""

FEWEST_FINDS = 5
"""Below so many finds a figure says too little to be told."""


class Interval(NamedTuple):
    """Where a share lies with the confidence asked for."""

    low: float
    high: float


def exact_interval(n_finds: int, n_inspected: int, confidence: float = 0.95) -> Interval:
    """Give the Clopper-Pearson interval of a hit rate.

    It holds however rare finds are: the true rate lies outside it at most as often as the
    confidence allows.

    Parameters
    ----------
    n_finds : int
        Finds among the inspections.
    n_inspected : int
        Inspections, 1 or more.
    confidence : float
        0 to 1.

    Returns
    -------
    Interval
        Its ends, 0 to 1.

    References
    ----------
    .. [1] Clopper and Pearson (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> low, high = exact_interval(0, 100)
    >>> round(low, 4), round(high, 4)
    (0.0, 0.0362)
    """
    from scipy.stats import binomtest  # noqa: PLC0415 - costs a second, only fitting needs it

    ends = binomtest(n_finds, n_inspected).proportion_ci(confidence, method="exact")
    return Interval(float(ends.low), float(ends.high))


def hit_rate(risk: Numbers, y: Labels, weight: Numbers, capacity_share: float) -> dict[str, float]:
    """Count finds and inspections among the items with the highest risk.

    The items are those whose risk is at or above the level that `capacity_share` of the total
    weight reaches. Within them every inspection counts once, so that the interval is exact.

    Parameters
    ----------
    risk, y, weight : array, shape (n,)
        As for `expected_calibration_error`.
    capacity_share : float
        Share of all items that could be inspected, 0 to 1.

    Returns
    -------
    dict of str to float
        `n_inspected`, `n_finds`, `hit_rate`, and the ends `low` and `high` of its exact 95 %
        interval.

    Examples
    --------
    >>> y = np.array([1, 0, 1, 0], dtype=np.int8)
    >>> hit_rate(np.array([0.9, 0.8, 0.2, 0.1]), y, np.ones(4), 0.5)["hit_rate"]
    0.5
    """
    order = np.argsort(-risk, kind="stable")
    reached = np.cumsum(weight[order])
    edge = int(np.searchsorted(reached, capacity_share * reached[-1]))
    top = risk >= risk[order][min(edge, len(risk) - 1)]
    n_inspected, n_finds = int(top.sum()), int(y[top].sum())
    low, high = exact_interval(n_finds, n_inspected)
    return {
        "n_inspected": float(n_inspected),
        "n_finds": float(n_finds),
        "hit_rate": n_finds / n_inspected,
        "low": low,
        "high": high,
    }


def percent(share: float) -> str:
    """Write a capacity as names of figures end.

    Parameters
    ----------
    share : float
        0 to 1.

    Returns
    -------
    str
        Whole percent.

    Examples
    --------
    >>> percent(0.05)
    '5'
    """
    return f"{share:.0%}".removesuffix("%")


def ranking_figures(score: Numbers, y: Labels, weight: Numbers) -> dict[str, float]:
    """State the figures of a score that ranks and need not be a probability.

    Parameters
    ----------
    score, y, weight : array, shape (n,)
        As for `capture`; items of weight 0 say nothing and are left out.

    Returns
    -------
    dict of str to float
        `auc`, `average_precision`, `capture_at_1`, `_5` and `_10` percent capacity, what
        `hit_rate` gives with `_at_1`, `_5` and `_10`, and the counts `n_inspected` and
        `n_finds` they rest on. Where one outcome is missing only the counts are stated.
    """
    from sklearn.metrics import (  # noqa: PLC0415 - costs a second, only fitting needs it
        average_precision_score,
        roc_auc_score,
    )

    counts = weight > 0
    score, y, weight = score[counts], y[counts], weight[counts]
    stated = {"n_inspected": float(len(y)), "n_finds": float(y.sum())}
    if len(set(y.tolist())) < 2:  # noqa: PLR2004 - both outcomes
        return stated
    stated["auc"] = float(roc_auc_score(y, score, sample_weight=weight))
    stated["average_precision"] = float(average_precision_score(y, score, sample_weight=weight))
    for share in CAPACITIES:
        at = f"at_{percent(share)}"
        stated[f"capture_{at}"] = capture(score, y, weight, share)
        top = hit_rate(score, y, weight, share)
        stated |= {f"{name}_{at}": value for name, value in top.items()}
    return stated


def figures(risk: Numbers, y: Labels, weight: Numbers) -> dict[str, float]:
    """State every figure of risks.

    Parameters
    ----------
    risk, y, weight : array, shape (n,)
        As for `expected_calibration_error`; items of weight 0 say nothing and are left out.

    Returns
    -------
    dict of str to float
        What `ranking_figures` states and, where both outcomes are there, `brier`, `ece`,
        `mean_risk` beside `prevalence` and their ratio `observed_over_expected`.
    """
    stated = ranking_figures(risk, y, weight)
    if "auc" not in stated:
        return stated
    counts = weight > 0
    risk, y, weight = risk[counts], y[counts], weight[counts]
    stated["brier"] = brier_score(risk, y, weight)
    stated["ece"] = expected_calibration_error(risk, y, weight)
    stated["mean_risk"] = float(np.average(risk, weights=weight))
    stated["prevalence"] = float(np.average(y, weights=weight))
    stated["observed_over_expected"] = stated["prevalence"] / stated["mean_risk"]
    return stated


def random_figures(y: Labels, weight: Numbers) -> dict[str, float]:
    """State what the figures of a random order are expected to be.

    Parameters
    ----------
    y, weight : array, shape (n,)
        As for `figures`.

    Returns
    -------
    dict of str to float
        `auc` one half, `average_precision` and every hit rate the share of finds, capture
        equal to capacity, and the Brier score of always giving the share of finds.
    """
    share = float(np.average(y, weights=weight)) if weight.sum() > 0 else float("nan")
    captures = {f"capture_at_{percent(at)}": at for at in CAPACITIES}
    hits = {f"hit_rate_at_{percent(at)}": share for at in CAPACITIES}
    stated = {"auc": 0.5, "average_precision": share, "brier": share * (1 - share)}
    return stated | captures | hits
