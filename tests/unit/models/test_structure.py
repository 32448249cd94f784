import re
from collections.abc import Callable

import lightgbm
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.errors import BundleRefused
from models.risk import raw_scores
from models.structure import Shape, bare_model, check_model
from models.tree_text import Limits
from tests.bundles import Fitted

Change = Callable[[list[str]], list[str]]


@pytest.fixture(scope="session")
def model(fitted: Fitted) -> bytes:
    return bare_model(fitted.booster.model_to_string())


@pytest.fixture(scope="session")
def names(fitted: Fitted) -> list[str]:
    return fitted.booster.feature_name()


class Trees:
    """An own reader of accepted text, which walks rows down the trees as LightGBM does."""

    def __init__(self, text: bytes) -> None:
        self.trees = [
            dict(line.split("=") for line in tree.split("\n") if "=" in line)
            for tree in text.decode().split("Tree=")[1:]
        ]

    def score(self, row: NDArray[np.float32]) -> float:
        return sum(self._leaf(tree, row) for tree in self.trees)

    def _leaf(self, tree: dict[str, str], row: NDArray[np.float32]) -> float:
        leaf_values = tree["leaf_value"].split(" ")
        node = 0 if len(leaf_values) > 1 else -1
        for _ in range(len(leaf_values)):
            if node < 0:
                return float(leaf_values[~node])
            node = self._child(tree, node, row)
        assert node < 0, "a path without an end"
        return float(leaf_values[~node])

    def _child(self, tree: dict[str, str], node: int, row: NDArray[np.float32]) -> int:
        def at(name: str) -> str:
            return tree[name].split(" ")[node]

        value, decision = float(row[int(at("split_feature"))]), int(at("decision_type"))
        missing = decision >> 2
        if np.isnan(value) and missing != 2:
            value = 0.0
        is_missing = (missing == 2 and np.isnan(value)) or (missing == 1 and value == 0)
        left = bool(decision & 2) if is_missing else value <= float(at("threshold"))
        return int(at("left_child" if left else "right_child"))


def test_a_real_model_is_accepted(model: bytes, names: list[str]) -> None:
    shape = check_model(model, names)
    assert shape.n_trees == 8
    assert shape.n_leaves == sum(int(n) for n in re.findall(rb"num_leaves=([0-9]+)", model))
    assert shape.depth == 3


def test_the_reader_of_these_tests_agrees_with_lightgbm(model: bytes, fitted: Fitted) -> None:
    rows = fitted.X[:50]
    own = [Trees(model).score(row) for row in rows]
    assert np.allclose(own, fitted.raw(rows), rtol=0, atol=1e-12)


def test_a_bare_model_predicts_what_the_whole_one_does(model: bytes, fitted: Fitted) -> None:
    bare = lightgbm.Booster(model_str=model.decode())
    assert np.array_equal(raw_scores(bare, fitted.X), fitted.raw(fitted.X))
    assert b"parameters" not in model


@pytest.mark.parametrize("n_rows", [2, 300])
def test_a_model_of_single_leaves_is_accepted(n_rows: int) -> None:
    X = np.zeros((n_rows, 1), np.float32)
    data = lightgbm.Dataset(X, np.arange(n_rows) % 2, params={"verbosity": -1})
    booster = lightgbm.train({"objective": "binary", "verbosity": -1}, data, 3)
    assert check_model(bare_model(booster.model_to_string()), ["Column_0"]).depth == 0


def test_a_model_without_its_end_has_no_bare_form() -> None:
    with pytest.raises(BundleRefused, match="end of trees"):
        bare_model("tree\nversion=v4\n")


EDITS = {
    "another version of the format": ("version=v4", "version=v3", "version must be"),
    "several classes": ("num_class=1", "num_class=2", "num_class must be"),
    "several trees a round": ("iteration=1", "iteration=2", "num_tree_per_iteration must be"),
    "another objective": ("binary sigmoid:1", "regression", "objective must be"),
    "another sigmoid": ("sigmoid:1", "sigmoid:2", "objective must be"),
    "another number of columns": ("feature_idx=4", "feature_idx=3", "max_feature_idx must be"),
    "another column name": ("names=value_usd", "names=value_eur", "not those of the manifest"),
    "averaged output": ("feature_names=", "average_output\nfeature_names=", "must have the lines"),
    "a header line twice": ("num_class=1", "num_class=1\nnum_class=1", "must have the lines"),
    "a blank header line": ("num_class=1", "\nnum_class=1", "its header"),
    "a sign that is none": ("constraints=1 0", "constraints=2 0", "monotone_constraints must"),
    "a sign too few": ("constraints=1 0", "constraints=1", "monotone_constraints must"),
    "a range too few": ("feature_infos=[", "feature_infos=none [", "must have 5 entries"),
    "codes in place of a range": ("feature_infos=[", "feature_infos=1:2:[", "ranges of numbers"),
    "a range that runs backwards": ("feature_infos=[-", "feature_infos=[9", "that is none"),
    "a first tree that is bigger": ("tree_sizes=", "tree_sizes=1", "do not add up"),
    "a tree size of nothing": ("tree_sizes=", "tree_sizes=0 ", "tree_sizes must be"),
    "a negative tree size": ("tree_sizes=", "tree_sizes=-5 ", "tree_sizes must be"),
    "another tree number": ("Tree=3", "Tree=4", "tree 3 does not have"),
    "carriage returns": ("num_cat=0\n", "num_cat=0\r", "does not have the lines|num_cat"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_header_that_is_changed_is_refused(model: bytes, names: list[str], name: str) -> None:
    old, new, why = EDITS[name]
    changed = model.replace(old.encode(), new.encode(), 1)
    assert changed != model
    with pytest.raises(BundleRefused, match=why) as refused:
        check_model(changed, names)
    assert refused.value.field == "model.txt"


def with_field(model: bytes, name: str, change: Change) -> bytes:
    """Change one field of the second tree, and its size with it."""
    header, rest = model.split(b"\n\n", 1)
    sizes = [int(size) for size in re.findall(rb"tree_sizes=(.*)", header)[0].split()]
    tree = rest[sizes[0] : sizes[0] + sizes[1]]
    line = re.search(rb"\n" + name.encode() + rb"=(.*)\n", tree)
    assert line is not None
    values = change(line[1].decode().split(" "))
    changed = tree.replace(line[0], f"\n{name}={' '.join(values)}\n".encode())
    old = " ".join(map(str, sizes)).encode()
    sizes[1] += len(changed) - len(tree)
    header = header.replace(old, " ".join(map(str, sizes)).encode())
    return header + b"\n\n" + rest.replace(tree, changed)


def first(value: str) -> Change:
    return lambda values: [value, *values[1:]]


TREE_EDITS = {
    "no leaves": ("num_leaves", first("0"), "num_leaves is 0"),
    "more leaves than arrays": ("num_leaves", first("7"), "values, not 7"),
    "negative leaves": ("num_leaves", first("-6"), "num_leaves is -6"),
    "two numbers of leaves": ("num_leaves", first("6 6"), "num_leaves has 2 values"),
    "categories": ("num_cat", first("1"), "num_cat must be 0"),
    "linear leaves": ("is_linear", first("1"), "is_linear must be 0"),
    "a column that X lacks": ("split_feature", first("5"), "split_feature names a column"),
    "a negative column": ("split_feature", first("-1"), "split_feature names a column"),
    "a column beyond 32 bits": ("split_feature", first("4294967296"), "names a column"),
    "a column in words": ("split_feature", first("one"), "not a list of integers"),
    "a column as a fraction": ("split_feature", first("1.5"), "not a list of integers"),
    "a threshold beyond doubles": ("threshold", first("1e+999"), "not finite"),
    "an infinite threshold": ("threshold", first("-inf"), "not a list of numbers"),
    "a threshold that is none": ("threshold", first("nan"), "not a list of numbers"),
    "a threshold in hexadecimal": ("threshold", first("0x1p3"), "not a list of numbers"),
    "a threshold with two signs": ("threshold", first("--1"), "not a list of numbers"),
    "a threshold too few": ("threshold", lambda values: values[1:], "threshold has 4 values"),
    "a leaf that is infinite": ("leaf_value", first("-inf"), "not a list of numbers"),
    "a leaf too many": ("leaf_value", lambda values: [*values, "0"], "leaf_value has 7 values"),
    "a doubled blank": ("leaf_value", first(" 1"), "not a list of numbers"),
    "a tab": ("leaf_value", first("\t1"), "not a list of numbers"),
    "a categorical split": ("decision_type", first("1"), "decision_type is not"),
    "an unknown kind of missing": ("decision_type", first("12"), "decision_type is not"),
    "a leaf of no rows": ("leaf_count", first("0"), "leaf_count has a value"),
    "a leaf of too many rows": ("leaf_count", first("2147483648"), "leaf_count has a value"),
    "a split of no rows": ("internal_count", first("0"), "internal_count has a value"),
    "a child that is the root": ("left_child", first("0"), "exactly once"),
    "a child that is itself": ("left_child", lambda v: [*v[:1], "1", *v[2:]], "exactly once"),
    "a child beyond the last": ("right_child", first("99"), "exactly once"),
    "a leaf beyond the last": ("right_child", first("-99"), "exactly once"),
    "a shrinkage of nothing": ("shrinkage", first("0"), "shrinkage must be positive"),
    "a gain that is infinite": ("split_gain", first("inf"), "not a list of numbers"),
}


@pytest.mark.parametrize("name", TREE_EDITS)
def test_a_tree_that_is_changed_is_refused_with_its_number(
    model: bytes, names: list[str], name: str
) -> None:
    field, change, why = TREE_EDITS[name]
    with pytest.raises(BundleRefused, match=why) as refused:
        check_model(with_field(model, field, change), names)
    assert "tree 1" in refused.value.reason


def test_a_cycle_that_no_path_from_the_root_enters_is_refused() -> None:
    # 1 and 2 are each other's child: every node and leaf has one parent, yet 1 and 2 have no end
    loose = {
        "num_leaves": "4",
        "left_child": "-1 2 1",
        "right_child": "-2 -3 -4",
        **dict.fromkeys(("split_feature", "decision_type"), "0 0 0"),
        **dict.fromkeys(("split_gain", "threshold", "internal_value", "internal_weight"), "1 1 1"),
        **dict.fromkeys(("leaf_value", "leaf_weight", "leaf_count"), "1 1 1 1"),
        "internal_count": "1 1 1",
        "num_cat": "0",
        "is_linear": "0",
        "shrinkage": "1",
    }
    with pytest.raises(BundleRefused, match="before its parent"):
        check_model(model_of(loose), ["a"])


def test_a_tree_without_the_cycle_is_accepted() -> None:
    assert check_model(model_of(chain(3)), ["a"]) == Shape(n_trees=1, n_leaves=4, depth=3)


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(n_trees=0), "tree_sizes must be 1 to 0"),
        (Limits(n_leaves=3), "num_leaves is 4"),
        (Limits(depth=2), "it is 3 splits deep"),
    ],
)
def test_a_model_over_a_limit_is_refused(limits: Limits, why: str) -> None:
    with pytest.raises(BundleRefused, match=why):
        check_model(model_of(chain(3)), ["a"], limits)


def test_trailing_text_is_refused(model: bytes, names: list[str]) -> None:
    for tail in (b"\n", b"parameters:\n", b"pandas_categorical:null\n"):
        with pytest.raises(BundleRefused, match="do not add up"):
            check_model(model + tail, names)


@given(cut=st.integers(0, 20_000))
def test_every_truncation_is_refused(model: bytes, names: list[str], cut: int) -> None:
    with pytest.raises(BundleRefused):
        check_model(model[: cut % len(model)], names)


@given(place=st.integers(0, 20_000), value=st.integers(0, 255))
def test_an_edit_is_refused_or_leaves_trees_that_end(
    model: bytes, names: list[str], place: int, value: int
) -> None:
    changed = bytearray(model)
    changed[place % len(model)] = value
    assert refused_or_walkable(bytes(changed), names)


@given(
    places=st.lists(st.tuples(st.integers(0, 20_000), st.sampled_from(b"0123456789-. e\n"))),
)
def test_many_edits_among_the_numbers_are_refused_or_leave_trees_that_end(
    model: bytes, names: list[str], places: list[tuple[int, int]]
) -> None:
    changed = bytearray(model)
    for place, value in places:
        changed[place % len(model)] = value
    assert refused_or_walkable(bytes(changed), names)


@given(data=st.binary(max_size=300))
def test_any_bytes_are_refused_with_an_error_of_ours(names: list[str], data: bytes) -> None:
    with pytest.raises(BundleRefused):
        check_model(data, names)


def refused_or_walkable(text: bytes, names: list[str]) -> bool:
    try:
        check_model(text, names)
    except BundleRefused:
        return True
    trees = Trees(text)
    rows = np.array([np.full(5, v, np.float32) for v in (np.nan, -9, 0, 9)])
    return all(np.isfinite(trees.score(row)) for row in rows)


def chain(n_splits: int) -> dict[str, str]:
    ones, leaves = " ".join(["1"] * n_splits), " ".join(["1"] * (n_splits + 1))
    numbers = ("split_gain", "threshold", "internal_value", "internal_weight", "internal_count")
    return {
        "num_leaves": str(n_splits + 1),
        "left_child": " ".join(str(n) for n in [*range(1, n_splits), -1]),
        "right_child": " ".join(str(-n) for n in range(2, n_splits + 2)),
        **dict.fromkeys(("split_feature", "decision_type"), " ".join(["0"] * n_splits)),
        **dict.fromkeys(numbers, ones),
        **dict.fromkeys(("leaf_value", "leaf_weight", "leaf_count"), leaves),
        "num_cat": "0",
        "is_linear": "0",
        "shrinkage": "1",
    }


def model_of(tree: dict[str, str]) -> bytes:
    before = ("num_leaves", "num_cat", "split_feature", "split_gain", "threshold", "decision_type")
    children = ("left_child", "right_child", "leaf_value", "leaf_weight", "leaf_count")
    after = ("internal_value", "internal_weight", "internal_count", "is_linear", "shrinkage")
    order = (*before, *children, *after)
    text = "Tree=0\n" + "".join(f"{name}={tree[name]}\n" for name in order) + "\n\n"
    return (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\n"
        "max_feature_idx=0\nobjective=binary sigmoid:1\nfeature_names=a\nfeature_infos=none\n"
        f"tree_sizes={len(text)}\n\n{text}end of trees\n"
    ).encode()


def test_only_a_split_on_missing_values_may_have_an_infinite_threshold(
    model: bytes, names: list[str]
) -> None:
    infinite = with_field(model, "threshold", first("inf"))
    check_model(with_field(infinite, "decision_type", first("10")), names)
    with pytest.raises(BundleRefused, match="not finite"):
        check_model(with_field(infinite, "decision_type", first("2")), names)
