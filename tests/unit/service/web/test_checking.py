"""What was typed into forms, as the values of records."""

import pytest

from features.errors import InvalidRecord
from service.findings import FINDINGS
from service.web.checking import Unacceptable, check, fault_of, number, one_line


@pytest.mark.parametrize(
    ("typed", "read"),
    [("12", 12), (" 12 ", 12), ("1,000", 1000), ("0.5", 0.5), ("", ""), ("two", "two"), ("٣", 3.0)],
)
def test_numbers_are_read_as_people_type_them(typed: str, read: object) -> None:
    assert number(typed) == read


def test_line_breaks_become_spaces() -> None:
    assert one_line(" under the\r\nseat \n") == "under the seat"


def test_empty_fields_are_left_out_and_faults_are_named() -> None:
    full = {"item_id": "V1", "method": "canine", "minutes": 2, "outcome": "clear", "note": ""}
    assert check(FINDINGS, full).note is None
    with pytest.raises(Unacceptable) as refused:
        check(FINDINGS, full | {"minutes": "long", "outcome": "", "n_parts": -1})
    assert set(refused.value.faults) == {"minutes", "outcome", "n_parts"}


def test_a_fault_goes_to_its_field_where_the_form_has_it() -> None:
    error = InvalidRecord("no", field="method")
    assert fault_of(error, {"method": ""}) == {"method": "no"}
    assert fault_of(error, {"minutes": ""}) == {"": "no"}
