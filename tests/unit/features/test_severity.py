import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.severity import severity

counts = st.integers(0, 10**6)


def test_nothing_found_weighs_nothing() -> None:
    assert severity(0, 0, 0) == 0


def test_one_firearm_weighs_as_much_as_ten_parts_or_a_thousand_rounds() -> None:
    assert severity(1, 0, 0) == severity(0, 10, 0) == severity(0, 0, 1000) == 1


@given(counts, counts, counts)
def test_severity_adds_up(firearms: int, parts: int, rounds: int) -> None:
    alone = severity(firearms, 0, 0) + severity(0, parts, 0) + severity(0, 0, rounds)
    assert severity(firearms, parts, rounds) == pytest.approx(alone)


@given(counts, counts, counts)
def test_more_of_anything_is_worse(firearms: int, parts: int, rounds: int) -> None:
    base = severity(firearms, parts, rounds)
    assert severity(firearms + 1, parts, rounds) > base
    assert severity(firearms, parts + 1, rounds) > base
    assert severity(firearms, parts, rounds + 1) > base
