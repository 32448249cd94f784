"""What the grammar lets through, and how it refuses the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.items import PROTECTED_ATTRIBUTES
from models.predicates.columns import FEATURE_COLUMNS, ITEM_COLUMNS, LINE_COLUMNS
from models.predicates.faults import InvalidPredicate
from models.predicates.parse import Predicate, parse


def refusal(text: str) -> InvalidPredicate:
    with pytest.raises(InvalidPredicate) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("", 0, "it ends here"),
        ("occupant > 3", 0, "did you mean occupants?"),
        ("mode = 'pov' AND plate = 'A'", 17, "a rule about one of them is a lookout"),
        ("description = 'a'", 0, "any_line(description ...)"),
        ("mode = 3", 7, "a text is compared with a number"),
        ("mode", 0, "a rule takes a condition, and this is a text"),
        ("(mode = 'x'", 11, "a closing bracket"),
        ("mode = 'x' extra", 11, "AND, OR or the end"),
        ("mode = 'x' OR", 13, "it ends here"),
        ("1 < 2 < 3", 6, "not chained"),
        ("occupants = NULL", 12, "nothing equals NULL"),
        ("occupants IS 3", 13, "IS NULL or IS NOT NULL"),
        ("mode = 'pov", 7, "does not end"),
        ('mode = "pov"', 7, "single quotes"),
        ("mode = 'a'; DROP TABLE items", 10, "without a semicolon"),
        ("mode = 'a' -- note", 11, "comments are not allowed"),
        ("mode = 'a' /* note */", 11, "comments are not allowed"),
        ("items.mode = 'a'", 5, "without the name of a table"),
        ("occupants % 2 = 0", 10, "no remainder"),
        ("occupants > 1e999", 12, "too large"),
        ("occupants + mode > 3", 12, "+ takes a number, and this is a text"),
        ("lower(occupants) = 'a'", 6, "lower takes a text, and this is a number"),
        ("read_csv('/etc/passwd') = 'a'", 0, "there is no function 'read_csv'"),
        ("mode IN (SELECT 1)", 9, "no column or feature 'select'"),
        ("mode IN (port)", 9, "written values only"),
        ("mode IN ('a', 3)", 14, "a text is compared with a number"),
        ("routed IN (TRUE)", 0, "IN takes a number or a text"),
        ("mode LIKE port", 10, "a pattern in single quotes"),
        ("occupants LIKE 'a'", 0, "LIKE takes a text"),
        ("occupants NOT 3", 14, "after NOT comes IN, BETWEEN or LIKE"),
        ("NOT occupants", 4, "NOT takes a condition"),
        ("occupants AND routed", 0, "AND takes a condition"),
        ("routed < TRUE", 7, "= and <> alone"),
        ("routed BETWEEN FALSE AND TRUE", 7, "numbers or texts"),
        ("any_line(any_line(TRUE))", 9, "does not stand within"),
        ("any_line(quantity)", 9, "any_line takes a condition"),
        ("coalesce(occupants, 'a') = 1", 20, "a number is compared with a text"),
        ("mode = 'a\x00b'", 7, "control characters"),
        ("mode = 'a' \x07", 11, "has no meaning here"),
    ],
)
def test_a_refusal_points_at_the_place_and_says_what_to_do(text: str, at: int, words: str) -> None:
    error = refusal(text)
    assert (error.position, words in error.detail) == (at, True), error.detail
    assert error.field == "predicate"
    *_, shown, caret = error.detail.split("\n")
    assert caret == " " * at + "^"
    assert shown == "".join(each if each.isprintable() else " " for each in text)


def test_a_refusal_shows_the_line_of_the_place_cut_to_a_width() -> None:
    text = "mode = 'pov'\n  AND " + "occupants > 1 AND " * 20 + "nothing > 1"
    *_, shown, caret = refusal(text).detail.split("\n")
    assert shown[len(caret) - 1 :].startswith("nothing > 1")
    assert len(shown) <= 76


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" AND ".join(["occupants > 1"] * 200), "make several rules of it"),
        ("(" * 60 + "TRUE" + ")" * 60, "make it flatter"),
        ("NOT " * 60 + "TRUE", "make it flatter"),
        ("- " * 60 + "1 > 0", "make it flatter"),
        ("mode IN (" + ", ".join(["'a'"] * 250) + ")", "at most 200 values"),
        ("mode = '" + "a" * 4_000 + "'", "at most 4000 characters"),
    ],
)
def test_a_predicate_has_a_size(text: str, words: str) -> None:
    assert words in refusal(text).detail


def test_the_largest_predicate_is_parsed_within_the_stack() -> None:
    predicate = parse("+".join(["1"] * 140) + " > 0 AND routed IS NULL")
    assert [each.name for each in predicate.columns] == ["routed"]


def test_and_binds_closer_than_or_and_not_closer_than_both() -> None:
    assert parse("TRUE OR TRUE AND FALSE").root == parse("TRUE OR (TRUE AND FALSE)").root
    assert parse("NOT TRUE AND FALSE").root == parse("(NOT TRUE) AND FALSE").root
    assert parse("1 + 2 * 3 > -4 / 2").root == parse("(1 + (2 * 3)) > ((-4) / 2)").root
    assert parse("NOT mode = 'a'").root == parse("NOT (mode = 'a')").root


def test_words_are_read_in_capitals_and_small_letters_alike_and_texts_are_not() -> None:
    assert parse("MODE = 'a' and Not Routed").root == parse("mode = 'a' AND NOT routed").root
    assert parse("mode = 'A'").root != parse("mode = 'a'").root
    assert parse("mode = 'it''s'").root != parse("mode = 'its'").root


def test_a_name_means_the_line_first_then_the_item_then_a_feature() -> None:
    (outside,) = parse("value_usd > 1").columns
    (inside,) = parse("any_line(value_usd > 1)").columns
    (shadowed,) = parse("gross_weight_kg > 1").columns
    assert (outside.scope, inside.scope, shadowed.scope) == ("feature", "line", "item")
    assert parse("value_usd > 1 AND any_line(value_usd > 1)").features == {"value_usd"}


def test_no_column_is_an_identifier_or_a_protected_attribute() -> None:
    names = {*ITEM_COLUMNS, *LINE_COLUMNS, *FEATURE_COLUMNS}
    parties = {"plate", "driver", "shipper", "consignee", "forwarder", "phone", "container"}
    assert not names & (PROTECTED_ATTRIBUTES | parties | {"consignee_address", "trailer"})


_PIECES = st.one_of(
    st.sampled_from(
        [
            *("mode", "occupants", "routed", "value_usd", "'a'", "''", "1", ".5", "1e5", "NULL"),
            *("AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "TRUE", "(", ")", ",", "-", "="),
            *("<>", "<", "+", "/", "any_line(", "coalesce(", "lower(", "abs(", "length(", "'", "%"),
        ]
    ),
    st.text(max_size=4),
)


def parsed_or_refused(text: str) -> Predicate | InvalidPredicate:
    try:
        return parse(text)
    except InvalidPredicate as refused:
        return refused


@given(st.lists(_PIECES, max_size=25).map(" ".join))
@settings(max_examples=500, deadline=None)
def test_whatever_is_written_is_a_rule_or_a_refusal_that_points_into_it(text: str) -> None:
    result = parsed_or_refused(text)
    if isinstance(result, InvalidPredicate):
        assert 0 <= result.position <= len(text)
        assert result.detail.count("\n") == 2
    else:
        assert result.root.kind == "bool"
