"""Random numbers by counter: every draw is a function of who draws it and what for.

A draw hashes the seed, the actor, the occasion and a label, so that it does not depend on which
other actors exist, in what order they are asked, or in how many weeks. Thinning a world keeps
the trips of the actors that stay exactly as they were.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = (np.uint64(n) for n in (30, 27, 31, 11))
_UNIT = 2.0**-53


@cache
def label_key(label: str) -> np.uint64:
    """Turn a word into a 64-bit key.

    Parameters
    ----------
    label : str
        What is drawn, or a seed written as text.

    Returns
    -------
    numpy.uint64
        First eight bytes of its BLAKE2b digest.
    """
    return np.uint64(int.from_bytes(blake2b(label.encode(), digest_size=8).digest(), "little"))


def mix(key: Keys) -> Keys:
    """Scramble keys so that neighbouring ones have nothing in common.

    Parameters
    ----------
    key : array of uint64, any shape
        Keys.

    Returns
    -------
    array of uint64
        The finaliser of SplitMix64, a bijection.

    References
    ----------
    .. [1] Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators, OOPSLA.
    """
    key = key + _GOLDEN
    key = (key ^ (key >> _S30)) * _FIRST
    key = (key ^ (key >> _S27)) * _SECOND
    return key ^ (key >> _S31)


def fold(key: Keys, part: Keys | Integers | str) -> Keys:
    """Derive keys from keys.

    Parameters
    ----------
    key : array of uint64
        Parent keys.
    part : array of integers or str
        What tells the children apart.

    Returns
    -------
    array of uint64
        One key per pair, in the broadcast shape.
    """
    if isinstance(part, str):
        return mix(key ^ label_key(part))
    return mix(key ^ mix(part.astype(np.uint64)))


def root(seed: int, label: str) -> Keys:
    """Give the key that everything of one kind in a world derives from.

    Parameters
    ----------
    seed : int
        Seed of the world.
    label : str
        Kind of thing.

    Returns
    -------
    array of uint64, shape (1,)
        The root key.
    """
    return np.array([label_key(f"{seed}/{label}")], dtype=np.uint64)


def uniform(key: Keys, label: str) -> Numbers:
    """Draw from the unit interval.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws, on which occasion.
    label : str
        What is drawn.

    Returns
    -------
    array of float, shape (n,)
        Values in [0, 1).
    """
    return (fold(key, label) >> _S11).astype(np.float64) * _UNIT


def chance(key: Keys, label: str, share: float | Numbers) -> Flags:
    """Draw yes with a given probability.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws, on which occasion.
    label : str
        What is drawn.
    share : float or array of float, shape (n,)
        Probability of yes.

    Returns
    -------
    array of bool, shape (n,)
        The answers.
    """
    return uniform(key, label) < share


def normal(key: Keys, label: str) -> Numbers:
    """Draw from the standard normal distribution.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws, on which occasion.
    label : str
        What is drawn.

    Returns
    -------
    array of float, shape (n,)
        Standard normal values (Box and Muller's transform of two uniform draws).
    """
    base = fold(key, label)
    radius = np.sqrt(-2.0 * np.log1p(-uniform(base, "radius")))
    return radius * np.cos(2.0 * np.pi * uniform(base, "angle"))


def lognormal(key: Keys, label: str, median: float | Numbers, sigma: float) -> Numbers:
    """Draw from a lognormal distribution.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws, on which occasion.
    label : str
        What is drawn.
    median : float or array of float, shape (n,)
        Median.
    sigma : float
        Standard deviation of the logarithm.

    Returns
    -------
    array of float, shape (n,)
        Positive values.
    """
    return median * np.exp(sigma * normal(key, label))


def integer(key: Keys, label: str, n: int | Integers) -> Integers:
    """Draw a whole number below a bound.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws, on which occasion.
    label : str
        What is drawn.
    n : int or array of int
        Bound, at least 1.

    Returns
    -------
    array of int, shape (n,)
        Values in [0, n).
    """
    return (uniform(key, label) * n).astype(np.int64)


def geometric(key: Keys, label: str, mean: float) -> Integers:
    """Draw how many trials it takes until the first success.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws, on which occasion.
    label : str
        What is drawn.
    mean : float
        Mean, above 1.

    Returns
    -------
    array of int, shape (n,)
        Values from 1 on.
    """
    failures = np.log1p(-uniform(key, label)) / np.log1p(-1.0 / mean)
    trials: Integers = 1 + np.floor(failures).astype(np.int64)
    return trials


def pick(key: Keys, label: str, weights: Sequence[float] | Numbers) -> Integers:
    """Draw a position with probability proportional to its weight.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws, on which occasion.
    label : str
        What is drawn.
    weights : sequence of float, shape (k,) or array of float, shape (n, k)
        Non-negative weights; one row for all, or one for each.

    Returns
    -------
    array of int, shape (n,)
        Positions in [0, k).
    """
    cumulated = np.cumsum(np.asarray(weights, dtype=np.float64), axis=-1)
    drawn = uniform(key, label)
    if cumulated.ndim == 1:
        place: Integers = np.searchsorted(cumulated, drawn * cumulated[-1], side="right")
        return place
    below: Integers = (cumulated <= (drawn * cumulated[:, -1])[:, None]).sum(axis=1)
    return below
