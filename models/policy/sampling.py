"""Drawing with exact inclusion probabilities, and minutes that stay within one exam of plan."""

import numpy as np
import numpy.typing as npt

from features.encoding import Numbers

Flags = npt.NDArray[np.bool_]


def mixture(tilt: Numbers, uniform_share: float) -> Numbers:
    """Mix an even draw with a tilted one.

    Parameters
    ----------
    tilt : array of float, shape (n,)
        What the tilted part is proportional to, 0 or more; even where all are 0.
    uniform_share : float
        Share of the even part, 0.5 to 1, so that no weight exceeds twice the even one.

    Returns
    -------
    array of float, shape (n,)
        Chances of one draw; they add up to 1.

    Examples
    --------
    >>> mixture(np.array([0.0, 1.0]), 0.5)
    array([0.25, 0.75])
    """
    n, whole = len(tilt), float(tilt.sum())
    even = np.full(n, 1 / n) if n else np.zeros(0)
    return even if whole <= 0 else uniform_share * even + (1 - uniform_share) * (tilt / whole)


def inclusion(chances: Numbers, minutes: Numbers, budget: float) -> Numbers:
    """Turn chances into inclusion probabilities that use a budget in expectation.

    Probabilities are min(1, c x chance) with the one c at which their minutes add up to the
    budget.

    Parameters
    ----------
    chances : array of float, shape (n,)
        Chances of one draw, above 0.
    minutes : array of float, shape (n,)
        Minutes of each exam, above 0.
    budget : float
        Minutes to use in expectation, 0 or more.

    Returns
    -------
    array of float, shape (n,)
        Inclusion probabilities; all 1 if the budget is enough for all.

    Examples
    --------
    >>> inclusion(np.array([0.5, 0.25, 0.25]), np.array([10.0, 10.0, 10.0]), 16.0)
    array([0.8, 0.4, 0.4])
    """
    if float(minutes.sum()) <= budget:
        return np.ones_like(chances)
    # in order of falling chance, those that reach 1 first come first
    order = np.argsort(-chances, kind="stable")
    certain = np.concatenate([[0.0], np.cumsum(minutes[order])[:-1]])
    rest = np.cumsum((chances * minutes)[order][::-1])[::-1]
    factor = (budget - certain) / rest
    first = int(np.argmax(factor * chances[order] < 1))
    return np.minimum(1.0, max(0.0, float(factor[first])) * chances)


def systematic(
    probability: Numbers, minutes: Numbers, order: tuple[Numbers, ...], start: float
) -> Flags:
    """Draw with exactly these inclusion probabilities.

    Items lie one after another on a line, each as long as its probability, and those that a
    comb of teeth 1 apart with a random start touches are drawn (systematic sampling with
    unequal probabilities [1]_). An item is touched with exactly its probability, whatever the
    order; so the order is free to keep the budget: along ascending minutes the minutes drawn
    differ from those expected by less than the longest exam less the shortest, since a comb of
    spacing 1 meets the integral of a monotone function to within its rise (Koksma's
    inequality). Neighbours whose probabilities add up to 1 or less never come together, which
    keeps a cluster of equal minutes to one place.

    Parameters
    ----------
    probability : array of float, shape (n,)
        Inclusion probabilities, 0 to 1.
    minutes : array of float, shape (n,)
        Minutes of each exam.
    order : tuple of array of float, each of shape (n,)
        How items of equal minutes are ordered: random numbers, of their cluster first.
    start : float
        The random start, in [0, 1).

    Returns
    -------
    array of bool, shape (n,)
        What is drawn: as many as the probabilities add up to, rounded down or up.

    References
    ----------
    .. [1] Madow (1949), Annals of Mathematical Statistics 20, 333-354; Tille (2006), Sampling
       Algorithms, section 7.2 (random order).
    .. [2] Kuipers and Niederreiter (1974), Uniform Distribution of Sequences, theorem 2.5.1.
    """
    drawn = probability >= 1
    left = np.flatnonzero(~drawn)
    keys = (*(key[left] for key in reversed(order)), minutes[left])
    line = left[np.lexsort(keys)]
    ends = np.cumsum(probability[line]) + start
    teeth = np.floor(ends)
    drawn[line] = np.diff(teeth, prepend=np.floor(start)) > 0
    return drawn
