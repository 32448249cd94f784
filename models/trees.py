"""Trees as arrays: what a validated model says, ready to be walked."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree of s splits and s + 1 leaves; split 0 is the root.

    A child below 0 is the leaf `~child`. A child comes after its parent, so there are no cycles.

    Parameters
    ----------
    feature : ndarray of int64, shape (s,)
        Column of X that a split asks.
    threshold : ndarray of float64, shape (s,)
        Values up to it go left; infinite where a split only asks whether a value is missing.
    missing : ndarray of int64, shape (s,)
        What a split takes as missing: nothing (0; NaN counts as zero), zero and NaN (1), NaN (2).
    missing_left : ndarray of bool, shape (s,)
        Whether what is missing goes left.
    left, right : ndarray of int64, shape (s,)
        The children.
    split_cover : ndarray of int64, shape (s,)
        Rows of the fit that reached a split; positive.
    leaf_cover : ndarray of int64, shape (s + 1,)
        Rows of the fit that reached a leaf; positive but for a tree of one leaf.
    leaf_value : ndarray of float64, shape (s + 1,)
        Log-odds that a leaf adds.
    depth : int
        Splits on the longest path.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    missing: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    split_cover: NDArray[np.int64]
    leaf_cover: NDArray[np.int64]
    leaf_value: NDArray[np.float64]
    depth: int

    @property
    def n_leaves(self) -> int:
        """How many leaves it has."""
        return len(self.leaf_value)
