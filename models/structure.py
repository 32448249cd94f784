"""A validator of LightGBM's text format, because LightGBM itself trusts every byte of it.

The accepted language is narrower than LightGBM's: numerical splits, constant leaves, one binary
objective, every line in the order in which LightGBM writes it, nothing after the last tree. What
passes has no index outside its array and no path that does not end in a leaf.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.errors import BundleRefused
from models.tree_text import LIMITS, MODEL, Limits, check_tree, read_integers, read_numbers
from models.trees import Tree

_END = b"end of trees\n"
_FIXED = {
    "version": b"v4",
    "num_class": b"1",
    "num_tree_per_iteration": b"1",
    "label_index": b"0",
    "objective": b"binary sigmoid:1",
}
_HEADER = (
    "version",
    "num_class",
    "num_tree_per_iteration",
    "label_index",
    "max_feature_idx",
    "objective",
    "feature_names",
    "monotone_constraints",
    "feature_infos",
    "tree_sizes",
)
_OPTIONAL = {"monotone_constraints"}
_RANGE = re.compile(rb"\[([^:\]]+):([^:\]]+)\]")


@dataclass(frozen=True, slots=True)
class Shape:
    """How big a model is.

    Parameters
    ----------
    n_trees, n_leaves, depth : int
        Trees, leaves of all trees together, splits on the longest path.
    """

    n_trees: int
    n_leaves: int
    depth: int


def bare_model(text: str) -> bytes:
    """Cut a model down to what prediction needs: its header and its trees.

    What LightGBM appends (importances, training parameters, pandas categories) is parsed
    again on loading, changes no prediction, and is more surface to attack.

    Parameters
    ----------
    text : str
        `Booster.model_to_string()`.

    Returns
    -------
    bytes
        The text up to its line "end of trees".

    Raises
    ------
    BundleRefused
        If there is no such line.
    """
    data = text.encode()
    end = data.find(b"\n" + _END)
    if end < 0:
        raise BundleRefused(MODEL, "the line 'end of trees' is missing")
    return data[: end + 1 + len(_END)]


def check_model(data: bytes, feature_names: Sequence[str], limits: Limits = LIMITS) -> Shape:
    """Validate a model's text.

    Parameters
    ----------
    data : bytes
        The content of `model.txt`, as `bare_model` gives it.
    feature_names : sequence of str
        The columns of X, from the manifest.
    limits : Limits
        The biggest model that is accepted.

    Returns
    -------
    Shape
        How big it is.

    Raises
    ------
    BundleRefused
        If anything is not as LightGBM would have written it; the reason names line or tree.
    """
    trees = read_model(data, feature_names, limits)
    n_leaves, depth = sum(tree.n_leaves for tree in trees), max(tree.depth for tree in trees)
    return Shape(len(trees), n_leaves, depth)


def read_model(
    data: bytes, feature_names: Sequence[str], limits: Limits = LIMITS
) -> tuple[Tree, ...]:
    """Validate a model's text and give its trees.

    Parameters
    ----------
    data, feature_names, limits
        As for `check_model`.

    Returns
    -------
    tuple of Tree
        One or more.

    Raises
    ------
    BundleRefused
        If anything is not as LightGBM would have written it; the reason names line or tree.
    """
    header, blank, trees = data.partition(b"\n\n")
    fields = _header_fields(header + blank)
    _check_columns(fields, feature_names)
    sizes = read_integers(fields["tree_sizes"], "tree_sizes")
    if not 1 <= len(sizes) <= limits.n_trees or (sizes < 1).any():
        raise BundleRefused(MODEL, f"tree_sizes must be 1 to {limits.n_trees} sizes")
    ends = np.cumsum(sizes).tolist()
    if trees[ends[-1] :] != _END:
        raise BundleRefused(MODEL, "tree_sizes do not add up to where the trees end")
    return tuple(
        check_tree(trees[end - size : end], index, len(feature_names), limits)
        for index, (size, end) in enumerate(zip(sizes.tolist(), ends, strict=True))
    )


def _header_fields(header: bytes) -> dict[str, bytes]:
    lines = header.split(b"\n")
    if lines[0] != b"tree" or lines[-2:] != [b"", b""]:
        raise BundleRefused(MODEL, "it does not begin like a model of LightGBM")
    pairs = [line.partition(b"=") for line in lines[1:-2]]
    fields = {key.decode("utf-8", "replace"): value for key, _, value in pairs}
    if [key for key in _HEADER if key in fields or key not in _OPTIONAL] != [
        key.decode("utf-8", "replace") for key, _, _ in pairs
    ]:
        raise BundleRefused(MODEL, f"its header must have the lines {', '.join(_HEADER)}")
    for key, value in _FIXED.items():
        if fields[key] != value:
            raise BundleRefused(MODEL, f"{key} must be {value.decode()}")
    return fields


def _check_columns(fields: dict[str, bytes], feature_names: Sequence[str]) -> None:
    n_features = len(feature_names)
    if fields["feature_names"] != " ".join(feature_names).encode():
        raise BundleRefused(MODEL, "feature_names are not those of the manifest")
    if fields["max_feature_idx"] != b"%d" % (n_features - 1):
        raise BundleRefused(MODEL, f"max_feature_idx must be {n_features - 1}")
    signs = read_integers(fields.get("monotone_constraints", b""), "monotone_constraints")
    if len(signs) not in {0, n_features} or (abs(signs) > 1).any():
        raise BundleRefused(MODEL, "monotone_constraints must be -1, 0 or 1 for each column")
    infos = fields["feature_infos"].split(b" ")
    if len(infos) != n_features:
        raise BundleRefused(MODEL, f"feature_infos must have {n_features} entries")
    for info in infos:
        _check_range(info)


def _check_range(info: bytes) -> None:
    if info == b"none":
        return
    match = _RANGE.fullmatch(info)
    if not match:
        raise BundleRefused(MODEL, "feature_infos must be ranges of numbers or 'none'")
    ends = read_numbers(b" ".join(match.groups()), "feature_infos")
    if len(ends) != 2 or ends[0] > ends[1]:  # noqa: PLR2004 - a range has two ends
        raise BundleRefused(MODEL, "feature_infos has a range that is none")
