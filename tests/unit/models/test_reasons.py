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
    kinds: tuple[str, ...] = ("van", "box")
    evidence: tuple[str, ...] = ()
    empty: str | None = None
    field: str | None = None


def said(text: str) -> Words:
    return Words(text, text)


WORDS = {
    "hour": Words("crosses at an unusual hour", "crosses at a usual hour"),
    "value": Words("bunched under the threshold", "values spread as usual"),
    "past": Words("finds before", "inspected clear before"),
    "unused": Words("never", "never"),
    "is_van": said("it is a van"),
    "is_box": said("it is a box"),
}
COLUMNS = {"hour": "hour", "value": "value", "past": "past", "value_per_kg": "value"}
BASE = -4.0
GIVEN = np.ones((1, 4))
VAN: tuple[list[str], list[list[str]]] = (["van"], [[]])


@pytest.fixture
def book() -> ReasonBook:
    return ReasonBook(COLUMNS, WORDS)


def test_reasons_are_in_words_with_direction_and_strength(book: ReasonBook) -> None:
    [[first, second]] = book.explain(np.array([[0.4, 0.0, -1.5, 0.0, BASE]]), GIVEN, *VAN)
    assert (first.code, first.text) == ("past", "inspected clear before")
    assert (first.direction, first.strength) == ("lowers", "strong")
    assert (second.text, second.direction) == ("crosses at an unusual hour", "raises")
    assert second.strength == "moderate"


def test_features_of_one_code_are_one_reason(book: ReasonBook) -> None:
    [[only]] = book.explain(np.array([[0.0, 0.6, 0.0, 0.6, BASE]]), GIVEN, *VAN)
    assert (only.code, only.strength) == ("value", "strong")


def test_features_of_one_code_that_cancel_out_are_no_reason(book: ReasonBook) -> None:
    assert book.explain(np.array([[0.0, 2.0, 0.0, -2.0, BASE]]), GIVEN, *VAN) == [()]


def test_the_base_is_no_reason(book: ReasonBook) -> None:
    assert book.explain(np.array([[0.0, 0.0, 0.0, 0.0, BASE]]), GIVEN, *VAN) == [()]


def test_no_more_than_asked_for_are_given(book: ReasonBook) -> None:
    reasons = book.explain(np.array([[0.1, 0.2, 0.3, 0.0, BASE]]), GIVEN, *VAN, n=2)
    assert [reason.code for reason in reasons[0]] == ["past", "value"]


def test_equal_reasons_keep_the_order_of_their_columns(book: ReasonBook) -> None:
    reasons = book.explain(np.array([[0.5, 0.5, -0.5, 0.0, BASE]]), GIVEN, *VAN)
    assert [reason.code for reason in reasons[0]] == ["hour", "value", "past"]


def test_every_row_has_its_own(book: ReasonBook) -> None:
    rows = np.array([[1.0, 0, 0, 0, BASE], [0, 0, -1.0, 0, BASE]])
    ones = np.ones((2, 4))
    assert [
        [r.code for r in reasons] for reasons in book.explain(rows, ones, ["van"] * 2, [[]] * 2)
    ] == [
        ["hour"],
        ["past"],
    ]
    assert book.explain(np.empty((0, 5)), np.empty((0, 4)), [], []) == []


def test_a_code_without_words_is_refused_by_name() -> None:
    with pytest.raises(UnknownCode, match="'route' has no wording") as refused:
        ReasonBook({"hour": "hour", "port": "route"}, WORDS)
    assert refused.value.field == "route"


@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4))
def test_reasons_come_strongest_first_and_say_the_sign_of_their_sum(values: list[float]) -> None:
    [reasons] = ReasonBook(COLUMNS, WORDS).explain(np.array([[*values, BASE]]), GIVEN, *VAN)
    moved = {"hour": values[0], "value": values[1] + values[3], "past": values[2]}
    sizes = [abs(moved[reason.code]) for reason in reasons]
    assert sizes == sorted(sizes, reverse=True)
    assert all((r.direction == "raises") == (moved[r.code] > 0) for r in reasons)
    assert all(r.text in WORDS[r.code] for r in reasons)


@pytest.mark.parametrize(
    ("log_odds", "name"),
    [(1.0, "strong"), (-1.0, "strong"), (0.999, "moderate"), (-0.3, "moderate"), (0.299, "slight")],
)
def test_strength_is_how_far_the_odds_move(log_odds: float, name: str) -> None:
    assert strength(log_odds) == name


FULL = WORDS | {
    "seen": Words("seen oddly", "seen as usual", ("van",), ("n_seen",), "unseen", "driver"),
    "unseen": said("nobody has seen the driver before"),
    "no_driver": said("no driver is named"),
}
FULL_COLUMNS = {"hour": "hour", "n_seen": "seen", "days": "seen"}
NAN = np.nan


@pytest.fixture
def full() -> ReasonBook:
    return ReasonBook(FULL_COLUMNS, FULL)


def only(
    book: ReasonBook, row: list[float], kind: str, missing: list[str], moved: float = 0.5
) -> list[str]:
    contributions = np.array([[0.0, moved, moved, BASE]])
    [reasons] = book.explain(contributions, np.array([row]), [kind], [missing])
    return [reason.text for reason in reasons]


def test_a_code_speaks_for_itself_where_there_is_evidence(full: ReasonBook) -> None:
    assert only(full, [1.0, 2.0, 3.0], "van", []) == ["seen oddly"]
    assert only(full, [1.0, 2.0, NAN], "van", [], moved=-0.5) == ["seen as usual"]


def test_without_evidence_another_code_says_so(full: ReasonBook) -> None:
    assert only(full, [1.0, 0.0, NAN], "van", []) == ["nobody has seen the driver before"]
    assert only(full, [1.0, 0.0, 3.0], "van", []) == ["nobody has seen the driver before"]


def test_of_a_field_that_is_lacking_it_is_said_that_it_is(full: ReasonBook) -> None:
    assert only(full, [1.0, NAN, NAN], "van", ["body", "driver"]) == ["no driver is named"]


def test_what_is_missing_though_it_was_given_is_counted_and_not_said(full: ReasonBook) -> None:
    assert only(full, [1.0, NAN, NAN], "van", []) == []
    sums = full.sums(np.array([[0.0, 0.5, 0.25, BASE]]), np.array([[1.0, NAN, NAN]]), *VAN)
    assert dict(zip(full.codes, sums[0].tolist(), strict=True))["other"] == 0.75


def test_what_a_kind_never_has_is_said_by_its_kind(full: ReasonBook) -> None:
    assert only(full, [1.0, NAN, NAN], "box", ["driver"]) == ["it is a box"]


def test_what_a_kind_should_not_have_is_counted_and_not_said(full: ReasonBook) -> None:
    assert only(full, [1.0, 2.0, 3.0], "box", []) == []


ROW = st.lists(st.sampled_from([NAN, 0.0, 1.0]), min_size=3, max_size=3)


@given(
    st.lists(st.floats(-5, 5), min_size=4, max_size=4),
    ROW,
    st.sampled_from(["van", "box"]),
    st.sampled_from([[], ["driver"]]),
)
def test_no_contribution_is_lost(
    values: list[float], row: list[float], kind: str, missing: list[str]
) -> None:
    book = ReasonBook(FULL_COLUMNS, FULL)
    sums = book.sums(np.array([values]), np.array([row]), [kind], [missing])
    assert sums.sum() == pytest.approx(sum(values[:-1]))


def test_evidence_that_is_no_column_is_refused_by_name() -> None:
    with pytest.raises(UnknownCode, match="'n_seen' is no feature"):
        ReasonBook({"hour": "hour", "days": "seen"}, FULL)


def test_a_code_with_one_value_keeps_what_its_missing_features_move(book: ReasonBook) -> None:
    row = np.array([[np.nan, np.nan, np.nan, 3.0]])
    [[first]] = book.explain(np.array([[0.0, 0.6, 0.0, 0.6, BASE]]), row, *VAN)
    assert (first.code, first.strength) == ("value", "strong")
