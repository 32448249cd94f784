"""One tree of LightGBM's text format: every array as long as it must be, every index inside."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import BundleRefused
from models.trees import Tree

MODEL = "model.txt"


@dataclass(frozen=True, slots=True)
class Limits:
    """The biggest model that is accepted.

    Parameters
    ----------
    n_trees, n_leaves, depth : int
        Trees, leaves of one tree, splits from the root to a leaf.
    """

    n_trees: int = 5_000
    n_leaves: int = 1_024
    depth: int = 128


LIMITS = Limits()

_FIELDS = (
    "num_leaves",
    "num_cat",
    "split_feature",
    "split_gain",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "leaf_weight",
    "leaf_count",
    "internal_value",
    "internal_weight",
    "internal_count",
    "is_linear",
    "shrinkage",
)
_INTEGER = rb"-?[0-9]{1,10}"
_NUMBER = rb"-?[0-9]{1,20}(?:\.[0-9]{1,20})?(?:e[+-][0-9]{2,3})?"
_INTEGERS = re.compile(rb"(?:" + _INTEGER + rb"(?: " + _INTEGER + rb")*)?")
_NUMBERS = re.compile(rb"(?:" + _NUMBER + rb"(?: " + _NUMBER + rb")*)?")
_INFINITE = re.compile(rb"(?<![^ ])inf(?![^ ])")
# bit 0 would be a categorical split; bit 1 sends missing values left; bits 2 and 3 say what is
# missing: nothing (0), zero (1) or NaN (2)
_DECISIONS = (0, 2, 4, 6, 8, 10)
_LEFT_BIT, _MISSING_SHIFT, _MISSING_IS_NAN = 0b10, 2, 2
_MOST_ROWS = 2**31 - 1


def check_tree(text: bytes, index: int, n_features: int, limits: Limits) -> Tree:
    """Validate one tree.

    Parameters
    ----------
    text : bytes
        The tree from `Tree=` to the blank lines that end it.
    index : int
        Its number, from 0.
    n_features : int
        Columns of X.
    limits : Limits
        The biggest tree that is accepted.

    Returns
    -------
    Tree
        What it says.

    Raises
    ------
    BundleRefused
        If LightGBM would not have written it, or could not walk it safely.
    """
    return _Tree(index, _fields(text, index)).check(n_features, limits)


def read_integers(text: bytes, where: str) -> NDArray[np.int64]:
    """Read integers set apart by single blanks.

    Parameters
    ----------
    text : bytes
        The text, possibly empty.
    where : str
        What it is, for the error.

    Returns
    -------
    ndarray of int64
        The integers.

    Raises
    ------
    BundleRefused
        If it is anything else.
    """
    if not _INTEGERS.fullmatch(text):
        raise BundleRefused(MODEL, f"{where} is not a list of integers")
    return np.array(text.split(), dtype=np.int64)


def read_numbers(text: bytes, where: str) -> NDArray[np.float64]:
    """Read finite numbers set apart by single blanks.

    Parameters
    ----------
    text : bytes
        The text, possibly empty.
    where : str
        What it is, for the error.

    Returns
    -------
    ndarray of float64
        The numbers.

    Raises
    ------
    BundleRefused
        If it is anything else, or a number is too big for double precision.
    """
    if not _NUMBERS.fullmatch(text):
        raise BundleRefused(MODEL, f"{where} is not a list of numbers")
    numbers = np.array(text.split(), dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise BundleRefused(MODEL, f"{where} has a number that is not finite")
    return numbers


def _fields(text: bytes, index: int) -> dict[str, bytes]:
    lines = text.split(b"\n")
    if len(lines) != len(_FIELDS) + 4 or lines[0] != b"Tree=%d" % index or any(lines[-3:]):
        raise BundleRefused(MODEL, f"tree {index} does not have the lines of a tree")
    fields = {}
    for name, line in zip(_FIELDS, lines[1:-3], strict=True):
        key, _, value = line.partition(b"=")
        if key != name.encode():
            raise BundleRefused(MODEL, f"tree {index} has another line where {name} belongs")
        fields[name] = value
    return fields


@dataclass(frozen=True, slots=True)
class _Tree:
    index: int
    fields: dict[str, bytes]

    def check(self, n_features: int, limits: Limits) -> Tree:
        n_leaves = int(self._one_integer("num_leaves"))
        self._require(1 <= n_leaves <= limits.n_leaves, f"num_leaves is {n_leaves}")
        self._require(self._one_integer("num_cat") == 0, "num_cat must be 0: numbers only")
        self._require(self._one_integer("is_linear") == 0, "is_linear must be 0")
        shrinkage = self._numbers("shrinkage", 1)
        self._require(bool(shrinkage[0] > 0), "shrinkage must be positive")
        n_splits = n_leaves - 1
        # a tree that is one leaf has no weight, and counts its rows or not
        self._numbers("leaf_weight", n_leaves if n_splits else 0)
        for name in ("split_gain", "internal_value", "internal_weight"):
            self._numbers(name, n_splits)
        decisions = self._integers("decision_type", n_splits)
        allowed = np.isin(decisions, _DECISIONS)
        self._require(bool(allowed.all()), "decision_type is not that of a numerical split")
        left, right = (self._integers(name, n_splits) for name in ("left_child", "right_child"))
        tree = Tree(
            feature=self._columns(n_splits, n_features),
            threshold=self._thresholds(n_splits, decisions),
            missing=decisions >> _MISSING_SHIFT,
            missing_left=decisions & _LEFT_BIT > 0,
            left=left,
            right=right,
            split_cover=self._counts("internal_count", n_splits, fewest=1),
            leaf_cover=self._counts("leaf_count", n_leaves, fewest=1 if n_splits else 0),
            leaf_value=self._numbers("leaf_value", n_leaves),
            depth=self._depth(left, right),
        )
        self._require(tree.depth <= limits.depth, f"it is {tree.depth} splits deep")
        return tree

    def _columns(self, n_splits: int, n_features: int) -> NDArray[np.int64]:
        features = self._integers("split_feature", n_splits)
        inside = (features >= 0) & (features < n_features)
        self._require(bool(inside.all()), "split_feature names a column that X does not have")
        return features

    def _thresholds(self, n_splits: int, decisions: NDArray[np.int64]) -> NDArray[np.float64]:
        # a split that only asks whether a value is missing has an infinite threshold
        infinite = np.array([each == b"inf" for each in self.fields["threshold"].split()], bool)
        finite = _INFINITE.sub(b"0", self.fields["threshold"])
        values = read_numbers(finite, f"tree {self.index}: threshold")
        self._require(
            len(values) == n_splits, f"threshold has {len(values)} values, not {n_splits}"
        )
        asks = decisions >> _MISSING_SHIFT == _MISSING_IS_NAN
        self._require(bool((asks | ~infinite).all()), "threshold has a number that is not finite")
        return np.where(infinite, np.inf, values)

    def _counts(self, name: str, length: int, *, fewest: int) -> NDArray[np.int64]:
        counts = self._integers(name, length)
        # contributions divide by these counts
        inside = (counts >= fewest) & (counts <= _MOST_ROWS)
        self._require(bool(inside.all()), f"{name} has a value that is no number of rows")
        return counts

    def _depth(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
        n_splits = len(left)
        reached = np.sort(np.concatenate([left, right]))
        expected = np.concatenate([np.arange(-n_splits - 1, 0), np.arange(1, n_splits)])
        self._require(
            n_splits == 0 or np.array_equal(reached, expected),
            "left_child and right_child do not reach every node and leaf exactly once",
        )
        # LightGBM numbers splits as it makes them, so a child comes after its parent: no cycles
        own = np.arange(n_splits)
        ordered = ((left < 0) | (left > own)) & ((right < 0) | (right > own))
        self._require(bool(ordered.all()), "a split comes before its parent")
        depths = [1] * n_splits
        for parent, children in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            for child in children:
                if child > 0:
                    depths[child] = depths[parent] + 1
        return max(depths, default=0)

    def _one_integer(self, name: str) -> int:
        return int(self._integers(name, 1)[0])

    def _integers(self, name: str, length: int) -> NDArray[np.int64]:
        values = read_integers(self.fields[name], f"tree {self.index}: {name}")
        self._require(len(values) == length, f"{name} has {len(values)} values, not {length}")
        return values

    def _numbers(self, name: str, length: int) -> NDArray[np.float64]:
        values = read_numbers(self.fields[name], f"tree {self.index}: {name}")
        self._require(len(values) == length, f"{name} has {len(values)} values, not {length}")
        return values

    def _require(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion
        if not holds:
            raise BundleRefused(MODEL, f"tree {self.index}: {otherwise}")
