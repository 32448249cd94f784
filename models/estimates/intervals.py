"""Intervals that hold when finds are rare, and Holm's correction for looking at many ports."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaincinv, gammainc, gammaincinv

from features.encoding import Numbers

LEVEL = 0.95
"""Confidence of every interval that the product states."""


class Interval(NamedTuple):
    """Two ends of an interval, both included."""

    low: float
    high: float


class Moments(NamedTuple):
    """Mean and variance of a gamma distribution."""

    mean: float
    variance: float

    @property
    def shape(self) -> float:
        """Shape of the gamma distribution."""
        return self.mean * self.mean / self.variance

    @property
    def scale(self) -> float:
        """Scale of the gamma distribution."""
        return self.variance / self.mean


def _quantile(moments: Moments, share: float) -> float:
    if moments.mean <= 0 or moments.variance <= 0:
        return max(0.0, moments.mean)
    return float(gammaincinv(moments.shape, share)) * moments.scale


def _below(moments: Moments, value: float) -> float:
    if moments.mean <= 0 or moments.variance <= 0:
        return float(value >= moments.mean)
    return float(gammainc(moments.shape, value / moments.scale))


def _middle_quantile(lower: Moments, upper: Moments, share: float) -> float:
    ends = sorted((_quantile(lower, share), _quantile(upper, share)))

    def excess(at: float) -> float:
        return (_below(lower, at) + _below(upper, at)) / 2 - share

    if excess(ends[0]) >= 0:
        return ends[0]
    # rounding can leave the upper end just short of the share
    return float(brentq(excess, ends[0], ends[1])) if excess(ends[1]) > 0 else ends[1]


def gamma_interval(
    lower: Moments, upper: Moments, level: float = LEVEL, *, mid_p: bool = True
) -> Interval:
    """Bound a weighted sum of rare counts.

    With counts x_j of weight w_j the lower gamma distribution has mean sum w_j x_j and variance
    sum w_j^2 x_j; the upper one has one more count of the largest weight that there could have
    been [1]_. The mid-p interval [2]_ reads its ends off the even mixture of the two; for
    weights of 1 it is the mid-p interval of a Poisson count, and without mid-p the exact one.

    Parameters
    ----------
    lower, upper : Moments
        Moments without and with one more count.
    level : float
        Confidence, 0 to 1.
    mid_p : bool
        Whether to use the mixture; otherwise each end uses its own distribution.

    Returns
    -------
    Interval
        Ends in the unit of the sum, never below 0.

    References
    ----------
    .. [1] Fay and Feuer (1997), Statistics in Medicine 16, 791-801.
    .. [2] Fay and Kim (2017), Biometrical Journal 59, 377-387.

    Examples
    --------
    >>> low, high = gamma_interval(Moments(5, 5), Moments(6, 6), mid_p=False)
    >>> round(low, 4), round(high, 4)
    (1.6235, 11.6683)
    """
    tail = (1 - level) / 2
    if not mid_p:
        return Interval(_quantile(lower, tail), _quantile(upper, 1 - tail))
    return Interval(_middle_quantile(lower, upper, tail), _middle_quantile(lower, upper, 1 - tail))


def total_interval(
    weight: Numbers, largest: float, value: Numbers | None = None, level: float = LEVEL
) -> Interval:
    """Bound a total over all items from the finds among those that were drawn.

    The finds are known; what is unknown is the total over the items that were not drawn. It is
    estimated by sum v (w - 1) with variance sum v^2 w (w - 1), the moments of what a binomial
    draw leaves behind, so that an item chosen with certainty adds no doubt and the interval
    tends to Fay and Feuer's as weights grow.

    Parameters
    ----------
    weight : array of float, shape (k,)
        Inverse propensity of each find, 1 or more.
    largest : float
        Largest inverse propensity, times value, of any item that was drawn, found or not.
    value : array of float, shape (k,), optional
        What each find counts; 1 if not given.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    Interval
        Ends of the total, never below the finds themselves.

    Examples
    --------
    >>> total_interval(np.array([1.0, 1.0]), 1.0)
    Interval(low=2.0, high=2.0)
    >>> total_interval(np.array([]), 100.0).high
    298.0
    """
    counts = np.ones_like(weight) if value is None else value
    lower = Moments(
        float((counts * (weight - 1)).sum()), float((counts**2 * weight * (weight - 1)).sum())
    )
    upper = Moments(
        lower.mean + largest - min(1.0, largest),
        lower.variance + largest * (largest - min(1.0, largest)),
    )
    low, high = gamma_interval(lower, upper, level)
    known = float(counts.sum())
    # what was left behind is a whole number of items, and may well be none
    return Interval(known + math.floor(low), known + math.ceil(high))


def clopper_pearson(n_finds: int, n: int, level: float = LEVEL) -> Interval:
    """Bound a share from an unweighted count, exactly.

    Parameters
    ----------
    n_finds, n : int
        Finds, and inspections among which they were.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    Interval
        Ends of the share; 0 to 1 where nothing was inspected.

    References
    ----------
    .. [1] Clopper and Pearson (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 10)
    >>> low, round(high, 4)
    (0.0, 0.3085)
    """
    tail = (1 - level) / 2
    low = float(betaincinv(n_finds, n - n_finds + 1, tail)) if n_finds else 0.0
    high = float(betaincinv(n_finds + 1, n - n_finds, 1 - tail)) if n_finds < n else 1.0
    return Interval(low, high)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values for having looked at all of them.

    Parameters
    ----------
    p_values : sequence of float
        One per port.

    Returns
    -------
    list of float
        Adjusted p-values in the same order; those below 0.05 stand together at 5 %.

    References
    ----------
    .. [1] Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    steps = np.array(p_values, np.float64)[order] * np.arange(len(order), 0, -1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return [float(each) for each in adjusted]
