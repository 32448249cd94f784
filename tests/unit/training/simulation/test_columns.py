from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.simulation.columns import compact, dollars, identifiers, lists, times, where, words
from training.simulation.draws import fold, root


def test_hexadecimal_identifiers_are_the_keys_themselves() -> None:
    keys = np.array([0, 10, 2**64 - 1], dtype=np.uint64)
    text = identifiers(keys, "X" * 16)
    assert [int(t[::-1], 16) for t in text] == keys.tolist()


@pytest.mark.parametrize(("pattern", "regular"), [("AAA9999", r"^[A-Z]{3}[0-9]{4}$"),
                                                  ("S-XX", r"^S-[0-9A-F]{2}$")])  # fmt: skip
def test_identifiers_follow_their_pattern(pattern: str, regular: str) -> None:
    keys = fold(root(1, "k"), np.arange(500))
    text = identifiers(keys, pattern)
    assert text.str.contains(regular).all()
    assert text.n_unique() > 200


def test_equal_keys_give_equal_identifiers() -> None:
    keys = np.array([5, 5, 6], dtype=np.uint64)
    first, second, third = identifiers(keys, "9999999999")
    assert first == second != third


@given(st.lists(st.integers(0, 10**11), min_size=1))
def test_money_is_exact(cents: list[int]) -> None:
    column = pl.Series(pl.from_arrow(dollars(np.array(cents))))
    assert column.dtype == pl.Decimal(12, 2)
    assert column.to_list() == [Decimal(amount) / 100 for amount in cents]


def test_lists_give_every_owner_its_own_records() -> None:
    column = lists(
        {"a": pl.Series([1, 2, 3]), "b": pl.Series(["x", None, "z"])}, np.array([2, 0, 1])
    )
    assert column.to_list() == [[{"a": 1, "b": "x"}, {"a": 2, "b": None}], [], [{"a": 3, "b": "z"}]]


def test_nothing_makes_no_rows() -> None:
    assert identifiers(np.zeros(0, dtype=np.uint64), "99").len() == 0
    assert lists({"a": pl.Series([], dtype=pl.Int64)}, np.zeros(0, dtype=np.int64)).len() == 0


def test_where_blanks_out_what_is_not_shown() -> None:
    assert where(np.array([True, False]), pl.Series(["a", "b"])).to_list() == ["a", None]


def test_words_are_looked_up() -> None:
    assert words(("a", None, "c"), np.array([2, 0, 1])).to_list() == ["c", "a", None]


def test_times_are_utc() -> None:
    column = times(np.array([0]))
    assert column.dtype == pl.Datetime("us", "UTC")


def test_a_compact_copy_has_the_same_rows() -> None:
    frame = pl.DataFrame({"a": ["x" * 40, None], "b": [1, 2], "c": times(np.array([0, 1]))})
    assert compact(frame).equals(frame)
    assert compact(frame).schema == frame.schema
    assert compact(frame.clear()).schema == frame.schema
