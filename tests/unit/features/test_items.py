import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import validator_for
from pydantic import ValidationError

from features.items import ITEM, MOST_FIELDS, PROTECTED_ATTRIBUTES, Shipment, Vehicle
from features.refusals import refusals
from tests.declarations import LINE, SHIPMENT, VEHICLE, refused, shipment_of, vehicle_of

JSON_SCHEMA = ITEM.json_schema()


def with_line(**changes: object) -> dict[str, Any]:
    return SHIPMENT | {"lines": [LINE | changes]}


@pytest.mark.parametrize("fields", [VEHICLE, SHIPMENT], ids=["vehicle", "shipment"])
def test_the_two_items_of_the_contract_are_accepted_from_json_and_from_python(
    fields: dict[str, Any],
) -> None:
    from_json = ITEM.validate_json(json.dumps(fields))
    assert from_json == ITEM.validate_python(fields)
    assert isinstance(from_json, Vehicle if fields["kind"] == "vehicle" else Shipment)


@pytest.mark.parametrize("fields", [VEHICLE, SHIPMENT], ids=["vehicle", "shipment"])
def test_what_is_read_can_be_written_and_read_again(fields: dict[str, Any]) -> None:
    item = ITEM.validate_python(fields)
    assert ITEM.validate_python(item.model_dump()) == item


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        (VEHICLE | {"wheels": 4}, "wheels", "extra_forbidden"),
        (with_line(colour_scheme="red"), "lines[0].colour_scheme", "extra_forbidden"),
        (VEHICLE | {"presented_at": "2026-11-24T10:00:00"}, "presented_at", "naive_time"),
        (VEHICLE | {"presented_at": 1_763_978_400}, "presented_at", "time_text"),
        (VEHICLE | {"presented_at": "24 November 2026"}, "presented_at", "time_text"),
        (VEHICLE | {"presented_at": "9999-12-31T23:59:59Z"}, "presented_at", "time_range"),
        (VEHICLE | {"departs_at": "2026-11-24T09:59:59Z"}, "departs_at", "departure"),
        (SHIPMENT | {"departs_at": "2026-11-23T18:00:00Z"}, "departs_at", "departure"),
        (SHIPMENT | {"departs_at": None}, "departs_at", "time_text"),
        (VEHICLE | {"port": "9999"}, "port", "unknown_port"),
        (VEHICLE | {"port": 2304}, "port", "string_type"),
        (VEHICLE | {"destination": "XX"}, "destination", "unknown_country"),
        (VEHICLE | {"destination": "mx"}, "destination", "string_pattern_mismatch"),
        (VEHICLE | {"mode": "ocean"}, "mode", "literal_error"),
        (VEHICLE | {"kind": "boat"}, "kind", "union_tag_invalid"),
        (VEHICLE | {"occupants": -1}, "occupants", "greater_than_equal"),
        (VEHICLE | {"occupants": 1.5}, "occupants", "int_type"),
        (VEHICLE | {"model_year": 20_014}, "model_year", "less_than_equal"),
        (VEHICLE | {"plate": "---"}, "plate", "identifier"),
        (VEHICLE | {"plate": "AB\0C"}, "plate", "control_character"),
        (VEHICLE | {"plate": "ABC\u202e321"}, "plate", "control_character"),
        (VEHICLE | {"item_id": "V 1"}, "item_id", "string_pattern_mismatch"),
        (VEHICLE | {"form_4457": "yes"}, "form_4457", "bool_type"),
        (
            SHIPMENT | {"filing": {"exemption": "30.37(zz)"}},
            "filing.exemption",
            "unknown_exemption",
        ),
        (SHIPMENT | {"filing": {"itn": "123"}}, "filing.itn", "string_pattern_mismatch"),
        (SHIPMENT | {"filing": None}, "filing", "model_type"),
        (SHIPMENT | {"lines": []}, "lines", "too_short"),
        (SHIPMENT | {"lines": [LINE] * 1000}, "lines", "too_long"),
        (SHIPMENT | {"gross_weight_kg": float("nan")}, "gross_weight_kg", "finite_number"),
        (SHIPMENT | {"packages": 10**30}, "packages", "less_than_equal"),
        (with_line(value_usd=-0.01), "lines[0].value_usd", "dollars_range"),
        (with_line(value_usd=float("nan")), "lines[0].value_usd", "dollars_range"),
        (with_line(value_usd=10**5000), "lines[0].value_usd", "dollars_range"),
        (with_line(value_usd=0.001), "lines[0].value_usd", "dollars_cents"),
        (with_line(value_usd="480"), "lines[0].value_usd", "dollars"),
        (with_line(weight_kg=-1.0), "lines[0].weight_kg", "greater_than_equal"),
        (with_line(schedule_b="852"), "lines[0].schedule_b", "schedule_b"),
        (with_line(eccn="pistol"), "lines[0].eccn", "string_pattern_mismatch"),
        (with_line(description="a\nb"), "lines[0].description", "control_character"),
    ],
)
def test_a_fault_is_refused_with_its_field(fields: dict[str, Any], field: str, code: str) -> None:
    assert [(refusal.field, refusal.code) for refusal in refused(fields)] == [(field, code)]


@pytest.mark.parametrize("field", sorted(VEHICLE.keys() - {"plate_state", "body", "model_year"}))
def test_a_missing_field_is_named(field: str) -> None:
    fields = {name: value for name, value in VEHICLE.items() if name != field}
    if field in ("occupants", "lane"):
        assert getattr(ITEM.validate_python(fields), field) is None
    else:
        assert [refusal.field for refusal in refused(fields)] == [field]


def test_every_fault_of_an_item_is_listed() -> None:
    faults = refused(VEHICLE | {"port": "9999", "occupants": -1, "wheels": 4})
    assert {fault.field for fault in faults} == {"port", "occupants", "wheels"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_only_json_readers_know_are_refused(number: str) -> None:
    raw = json.dumps(SHIPMENT).replace("480.0", number)
    with pytest.raises(ValidationError) as caught:
        ITEM.validate_json(raw)
    assert [refusal.field for refusal in refusals(caught.value)] == ["lines[0].value_usd"]


@pytest.mark.parametrize("attribute", sorted(PROTECTED_ATTRIBUTES))
def test_protected_attributes_are_refused_at_every_level(attribute: str) -> None:
    for fields, field in (
        (VEHICLE | {attribute: "x"}, attribute),
        (SHIPMENT | {attribute: "x"}, attribute),
        (with_line(**{attribute: "x"}), f"lines[0].{attribute}"),
        (SHIPMENT | {"filing": {attribute: "x"}}, f"filing.{attribute}"),
    ):
        (refusal,) = refused(fields)
        assert (refusal.field, refusal.code) == (field, "protected_attribute")
        assert "remove" in refusal.problem


@pytest.mark.parametrize(
    "spelling", ["Nationality", "NATIONALITY", "date-of-birth", "dateOfBirth", "Date of Birth"]
)
def test_protected_attributes_are_refused_in_any_spelling(spelling: str) -> None:
    assert [refusal.code for refusal in refused(VEHICLE | {spelling: "x"})] == [
        "protected_attribute"
    ]


def test_no_record_has_a_field_for_a_protected_attribute() -> None:
    names = {*Vehicle.model_fields, *Shipment.model_fields, *LINE}
    assert not names & PROTECTED_ATTRIBUTES


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.integers(), min_size=1, max_size=3))
def test_no_unknown_field_slips_in(extra: dict[str, int]) -> None:
    unknown = {name: value for name, value in extra.items() if name not in Vehicle.model_fields}
    if unknown:
        assert {refusal.field for refusal in refused(VEHICLE | unknown)} <= unknown.keys()


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists))
def test_nothing_but_an_object_is_an_item(value: object) -> None:
    assert refused(value)


def test_a_field_without_a_name_is_refused() -> None:
    with pytest.raises(ValidationError):
        ITEM.validate_python({**VEHICLE, 5: "x"})


def test_an_item_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        vehicle_of().plate = "XYZ"  # type: ignore[misc] # the refusal is what is tested


def test_an_item_may_leave_at_the_moment_it_is_presented() -> None:
    assert vehicle_of(departs_at=VEHICLE["presented_at"]).departs_at is not None


def test_optional_fields_are_accepted() -> None:
    vehicle = vehicle_of(driver="d-1", trailer="TRL 9", form_4457=True)
    shipment = shipment_of(
        forwarder="f1",
        consignee_address="1 Harbour St, Kingston",
        phone="+1 876 555 0100",
        container="MSKU1234565",
        routed=True,
        filing={"itn": "X20261124123456", "option": "predeparture"},
    )
    assert vehicle.form_4457 is True
    assert shipment.filing.option == "predeparture"


def test_the_json_schema_describes_every_field_of_both_kinds() -> None:
    definitions = JSON_SCHEMA["$defs"]
    for model in (Vehicle, Shipment):
        described = definitions[model.__name__]
        assert described["properties"].keys() == model.model_fields.keys()
        assert described["additionalProperties"] is False
    assert JSON_SCHEMA["discriminator"]["propertyName"] == "kind"


@pytest.mark.parametrize(
    ("fields", "valid"),
    [
        (VEHICLE, True),
        (SHIPMENT, True),
        (VEHICLE | {"presented_at": 5}, False),
        (VEHICLE | {"nationality": "x"}, False),
        (with_line(value_usd=-1), False),
        (with_line(schedule_b="85.28"), False),
    ],
)
def test_the_json_schema_agrees_with_the_validator(fields: dict[str, Any], valid: bool) -> None:  # noqa: FBT001 - a row of the table
    assert validator_for(JSON_SCHEMA).is_valid(fields) is valid


@pytest.mark.parametrize(
    "name",
    [
        "driverNationality",
        "driver_nationality_code",
        "\uff4e\uff41\uff54ionality",
        "nation\u200bality",
        "ethnicGroup",
        "religious_affiliation",
        "personAge",
        "AGE2",
        "race_code",
        "birthDate2",
        "namesOfPassengers",
        "citizenshipCountry",
    ],
)
def test_a_name_that_contains_a_protected_attribute_is_refused_as_one(name: str) -> None:
    assert [refusal.code for refusal in refused(VEHICLE | {name: "x"})] == ["protected_attribute"]


@pytest.mark.parametrize("name", ["mileage", "trace", "package", "essex", "vessel_name", "tonnage"])
def test_a_name_that_merely_looks_alike_is_only_unknown(name: str) -> None:
    assert [refusal.code for refusal in refused(VEHICLE | {name: "x"})] == ["extra_forbidden"]


def test_more_fields_than_any_item_has_are_refused_without_looking_at_them() -> None:
    fields = {f"f{n}": n for n in range(MOST_FIELDS + 1)}
    assert [refusal.code for refusal in refused(VEHICLE | fields)] == ["too_many_fields"]
    (refusal,) = refused(with_line(**fields))
    assert (refusal.field, refusal.code) == ("lines[0]", "too_many_fields")


def test_lines_after_the_first_bad_one_are_not_looked_at() -> None:
    faults = refused(SHIPMENT | {"lines": [LINE, {}, *[{}] * 900]})
    assert {fault.field.partition(".")[0] for fault in faults} == {"lines[1]"}
