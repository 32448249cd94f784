"""The latest known rows with a key: habits change, and counts over years do not show it."""

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

FEW = 3
NAMES = ("last", f"last_{FEW}", "since")


def latest_rows(key: Codes, y: Numbers, asked: Codes | None) -> tuple[Numbers, Numbers, Numbers]:
    """Say what became of the latest known rows with each row's key.

    Parameters
    ----------
    key : array of int, shape (n,)
        Keys of known rows, in order of time.
    y : array of float, shape (n,)
        1 for a find.
    asked : array of int, shape (m,), optional
        Keys of rows that come after all known ones. Without it the known rows themselves are
        asked for, of which each sees those before it.

    Returns
    -------
    last, few, since : array of float, shape (m,)
        Label of the latest row with the key, share of finds among the latest three, and the
        logarithm of how many rows ago that was; NaN where no row has the key.

    Examples
    --------
    >>> key, y = np.array([0, 1, 0, 0]), np.array([1.0, 0, 0, 1])
    >>> [part.tolist() for part in latest_rows(key, y, np.array([0, 2]))[:2]]
    [[1.0, nan], [0.6666666666666666, nan]]
    >>> latest_rows(key, y, None)[0].tolist()
    [nan, nan, 1.0, 0.0]
    """
    n_known = len(key)
    order = np.argsort(key, kind="stable")
    grouped = key[order]
    if asked is None:
        now = np.arange(n_known)
        end = np.empty(n_known, np.int64)
        end[order] = now
        begin = np.searchsorted(grouped, key, side="left")
    else:
        now = np.full(len(asked), n_known)
        end = np.searchsorted(grouped, asked, side="right")
        begin = np.searchsorted(grouped, asked, side="left")
    n_finds = np.append(0.0, np.cumsum(y[order]))
    first = np.maximum(begin, end - FEW)
    there = end > begin
    before = order[np.maximum(end - 1, 0)]
    values = (
        y[before],
        (n_finds[end] - n_finds[first]) / np.maximum(end - first, 1),
        np.log(np.maximum(now - before, 1)),
    )
    last, few, since = (np.where(there, value, np.nan) for value in values)
    return last, few, since
