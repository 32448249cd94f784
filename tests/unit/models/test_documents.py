import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from models.documents import read_json, write_json
from models.errors import BundleRefused

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
) | texts
values: st.SearchStrategy[JsonValue] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)


@given(values)
def test_what_is_written_is_read_back_exactly(value: JsonValue) -> None:
    assert read_json(write_json(value), "a.json") == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_every_bit(number: float) -> None:
    read = read_json(write_json(number), "a.json")
    assert isinstance(read, float)
    assert math.copysign(1, read) == math.copysign(1, number)
    assert read.hex() == number.hex()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'{\n  "a": 1,\n  "a": 2\n}\n', "occurs twice"),
        (b"NaN\n", "not a JSON number"),
        (b"-Infinity\n", "not a JSON number"),
        (b"1e999\n", "not the JSON"),
        (b"1.00\n", "not spelled"),
        (b'{"a": 1}\n', "not spelled"),
        (b"1", "not spelled"),
        (b"\xef\xbb\xbf1\n", "not the JSON"),
        (b"\xff\n", "not the JSON"),
        (b'"\\ud800"\n', "not the JSON"),
        (b'"\\u0041"\n', "not spelled"),
        (b"[" * 100_000, "not the JSON"),
        (b"9" * 5_000, "not the JSON"),
        (b"", "not the JSON"),
    ],
)
def test_any_other_spelling_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(BundleRefused, match=why) as refused:
        read_json(data, "a.json")
    assert refused.value.field == "a.json"


def test_numbers_that_are_not_finite_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json({"a": math.inf})
