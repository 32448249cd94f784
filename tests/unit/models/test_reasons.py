from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import UnknownCode
from models.reasons import ReasonBook, strength


class Words(NamedTuple):
    raises: str
    lowers: str


WORDS = {
    "hour": Words("crosses at an unusual hour", "crosses at a usual hour"),
    "value": Words("bunched under the threshold", "values spread as usual"),
    "past": Words("finds before", "inspected clear before"),
    "unused": Words("never", "never"),
    "absent": Words("something is not there", "nothing is not there"),
}
CODES = ("hour", "value", "past", "value")
BASE = -4.0
GIVEN = np.ones((1, 4))


@pytest.fixture
def book() -> ReasonBook:
    return ReasonBook(CODES, WORDS)


def test_reasons_are_in_words_with_direction_and_strength(book: ReasonBook) -> None:
    [[first, second]] = book.explain(np.array([[0.4, 0.0, -1.5, 0.0, BASE]]), GIVEN)
    assert (first.code, first.text) == ("past", "inspected clear before")
    assert (first.direction, first.strength) == ("lowers", "strong")
    assert (second.text, second.direction) == ("crosses at an unusual hour", "raises")
    assert second.strength == "moderate"


def test_features_of_one_code_are_one_reason(book: ReasonBook) -> None:
    [[only]] = book.explain(np.array([[0.0, 0.6, 0.0, 0.6, BASE]]), GIVEN)
    assert (only.code, only.strength) == ("value", "strong")


def test_features_of_one_code_that_cancel_out_are_no_reason(book: ReasonBook) -> None:
    assert book.explain(np.array([[0.0, 2.0, 0.0, -2.0, BASE]]), GIVEN) == [()]


def test_the_base_is_no_reason(book: ReasonBook) -> None:
    assert book.explain(np.array([[0.0, 0.0, 0.0, 0.0, BASE]]), GIVEN) == [()]


def test_no_more_than_asked_for_are_given(book: ReasonBook) -> None:
    reasons = book.explain(np.array([[0.1, 0.2, 0.3, 0.0, BASE]]), GIVEN, n=2)
    assert [reason.code for reason in reasons[0]] == ["past", "value"]


def test_equal_reasons_keep_the_order_of_their_columns(book: ReasonBook) -> None:
    reasons = book.explain(np.array([[0.5, 0.5, -0.5, 0.0, BASE]]), GIVEN)
    assert [reason.code for reason in reasons[0]] == ["hour", "value", "past"]


def test_every_row_has_its_own(book: ReasonBook) -> None:
    rows = np.array([[1.0, 0, 0, 0, BASE], [0, 0, -1.0, 0, BASE]])
    assert [[r.code for r in reasons] for reasons in book.explain(rows, np.ones((2, 4)))] == [
        ["hour"],
        ["past"],
    ]
    assert book.explain(np.empty((0, 5)), np.empty((0, 4))) == []


def test_a_code_without_words_is_refused_by_name() -> None:
    with pytest.raises(UnknownCode, match="'route' has no wording") as refused:
        ReasonBook(["hour", "route"], WORDS)
    assert refused.value.field == "route"


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4))
def test_reasons_come_strongest_first_and_say_the_sign_of_their_sum(values: list[float]) -> None:
    [reasons] = ReasonBook(CODES, WORDS).explain(np.array([[*values, BASE]]), GIVEN)
    sums = {"hour": values[0], "value": values[1] + values[3], "past": values[2]}
    sizes = [abs(sums[reason.code]) for reason in reasons]
    assert sizes == sorted(sizes, reverse=True)
    assert all((r.direction == "raises") == (sums[r.code] > 0) for r in reasons)
    assert all(r.text in WORDS[r.code] for r in reasons)


@pytest.mark.parametrize(
    ("log_odds", "name"),
    [(1.0, "strong"), (-1.0, "strong"), (0.999, "moderate"), (-0.3, "moderate"), (0.299, "slight")],
)
def test_strength_is_how_far_the_odds_move(log_odds: float, name: str) -> None:
    assert strength(log_odds) == name


def test_codes_without_a_value_are_one_reason_that_speaks_of_none_of_them(
    book: ReasonBook,
) -> None:
    nan = np.nan
    row, moved = np.array([[nan, nan, 1.0, nan]]), np.array([[0.5, 0.2, -0.4, 0.2, BASE]])
    [[first, second]] = book.explain(moved, row)
    assert (first.code, first.text, first.strength) == (
        "absent",
        "something is not there",
        "moderate",
    )
    assert second.code == "past"


def test_a_code_with_one_value_keeps_what_its_missing_features_move(book: ReasonBook) -> None:
    row = np.array([[np.nan, np.nan, np.nan, 3.0]])
    [[first]] = book.explain(np.array([[0.0, 0.6, 0.0, 0.6, BASE]]), row)
    assert (first.code, first.strength) == ("value", "strong")
