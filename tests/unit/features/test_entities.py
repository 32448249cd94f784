import string
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.entities import IDENTIFIERS, entity_keys, normalise, plate_key
from features.records import ITEMS, EntityKind
from tests.declarations import shipment_of, vehicle_of

identifiers = st.text(min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("abc-12 34", "ABC1234"),
        ("+1 (876) 555-0100", "18765550100"),
        ("\uff21\uff22\uff23\uff11", "ABC1"),
        ("Cafe\u0301 S.A.", "CAF\u00c9SA"),
        ("stra\u00dfe 5", "STRASSE5"),
    ],
)
def test_spelling_variants_compare_equal(written: str, normalised: str) -> None:
    assert normalise(written) == normalised


@given(identifiers, st.sampled_from(" -.,/()\u00a0\u2013"))
def test_spaces_and_punctuation_never_count(written: str, mark: str) -> None:
    assert normalise(mark.join(written.split())) == normalise("".join(written.split()))


@given(st.text(string.ascii_letters + string.digits + " -", max_size=30))
def test_case_never_counts(written: str) -> None:
    assert normalise(written.lower()) == normalise(written.upper())


@given(identifiers)
@example("\u1100\u0301\u1161")
@example("\u0390")
def test_normalising_twice_changes_nothing(written: str) -> None:
    assert normalise(normalise(written)) == normalise(written)


def test_a_plate_is_told_apart_by_its_state() -> None:
    assert plate_key("ABC 123", "TX") != plate_key("ABC 123", "AZ")
    assert plate_key("abc-123", "TX") == plate_key("ABC 123", "TX") == "TX:ABC123"
    assert plate_key("ABC 123", None) == ":ABC123"


def test_a_vehicle_names_its_plate_driver_and_trailer() -> None:
    assert entity_keys(vehicle_of(driver="d 1", trailer="trl-9")) == {
        "plate": "TX:ABC1234",
        "driver": "D1",
        "container": "TRL9",
    }


def test_a_shipment_names_its_parties_and_its_container() -> None:
    shipment = shipment_of(
        forwarder="f-1", consignee_address="1 Main St", phone="555", container="c u 1"
    )
    assert entity_keys(shipment) == {
        "shipper": "S1",
        "consignee": "C1",
        "forwarder": "F1",
        "address": "1MAINST",
        "phone": "555",
        "container": "CU1",
    }


def test_what_is_not_given_is_no_entity() -> None:
    assert entity_keys(vehicle_of(plate_state=None)) == {"plate": ":ABC1234"}
    assert set(entity_keys(shipment_of())) == {"shipper", "consignee"}


def test_every_kind_of_entity_is_named_by_columns_of_the_items_table() -> None:
    assert set(IDENTIFIERS) == set(get_args(EntityKind))
    assert {column for columns in IDENTIFIERS.values() for column in columns} <= set(ITEMS.columns)
