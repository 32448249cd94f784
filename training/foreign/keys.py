"""Keys of codes, and what known rows of the same key turned out to be.

A key is one code, or several together. Its risk is a share drawn towards what its parts say,
because most keys are rare: `(finds + m p) / (rows + m)` with p the risk to expect without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

_RAREST = 1e-4


@dataclass(frozen=True)
class Counts:
    """Rows and finds that are known of each row's key.

    Parameters
    ----------
    n_rows, n_finds : array of float, shape (n,)
        How many known rows have the key, and how many of those are finds.
    """

    n_rows: Numbers
    n_finds: Numbers


@dataclass(frozen=True)
class Tally:
    """What is known of a key: rows and finds by block of known rows.

    Parameters
    ----------
    n_rows, n_finds : array of float, shape (k, b)
        By key and block.
    """

    n_rows: Numbers
    n_finds: Numbers

    def all(self, key: Codes) -> Counts:
        """Count every known row: for rows that are not among them.

        Parameters
        ----------
        key : array of int, shape (n,)
            Keys; those of no known row count 0.

        Returns
        -------
        Counts
            By row.
        """
        return Counts(self.n_rows.sum(axis=1)[key], self.n_finds.sum(axis=1)[key])

    def others(self, key: Codes, block: Codes) -> Counts:
        """Count known rows of other blocks: for known rows, which must not see themselves.

        Parameters
        ----------
        key, block : array of int, shape (n,)
            Keys and blocks of the known rows.

        Returns
        -------
        Counts
            By row.
        """
        every = self.all(key)
        return Counts(
            every.n_rows - self.n_rows[key, block], every.n_finds - self.n_finds[key, block]
        )

    def earlier(self, key: Codes, block: Codes) -> Counts:
        """Count known rows of earlier blocks, as a row saw the world when it came.

        Parameters
        ----------
        key, block : array of int, shape (n,)
            Keys and blocks of the known rows, blocks in order of time.

        Returns
        -------
        Counts
            By row.
        """
        before = [np.cumsum(table, axis=1) - table for table in (self.n_rows, self.n_finds)]
        return Counts(before[0][key, block], before[1][key, block])


def tally(key: Codes, y: Numbers, block: Codes, n_keys: int, n_blocks: int) -> Tally:
    """Count known rows by key and block.

    Parameters
    ----------
    key, block : array of int, shape (n,)
        Keys below `n_keys`, blocks below `n_blocks`.
    y : array of float, shape (n,)
        1 for a find.
    n_keys, n_blocks : int
        How many there are.

    Returns
    -------
    Tally
        The counts.

    Examples
    --------
    >>> known = tally(np.array([0, 0, 1]), np.array([1.0, 0, 1]), np.array([0, 1, 1]), 3, 2)
    >>> known.all(np.array([0, 1, 2])).n_finds.tolist()
    [1.0, 1.0, 0.0]
    """
    place = key * n_blocks + block
    shape = (n_keys, n_blocks)
    n_rows = np.bincount(place, minlength=n_keys * n_blocks).reshape(shape)
    n_finds = np.bincount(place, weights=y, minlength=n_keys * n_blocks).reshape(shape)
    return Tally(n_rows.astype(np.float64), n_finds.astype(np.float64))


def joint_keys(known: Sequence[Codes], later: Sequence[Codes]) -> tuple[Codes, Codes, int]:
    """Give every combination of several code columns a number.

    Parameters
    ----------
    known, later : sequence of array of int, shape (n,) and (m,)
        The columns, 0 or more, for known rows and for others.

    Returns
    -------
    known, later : array of int, shape (n,) and (m,)
        One number per combination; combinations of no known row share the last number.
    n_keys : int
        How many numbers there are.
    """
    key_known, key_later = known[0], later[0]
    n_keys = int(key_known.max(initial=0)) + 2
    key_later = np.minimum(key_later, n_keys - 1)
    for more_known, more_later in zip(known[1:], later[1:], strict=True):
        width = int(max(more_known.max(initial=0), more_later.max(initial=0))) + 1
        levels, numbered = np.unique(key_known * width + more_known, return_inverse=True)
        wanted = key_later * width + more_later
        place = np.minimum(np.searchsorted(levels, wanted), len(levels) - 1)
        key_later = np.where(levels[place] == wanted, place, len(levels))
        key_known, n_keys = numbered.astype(np.int64), len(levels) + 1
    return key_known, key_later, n_keys


def log_odds(share: Numbers) -> Numbers:
    """Give log-odds, kept finite.

    Parameters
    ----------
    share : array of float, shape (n,)
        0 to 1.

    Returns
    -------
    array of float, shape (n,)
        Log-odds within +-9.2.
    """
    held = np.clip(share, _RAREST, 1 - _RAREST)
    return np.asarray(np.log(held / (1 - held)), np.float64)


def smoothed(counts: Counts, prior: Numbers | float, strength: float) -> Numbers:
    """Draw the share of finds of a key towards what is expected without it.

    Parameters
    ----------
    counts : Counts
        What is known of each row's key.
    prior : array of float, shape (n,), or float
        Expected share, 0 to 1.
    strength : float
        For how many rows the prior counts.

    Returns
    -------
    array of float, shape (n,)
        `(finds + strength x prior) / (rows + strength)`.

    References
    ----------
    .. [1] Micci-Barreca (2001), SIGKDD Explorations 3(1), 27-32.
    """
    return (counts.n_finds + strength * prior) / (counts.n_rows + strength)
