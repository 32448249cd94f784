from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from features.catalogue import FEATURE_NAMES
from features.declared_goods import MAD_TO_SIGMA, SMALLEST_MAD
from features.item_route import LEAD_HOURS
from features.items import Shipment, Vehicle
from features.matrix import matrix_from_items
from features.reference.tables import ports, rhythms
from tests.fakes import START, line, shipment, vehicle


def value_of(item: Vehicle | Shipment, name: str) -> float:
    return float(matrix_from_items([item], [0], None).X[0, FEATURE_NAMES.index(name)])


def test_lines_of_one_number_are_one_sum_and_of_two_numbers_two() -> None:
    same = shipment(lines=[line(value_usd=1200.0), line(value_usd=1250.0)])
    other = shipment(lines=[line(value_usd=1200.0), line(value_usd=1250.0, schedule_b="841810")])
    assert value_of(same, "largest_number_value_usd") == 2450
    assert value_of(other, "largest_number_value_usd") == 1250
    assert (value_of(same, "n_numbers"), value_of(other, "n_numbers")) == (1, 2)
    assert (value_of(same, "n_just_under"), value_of(same, "n_lines_just_under")) == (1, 0)
    assert value_of(same, "gap_below_threshold_usd") == 50


def test_ten_digits_and_six_are_two_numbers() -> None:
    lines = [line(value_usd=1500.0), line(value_usd=1500.0, schedule_b="8528720000")]
    assert value_of(shipment(lines=lines), "n_numbers") == 2


def test_household_goods_under_a_waybill_are_one_sum_whatever_their_numbers() -> None:
    lines = [line(value_usd=1500.0), line(value_usd=1500.0, schedule_b="841810")]
    assert value_of(shipment(lines=lines, content="household_goods"), "n_numbers") == 1
    mailed = shipment(lines=lines, content="household_goods", mode="mail")
    assert value_of(mailed, "n_numbers") == 2


def test_the_middle_of_a_heading_has_no_deviation_and_its_edge_the_stated_one() -> None:
    middle = (6 * 30) ** 0.5
    at_middle = shipment(lines=[line(quantity=1, weight_kg=middle)])
    assert value_of(at_middle, "unit_weight_z_low") == pytest.approx(0, abs=1e-3)
    at_edge = shipment(lines=[line(quantity=1, weight_kg=30.0)])
    assert value_of(at_edge, "unit_weight_z_high") == pytest.approx(2 / MAD_TO_SIGMA, rel=1e-4)


def test_a_heading_without_spread_is_given_the_least() -> None:
    rice = shipment(lines=[line(schedule_b="100630", quantity=100, weight_kg=110.0)])
    expected = np.log(1.1) / (MAD_TO_SIGMA * SMALLEST_MAD)
    assert value_of(rice, "unit_weight_z_high") == pytest.approx(expected, rel=1e-4)


def test_value_of_a_kilogram_does_not_ask_for_the_quantity() -> None:
    for name, quantity in (("unit_value_z_low", 0), ("unit_weight_z_high", 0)):
        assert np.isnan(value_of(shipment(lines=[line(quantity=quantity)]), name))
    bare = shipment(lines=[line(quantity=0)])
    assert value_of(bare, "value_per_kg_z_low") == value_of(shipment(), "value_per_kg_z_low")


def test_lowest_and_highest_are_of_different_lines() -> None:
    both = shipment(lines=[line(value_usd=1.0), line(value_usd=90_000.0)])
    assert value_of(both, "unit_value_z_low") < -3 < 3 < value_of(both, "unit_value_z_high")


def test_a_heading_without_a_norm_has_no_deviation() -> None:
    assert np.isnan(value_of(shipment(lines=[line(schedule_b="9302")]), "unit_value_z_low"))


@pytest.mark.parametrize(("mode", "hours"), LEAD_HOURS.items())
def test_lead_is_held_against_the_least_lead_of_the_mode(mode: str, hours: float) -> None:
    port = {"truck": "2304", "mail": "8000"}.get(mode, "5201")
    departs = START + timedelta(hours=hours)
    exact = shipment(mode=mode, port=port, departs_at=departs)
    assert value_of(exact, "lead_margin_hours") == 0
    late = shipment(mode=mode, port=port, departs_at=departs - timedelta(minutes=30))
    assert value_of(late, "lead_margin_hours") == -0.5


def test_a_vehicle_has_a_lead_and_no_margin() -> None:
    going = vehicle(departs_at=START + timedelta(hours=1))
    assert value_of(going, "lead_hours") == 1
    assert np.isnan(value_of(going, "lead_margin_hours"))


def test_traffic_is_read_at_the_local_hour_of_the_port() -> None:
    noon_at_laredo = datetime(2025, 1, 6, 18, tzinfo=UTC)
    item = vehicle(at=noon_at_laredo)
    assert value_of(item, "hour_traffic_ratio") == pytest.approx(rhythms()["pov", "hour"][12])
    assert value_of(item, "weekday_traffic_ratio") == pytest.approx(rhythms()["pov", "weekday"][0])


def test_a_rhythm_has_every_hour_and_every_day_and_a_mean_of_one() -> None:
    lengths = {"hour": 24, "weekday": 7}
    for (_, clock), ratios in rhythms().items():
        assert len(ratios) == lengths[clock]
        assert np.mean(ratios) == pytest.approx(1)


def test_routes_are_rare_by_port_and_by_destination() -> None:
    share = ports()["2304"].pov_share
    assert value_of(vehicle(), "port_mode_share") == pytest.approx(share, rel=1e-2)
    assert value_of(shipment(mode="air"), "port_mode_share") == 0
    usual = ports()["5201"].destinations
    assert value_of(shipment(destination=usual[0]), "destination_place") == 1
    assert value_of(shipment(destination="FR"), "destination_place") == len(usual) + 1


def test_a_plate_without_a_state_is_not_from_elsewhere() -> None:
    assert np.isnan(value_of(vehicle(plate_state=None), "plate_from_elsewhere"))
    assert value_of(vehicle(plate_state="TX"), "plate_from_elsewhere") == 0
    assert value_of(vehicle(plate_state="TAM"), "plate_from_elsewhere") == 1


def test_marks_of_a_business_are_counted_for_what_private_people_send() -> None:
    marks: dict[str, Any] = {
        "forwarder": "F1",
        "container": "C1",
        "routed": True,
        "packages": 11,
        "filing": {"itn": "X20250101123456", "exemption": None},
    }
    assert value_of(shipment(content="gift", **marks), "n_business_marks") == 5
    assert value_of(shipment(content="gift"), "n_business_marks") == 0
    assert np.isnan(value_of(shipment(content="merchandise", **marks), "n_business_marks"))
    parcel = shipment(content="gift", lines=[line(quantity=3), line(quantity=40)])
    assert value_of(parcel, "private_units_most") == 40


def test_lines_are_counted_that_speak_of_other_goods_or_of_none() -> None:
    said = ["televisions", "wooden furniture", "goods"]
    item = shipment(lines=[line(description=text) for text in said])
    assert value_of(item, "n_elsewhere_lines") == 1
    assert value_of(item, "n_vague_lines") == 1
    assert value_of(item, "heading_words_share") == 0
    assert np.isnan(value_of(shipment(lines=[line(description="電視機")]), "heading_words_share"))
