import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.items import ITEM
from features.refusals import MOST_FAULTS, Refusal, refusals
from tests.declarations import LINE, SHIPMENT, VEHICLE, refused


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        (VEHICLE | {"wheels": 4}, "wheels", "unknown; remove it"),
        (VEHICLE | {"port": 2304}, "port", "give text, in quotes"),
        (VEHICLE | {"mode": "air"}, "mode", "give one of 'pov', 'bus' or 'truck'"),
        (VEHICLE | {"occupants": 500}, "occupants", "give 120 or less"),
        (VEHICLE | {"model_year": 14}, "model_year", "give 1900 or more"),
        (VEHICLE | {"occupants": "1"}, "occupants", "whole number, without quotes"),
        (VEHICLE | {"lane": ""}, "lane", "at least 1 characters"),
        (VEHICLE | {"plate": "A" * 121}, "plate", "at most 120 characters"),
        (VEHICLE | {"item_id": "?"}, "item_id", "of the form ^[A-Za-z0-9]"),
        (VEHICLE | {"form_4457": 1}, "form_4457", "true or false"),
        (SHIPMENT | {"lines": {}}, "lines", "give a list"),
        (SHIPMENT | {"lines": []}, "lines", "at least 1 entries"),
        (SHIPMENT | {"lines": [LINE, 3]}, "lines[1]", "an object"),
        (SHIPMENT | {"lines": [LINE, {**LINE, "weight_kg": "1"}]}, "lines[1].weight_kg", "number"),
        ({"kind": "train"}, "kind", "'vehicle', 'shipment'"),
        ({}, "kind", "missing"),
        (7, "", "an object"),
    ],
)
def test_a_refusal_names_the_field_as_written_and_says_what_to_do(
    fields: object, field: str, problem: str
) -> None:
    (refusal,) = refused(fields)
    assert refusal.field == field
    assert problem in refusal.problem


@pytest.mark.parametrize("raw", ["", "{", '{"kind": "vehicle"', "\\ud800"])
def test_what_is_not_json_is_refused_as_a_whole(raw: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ITEM.validate_json(raw)
    (refusal,) = refusals(caught.value)
    assert refusal.field == ""
    assert refusal.problem.startswith("this is not JSON")


def test_a_field_called_like_a_kind_keeps_its_name() -> None:
    (refusal,) = refused(SHIPMENT | {"shipment": 1})
    assert refusal.field == "shipment"


def test_a_refusal_never_repeats_a_protected_value() -> None:
    (refusal,) = refused(VEHICLE | {"nationality": "Utopian"})
    assert "Utopian" not in refusal.problem


def test_a_fault_without_advice_keeps_its_own_words() -> None:
    class Even(BaseModel):
        model_config = ConfigDict(strict=True)
        n: int = Field(multiple_of=2)

    with pytest.raises(ValidationError) as caught:
        Even(n=3)
    assert refusals(caught.value) == (
        Refusal("n", "Input should be a multiple of 2", "multiple_of"),
    )


def test_only_the_first_faults_are_put_into_words() -> None:
    faults = refused(VEHICLE | {f"wheel_{n}": n for n in range(50)})
    assert [fault.field for fault in faults] == [f"wheel_{n}" for n in range(MOST_FAULTS)]


def test_a_long_name_is_cut() -> None:
    (refusal,) = refused(VEHICLE | {"w" * 100_000: 1})
    assert refusal.field == "w" * 100 + "..."
