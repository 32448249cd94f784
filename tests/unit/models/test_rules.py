from typing import get_args

import pytest

from features.filing import filing_breaches, totals
from models.rules import Action, legal_hits
from tests.declarations import ITN, line_of, shipment_of, vehicle_of

LOW_VALUE = {"exemption": "30.37(a)"}


def test_a_lawful_shipment_hits_nothing() -> None:
    assert legal_hits(shipment_of(filing=LOW_VALUE)) == ()


@pytest.mark.parametrize("form_4457", [None, False, True])
def test_a_vehicle_hits_nothing(form_4457: bool | None) -> None:  # noqa: FBT001 - a field of the item
    assert legal_hits(vehicle_of(form_4457=form_4457)) == ()


@pytest.mark.parametrize(
    ("number", "code"), [("9302", "firearm_unfiled"), ("9306", "ammunition_unfiled")]
)
def test_unfiled_arms_and_ammunition_must_be_inspected(number: str, code: str) -> None:
    line = line_of(schedule_b=number, value_usd=5)
    (hit,) = legal_hits(shipment_of(line, filing=LOW_VALUE))
    assert (hit.code, hit.action) == (code, "must_inspect")
    assert "758.1(b)(9)" in hit.citation


@pytest.mark.parametrize(
    "changes",
    [
        {"value_usd": 2500.01},
        {"license": "D1234567"},
        {"schedule_b": "8703", "description": "used car"},
        {"schedule_b": "9303", "eccn": "0A502"},
    ],
)
def test_other_breaches_raise_an_item(changes: dict[str, object]) -> None:
    (hit,) = legal_hits(shipment_of(line_of(**changes), filing=LOW_VALUE))
    assert hit.action == "raise"


def test_filed_arms_hit_nothing() -> None:
    lines = [line_of(schedule_b=number, license="D1") for number in ("9302", "9305", "9306")]
    assert legal_hits(shipment_of(*lines, filing={"itn": ITN})) == ()


def test_unlicensed_unfiled_parts_raise_an_item() -> None:
    (hit,) = legal_hits(shipment_of(line_of(schedule_b="9305"), filing=LOW_VALUE))
    assert (hit.code, hit.action) == ("parts_unfiled", "raise")


def test_parts_under_a_licence_exception_hit_nothing() -> None:
    line = line_of(schedule_b="9305", eccn="0A501.x", license="LVS")
    assert legal_hits(shipment_of(line, filing=LOW_VALUE)) == ()


def test_a_pistol_called_ear99_raises_an_item() -> None:
    line = line_of(schedule_b="9302", eccn="EAR99")
    (hit,) = legal_hits(shipment_of(line, filing=LOW_VALUE))
    assert (hit.code, hit.action) == ("arms_eccn_disputed", "raise")


def test_each_code_is_hit_once_and_the_gravest_comes_first() -> None:
    lines = [
        line_of(value_usd=9000),
        *[line_of(schedule_b="9305")] * 3,
        *[line_of(schedule_b=number) for number in ("9302", "930200", "9306")],
    ]
    hits = legal_hits(shipment_of(*lines))
    assert [hit.code for hit in hits] == [
        *("firearm_unfiled", "ammunition_unfiled", "value_unfiled", "parts_unfiled")
    ]


def test_totals_of_the_conveyance_reach_the_rules() -> None:
    boxes = [shipment_of(line_of(value_usd=2000), item_id=f"S{n}") for n in range(2)]
    assert legal_hits(boxes[0]) == ()
    assert [hit.code for hit in legal_hits(boxes[0], totals(boxes))] == ["value_unfiled"]


def test_every_breach_becomes_a_hit_with_its_words_and_citation() -> None:
    shipment = shipment_of(line_of(value_usd=5000), filing={"exemption": "30.37(h)"})
    assert {(hit.code, hit.text, hit.citation) for hit in legal_hits(shipment)} == {
        (breach.code, breach.text, breach.citation) for breach in filing_breaches(shipment)
    }


def test_no_legal_rule_releases_anything() -> None:
    assert "release" in get_args(Action)
    shipment = shipment_of(line_of(schedule_b="9302"), routed=True, filing=LOW_VALUE)
    assert all(hit.action != "release" for hit in legal_hits(shipment))
