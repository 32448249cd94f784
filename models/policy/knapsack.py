"""The most harm stopped for the minutes there are."""

from functools import cache

import numpy as np
import numpy.typing as npt

from features.encoding import Numbers
from models.policy.sampling import Flags

CORE = 12
"""Items around the place where the budget runs out among which every subset is tried."""


@cache
def _subsets(n: int) -> npt.NDArray[np.float64]:
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)


def best_set(value: Numbers, minutes: Numbers, budget: float) -> Flags:
    """Choose the set with the highest value that fits the budget, or nearly.

    Items are taken by value per minute until the budget runs out; there, among a core of 12
    items, every subset is tried, since that is where the best set differs from the greedy one
    (Balas and Zemel [1]_); what is left of the budget goes on by value per minute. With up to
    12 items that fit, the set is the best there is.

    Parameters
    ----------
    value : array of float, shape (n,)
        Expected harm that each exam stops, 0 or more; those of 0 are not chosen.
    minutes : array of float, shape (n,)
        Minutes of each exam, above 0.
    budget : float
        Minutes there are; never exceeded.

    Returns
    -------
    array of bool, shape (n,)
        What is chosen.

    References
    ----------
    .. [1] Balas and Zemel (1980), Operations Research 28, 1130-1154.

    Examples
    --------
    >>> best_set(np.array([9.0, 5.0, 5.0]), np.array([9.0, 6.0, 6.0]), 12.0)
    array([False,  True,  True])
    """
    chosen = np.zeros(len(value), np.bool_)
    able = np.flatnonzero((value > 0) & (minutes <= budget))
    ranked = able[np.lexsort((able, -value[able], -value[able] / minutes[able]))]
    used = np.cumsum(minutes[ranked])
    n_fit = int(np.searchsorted(used, budget, side="right"))
    if n_fit == len(ranked):
        chosen[ranked] = True
        return chosen
    first = max(0, min(n_fit - CORE // 2, len(ranked) - CORE))
    chosen[ranked[:first]] = True
    left = budget - float(minutes[ranked[:first]].sum())
    core = ranked[first : first + CORE]
    trials = _subsets(len(core))
    worth = np.where(trials @ minutes[core] <= left, trials @ value[core], -1.0)
    best = trials[int(np.argmax(worth))] > 0
    chosen[core] = best
    left -= float(minutes[core[best]].sum())
    _fill(chosen, ranked[first + CORE :], minutes, left)
    return chosen


def _fill(chosen: Flags, ranked: npt.NDArray[np.int64], minutes: Numbers, left: float) -> None:
    shortest = np.minimum.accumulate(minutes[ranked][::-1])[::-1]
    for place, item in enumerate(ranked):
        if shortest[place] > left:
            return
        if minutes[item] <= left:
            chosen[item] = True
            left -= float(minutes[item])
