"""From figures of single worlds to figures over worlds: median, worst, interval."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any, NamedTuple

import polars as pl
from scipy.stats import binom

LEVEL = 0.95

ROW = pl.Schema(
    {
        "figure": pl.String(),
        "policy": pl.String(),
        "part": pl.String(),
        "at": pl.String(),
        "seed": pl.Int64(),
        "value": pl.Float64(),
    }
)
"""One figure of one world: which policy, which part of the items, what capacity or week."""

Row = tuple[str, str, str, str, int, float]
"""The same as a tuple."""

LOWER_IS_BETTER = frozenset(
    {
        *("ece", "brier", "port_gini", "port_hhi", "weeks_to_recover"),
        # of speed
        *("peak_mib", "memory_growth", "times_prediction", "times_longer", "times_larger"),
        *("cpu_us", "cpu_over_thin", "cpu_over_whole", "p50_ms", "p99_ms"),
        # of durability
        *("lost", "doubled", "breaks", "wrong", "taken", "missed", "failed"),
        *("went_wrong", "p99_ratio"),
    }
)


class MedianInterval(NamedTuple):
    """Ends of an interval of a median, and the confidence that it holds with."""

    low: float
    high: float
    confidence: float


def median_interval(values: Sequence[float], level: float = LEVEL) -> MedianInterval:
    """Bound the median over all worlds from those that were run, whatever their distribution.

    The ends are order statistics [1]_: of n values the k-th smallest and the k-th largest hold
    the median between them with probability 1 - 2 P(B <= k - 1), B binomial (n, 1/2). The
    largest k that reaches the level is taken; below six values none does, and the smallest and
    largest are given with the confidence that they have.

    Parameters
    ----------
    values : sequence of float
        One per world, at least one.
    level : float
        Confidence asked for, 0 to 1.

    Returns
    -------
    MedianInterval
        Ends, and the confidence that they hold with.

    References
    ----------
    .. [1] Thompson (1936), Annals of Mathematical Statistics 7, 122-128.

    Examples
    --------
    >>> median_interval([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    MedianInterval(low=1.0, high=6.0, confidence=0.96875)
    """
    ordered, n = sorted(values), len(values)
    k = 0
    while k + 1 < n - k - 1 and 1 - 2 * float(binom.cdf(k + 1, n, 0.5)) >= level:
        k += 1
    confidence = max(0.0, 1 - 2 * float(binom.cdf(k, n, 0.5)))
    return MedianInterval(ordered[k], ordered[n - 1 - k], round(confidence, 12))


def summarise(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Summarise figures over worlds.

    Parameters
    ----------
    rows : polars.DataFrame
        `ROW`; values that are NaN say that the world had nothing to measure, and are left out.

    Returns
    -------
    list of dict
        JSON values: `figure, policy, part, at, n_seeds, median, worst, low, high, confidence`
        and `values` by seed, in the order in which the figures first come. A figure that no
        world could measure has `n_seeds` 0 and no value.
    """
    keys = ["figure", "policy", "part", "at"]
    return [
        dict(zip(keys, map(str, names), strict=True)) | _summary(str(names[0]), group)
        for names, group in rows.group_by(keys, maintain_order=True)
    ]


def _summary(figure: str, group: pl.DataFrame) -> dict[str, Any]:
    by_seed = {
        str(seed): value
        for seed, value in group.select("seed", "value").iter_rows()
        if value is not None and math.isfinite(value)
    }
    values = list(by_seed.values())
    if not values:
        return {"n_seeds": 0, "median": None, "worst": None, "values": {}}
    low, high, confidence = median_interval(values)
    return {
        "n_seeds": len(values),
        "median": median(values),
        "worst": max(values) if figure in LOWER_IS_BETTER else min(values),
        "low": low,
        "high": high,
        "confidence": confidence,
        "values": by_seed,
    }
