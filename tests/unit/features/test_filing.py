from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.filing import (
    LOW_VALUE_CENTS,
    FilingKey,
    filing_breaches,
    filing_keys,
    filing_required,
    is_filed,
    line_cents,
    totals,
)
from features.filing_duties import FilingDuty
from features.filing_goods import is_licensed, is_used_vehicle
from features.items import Line, Shipment
from tests.declarations import ITN, line_of, shipment_of, vehicle_of

LOW_VALUE = {"exemption": "30.37(a)"}
PISTOL, AMMUNITION, SHOTGUN = "9302", "9306", "9303"


def duty_of(shipment: Shipment) -> FilingDuty:
    (line,) = shipment.lines
    return filing_required(
        line,
        total_cents=line_cents(line),
        mode=shipment.mode,
        content=shipment.content,
        destination=shipment.destination,
    )


def codes(shipment: Shipment, known_totals: Mapping[FilingKey, int] | None = None) -> list[str]:
    return [breach.code for breach in filing_breaches(shipment, known_totals)]


class TestValue:
    def test_exactly_2500_dollars_needs_no_filing(self) -> None:
        shipment = shipment_of(line_of(value_usd=2500), filing=LOW_VALUE)
        assert duty_of(shipment).required is False
        assert codes(shipment) == []

    def test_one_cent_more_needs_a_filing(self) -> None:
        shipment = shipment_of(line_of(value_usd=2500.01), filing=LOW_VALUE)
        assert duty_of(shipment).citation == "15 CFR 30.37(a)"
        assert codes(shipment) == ["value_unfiled"]

    def test_two_lines_of_one_number_are_added_up(self) -> None:
        lines = [line_of(value_usd=1250), line_of(value_usd=1250.01)]
        assert codes(shipment_of(*lines, filing=LOW_VALUE)) == ["value_unfiled"]

    def test_two_lines_of_two_numbers_are_judged_apart(self) -> None:
        lines = [line_of(value_usd=2500), line_of(value_usd=2500, schedule_b="8418.10")]
        assert codes(shipment_of(*lines, filing=LOW_VALUE)) == []

    def test_only_the_number_above_the_limit_is_at_fault(self) -> None:
        lines = [line_of(value_usd=100), line_of(value_usd=3000, schedule_b="8418.10")]
        (breach,) = filing_breaches(shipment_of(*lines, filing=LOW_VALUE))
        assert breach.line == 1
        assert "line 2 (841810)" in breach.text

    def test_one_number_is_reported_once_however_many_lines_it_has(self) -> None:
        assert codes(shipment_of(*[line_of(value_usd=2000)] * 5)) == ["value_unfiled"]

    def test_neither_filing_nor_exemption_breaks_nothing_where_none_is_due(self) -> None:
        assert codes(shipment_of(line_of(value_usd=2500))) == []

    def test_neither_filing_nor_exemption_is_a_breach_where_a_filing_is_due(self) -> None:
        assert codes(shipment_of(line_of(value_usd=2500.01))) == ["value_unfiled"]

    def test_a_filing_satisfies_the_duty(self) -> None:
        assert codes(shipment_of(line_of(value_usd=90_000), filing={"itn": ITN})) == []

    @given(st.lists(st.integers(0, 3 * LOW_VALUE_CENTS), min_size=1, max_size=6))
    def test_the_limit_is_on_the_exact_sum_of_cents(self, cents: list[int]) -> None:
        lines = [line_of(value_usd=each / 100) for each in cents]
        due = sum(cents) > LOW_VALUE_CENTS
        assert bool(codes(shipment_of(*lines, filing=LOW_VALUE))) is due


class TestSplitting:
    def test_a_lot_split_over_boxes_is_added_up(self) -> None:
        boxes = [
            shipment_of(line_of(value_usd=1300), item_id=f"S{n}", filing=LOW_VALUE)
            for n in range(2)
        ]
        known = totals(boxes)
        assert [codes(box) for box in boxes] == [[], []]
        assert [codes(box, known) for box in boxes] == [["value_unfiled"], ["value_unfiled"]]
        (breach,) = filing_breaches(boxes[0], known)
        assert "together with other shipments" in breach.text

    def test_a_party_spelled_in_another_way_is_the_same_party(self) -> None:
        one = shipment_of(shipper="Acme, Inc.", consignee="c-1")
        other = shipment_of(shipper="ACME INC", consignee="C1")
        assert filing_keys(one)[0] == filing_keys(other)[0]

    @pytest.mark.parametrize(
        "change",
        [
            {"shipper": "s2"},
            {"consignee": "c2"},
            {"port": "5203"},
            {"mode": "air"},
            {"departs_at": "2026-11-26T18:00:00Z"},
        ],
    )
    def test_another_party_or_conveyance_is_another_lot(self, change: dict[str, str]) -> None:
        one, other = shipment_of(), shipment_of(**change)
        assert filing_keys(one)[0] != filing_keys(other)[0]
        assert len(totals([one, other])) == 2

    def test_totals_are_exact_cents_per_key(self) -> None:
        shipment = shipment_of(
            *[line_of(value_usd=0.1)] * 3, line_of(value_usd=7.77, schedule_b="9503.00")
        )
        assert sorted(totals([shipment, shipment]).values()) == [60, 1554]

    def test_stale_totals_never_hide_what_the_item_itself_declares(self) -> None:
        shipment = shipment_of(line_of(value_usd=2600))
        stale = {filing_keys(shipment)[0]: 10}
        assert codes(shipment, stale) == ["value_unfiled"]

    def test_totals_of_strangers_change_nothing(self) -> None:
        strangers = totals([shipment_of(line_of(value_usd=9000), shipper="s9")])
        assert codes(shipment_of(), strangers) == []


class TestArms:
    @pytest.mark.parametrize(
        ("number", "code"), [(PISTOL, "firearm_unfiled"), (AMMUNITION, "ammunition_unfiled")]
    )
    def test_five_dollars_of_arms_or_ammunition_need_a_filing(self, number: str, code: str) -> None:
        shipment = shipment_of(line_of(schedule_b=number, value_usd=5), filing=LOW_VALUE)
        assert codes(shipment) == [code]
        assert "758.1(b)(9)" in duty_of(shipment).citation

    @pytest.mark.parametrize("exemption", ["30.36", "30.37(a)", "30.37(q)", "30.39", "30.40"])
    def test_no_exemption_covers_a_firearm(self, exemption: str) -> None:
        shipment = shipment_of(
            line_of(schedule_b=PISTOL), destination="CA", filing={"exemption": exemption}
        )
        assert codes(shipment) == ["firearm_unfiled"]

    def test_a_filed_firearm_is_lawful(self) -> None:
        line = line_of(schedule_b=PISTOL, eccn="0A507", license="D1234567", value_usd=45_000)
        assert codes(shipment_of(line, filing={"itn": ITN, "option": "predeparture"})) == []

    def test_less_lethal_shells_of_0a505_c_go_by_their_value(self) -> None:
        line = line_of(schedule_b=AMMUNITION, eccn="0A505.c", value_usd=5)
        assert codes(shipment_of(line, filing=LOW_VALUE)) == []

    def test_an_unfiled_shotgun_is_named_apart_because_no_field_has_its_barrel(self) -> None:
        line = line_of(schedule_b=SHOTGUN, eccn="0A502")
        assert codes(shipment_of(line, filing=LOW_VALUE)) == ["shotgun_unfiled"]

    def test_parts_without_a_licence_go_by_their_value(self) -> None:
        assert codes(shipment_of(line_of(schedule_b="9305"), filing=LOW_VALUE)) == []

    def test_a_firearm_among_other_goods_is_found(self) -> None:
        lines = [line_of(), line_of(schedule_b=PISTOL), line_of(schedule_b="9503.00")]
        (breach,) = filing_breaches(shipment_of(*lines, filing=LOW_VALUE))
        assert (breach.code, breach.line) == ("firearm_unfiled", 1)


class TestBaggage:
    def test_a_traveller_with_form_4457_breaks_nothing(self) -> None:
        assert filing_breaches(vehicle_of(form_4457=True)) == ()

    def test_a_vehicle_declares_no_goods_and_breaks_nothing(self) -> None:
        assert filing_breaches(vehicle_of(mode="truck")) == ()

    def test_a_firearm_in_baggage_under_bag_needs_no_filing(self) -> None:
        shipment = shipment_of(
            line_of(schedule_b=PISTOL, license="BAG"),
            content="personal_effects",
            filing={"exemption": "30.37(x)"},
        )
        assert duty_of(shipment).code == "baggage"
        assert codes(shipment) == []

    def test_merchandise_is_no_baggage_whatever_exception_it_names(self) -> None:
        line = line_of(schedule_b=PISTOL, license="BAG")
        shipment = shipment_of(line, filing={"exemption": "30.37(x)"})
        assert codes(shipment) == ["firearm_unfiled", "exemption_misused"]

    def test_personal_effects_in_the_mail_may_claim_baggage(self) -> None:
        effects = shipment_of(
            line_of(value_usd=9000),
            mode="mail",
            port="8000",
            content="personal_effects",
            filing={"exemption": "30.37(p)"},
        )
        assert codes(effects) == []

    def test_cargo_under_a_bill_of_lading_may_not_claim_baggage(self) -> None:
        effects = shipment_of(content="personal_effects", filing={"exemption": "30.37(p)"})
        (breach,) = filing_breaches(effects)
        assert breach.code == "exemption_misused"
        assert "bill of lading" in breach.text


class TestLicences:
    def test_a_licensed_line_needs_a_filing_whatever_its_value(self) -> None:
        line = line_of(license="D1234567", value_usd=1)
        assert codes(shipment_of(line, filing=LOW_VALUE)) == ["licensed_unfiled"]

    @pytest.mark.parametrize("symbol", ["NLR", "LVS", "GFT", "lvs", "B.A.G"])
    def test_a_licence_exception_is_no_licence(self, symbol: str) -> None:
        line = line_of(license=symbol, value_usd=1)
        assert is_licensed(line) is False
        assert codes(shipment_of(line, filing=LOW_VALUE)) == []

    def test_a_licensed_line_to_canada_needs_a_filing(self) -> None:
        line = line_of(license="D1234567")
        shipment = shipment_of(line, destination="CA", filing={"exemption": "30.36"})
        assert codes(shipment) == ["licensed_unfiled"]


class TestVehicles:
    @pytest.mark.parametrize(
        "words", ["Used 2014 sedan", "SECOND-HAND car", "pre-owned", "carro usado"]
    )
    def test_a_used_vehicle_needs_a_filing_whatever_its_value_and_destination(
        self, words: str
    ) -> None:
        line = line_of(schedule_b="8703", description=words, value_usd=900)
        assert is_used_vehicle(line)
        shipment = shipment_of(line, destination="CA", filing={"exemption": "30.36"})
        assert codes(shipment) == ["used_vehicle_unfiled"]
        assert duty_of(shipment).citation == "15 CFR 30.2(a)(1)(iv)(H)"

    def test_the_low_value_exemption_does_not_cover_a_new_vehicle(self) -> None:
        line = line_of(schedule_b="8711", description="moped", value_usd=900)
        assert codes(shipment_of(line, filing=LOW_VALUE)) == ["vehicle_unfiled"]

    @pytest.mark.parametrize(
        ("number", "words"),
        [("8703", "unused sedan"), ("8703", "sedan"), ("8708.99", "used gearbox")],
    )
    def test_new_vehicles_and_used_parts_are_no_used_vehicles(
        self, number: str, words: str
    ) -> None:
        assert not is_used_vehicle(line_of(schedule_b=number, description=words))


class TestGifts:
    def test_a_gift_parcel_may_claim_the_gift_exemption(self) -> None:
        parcel = shipment_of(
            mode="mail", port="8000", content="gift", filing={"exemption": "30.37(h)"}
        )
        assert codes(parcel) == []

    def test_the_gift_exemption_for_merchandise_is_misused(self) -> None:
        (breach,) = filing_breaches(shipment_of(filing={"exemption": "30.37(h)"}))
        assert (breach.code, breach.citation) == ("exemption_misused", "15 CFR 30.37(h)")
        assert "merchandise" in breach.text

    def test_a_misused_exemption_does_not_lift_the_duty(self) -> None:
        shipment = shipment_of(line_of(value_usd=5000), filing={"exemption": "30.37(h)"})
        assert codes(shipment) == ["value_unfiled", "exemption_misused"]

    def test_ammunition_called_a_gift_is_still_ammunition(self) -> None:
        line = line_of(schedule_b=AMMUNITION, value_usd=5, license="GFT")
        parcel = shipment_of(line, content="gift", filing={"exemption": "30.37(h)"})
        assert codes(parcel) == ["ammunition_unfiled"]


class TestHouseholdGoods:
    def test_household_goods_under_a_bill_of_lading_are_added_up_across_numbers(self) -> None:
        lines = [line_of(value_usd=2000), line_of(value_usd=600, schedule_b="9403.60")]
        shipment = shipment_of(*lines, content="household_goods", filing=LOW_VALUE)
        (breach,) = filing_breaches(shipment)
        assert breach.code == "household_unfiled"
        assert "30.38" in breach.citation

    def test_household_goods_of_little_value_need_no_filing(self) -> None:
        shipment = shipment_of(line_of(value_usd=480), content="household_goods", filing=LOW_VALUE)
        assert codes(shipment) == []

    def test_household_goods_in_the_mail_are_judged_by_number(self) -> None:
        lines = [line_of(value_usd=2000), line_of(value_usd=600, schedule_b="9403.60")]
        shipment = shipment_of(*lines, mode="mail", content="household_goods", filing=LOW_VALUE)
        assert codes(shipment) == []


class TestDestinations:
    def test_goods_for_canada_need_no_filing_at_any_value(self) -> None:
        shipment = shipment_of(
            line_of(value_usd=90_000), destination="CA", filing={"exemption": "30.36"}
        )
        assert duty_of(shipment).code == "canada"
        assert codes(shipment) == []

    def test_the_canadian_exemption_for_another_country_is_misused(self) -> None:
        (breach,) = filing_breaches(shipment_of(filing={"exemption": "30.36"}))
        assert "go to JM" in breach.text

    def test_everything_for_country_group_e_needs_a_filing(self) -> None:
        shipment = shipment_of(line_of(value_usd=5), destination="CU", filing=LOW_VALUE)
        assert codes(shipment) == ["group_e_unfiled"]

    def test_the_exemption_for_country_group_e_lifts_that_duty_and_no_other(self) -> None:
        claim = {"exemption": "30.37(y)"}
        assert codes(shipment_of(destination="CU", filing=claim)) == []
        assert codes(shipment_of(line_of(value_usd=5000), filing=claim)) == [
            "value_unfiled",
            "exemption_misused",
        ]

    def test_puerto_rico_is_filed_like_abroad_and_guam_is_not(self) -> None:
        line = line_of(value_usd=5000)
        assert codes(shipment_of(line, destination="PR")) == ["value_unfiled"]
        assert codes(shipment_of(line, destination="GU")) == []


class TestFilings:
    def test_an_exemption_beside_a_filing_is_contradictory(self) -> None:
        shipment = shipment_of(
            line_of(value_usd=9000), destination="CA", filing={"itn": ITN, "exemption": "30.36"}
        )
        assert codes(shipment) == ["filed_and_exempt"]

    def test_a_filing_for_one_number_and_low_value_for_another_is_lawful(self) -> None:
        lines = [line_of(value_usd=9000), line_of(value_usd=100, schedule_b="9503.00")]
        both = {"itn": ITN, "exemption": "30.37(a)"}
        assert codes(shipment_of(*lines, filing=both)) == []
        assert codes(shipment_of(lines[0], filing=both)) == ["filed_and_exempt"]

    def test_postdeparture_filing_has_no_number_yet(self) -> None:
        shipment = shipment_of(line_of(value_usd=9000), filing={"option": "postdeparture"})
        assert is_filed(shipment)
        assert codes(shipment) == []

    def test_predeparture_without_a_number_is_no_filing(self) -> None:
        shipment = shipment_of(line_of(value_usd=9000), filing={"option": "predeparture"})
        assert codes(shipment) == ["value_unfiled"]

    def test_an_exemption_claimed_is_no_postdeparture_filing(self) -> None:
        claim = {"option": "postdeparture", "exemption": "30.37(a)"}
        assert codes(shipment_of(line_of(schedule_b=PISTOL), filing=claim)) == ["firearm_unfiled"]

    @pytest.mark.parametrize(
        "line",
        [
            line_of(schedule_b=PISTOL),
            line_of(license="D1234567"),
            line_of(schedule_b="8703", description="used car"),
        ],
    )
    def test_controlled_goods_are_filed_before_departure(self, line: Line) -> None:
        shipment = shipment_of(line, filing={"option": "postdeparture"})
        (breach,) = filing_breaches(shipment)
        assert (breach.code, breach.citation) == ("postdeparture", "15 CFR 30.4(a)")

    def test_a_routed_transaction_is_filed_before_departure(self) -> None:
        shipment = shipment_of(routed=True, filing={"itn": ITN, "option": "postdeparture"})
        assert codes(shipment) == ["postdeparture"]
