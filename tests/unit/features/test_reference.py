import subprocess
import sys
from typing import get_args
from zoneinfo import available_timezones

import polars as pl
import pytest

from features.errors import UnknownCode
from features.items import ShipmentMode, VehicleMode
from features.reference.rows import Heading, HeadingKind
from features.reference.tables import (
    border_crossings,
    countries,
    default_method,
    eccns,
    exam_methods,
    exemptions,
    heading_of,
    headings,
    ports,
)

MODES = {*get_args(VehicleMode), *get_args(ShipmentMode)}
LAND = {code: port for code, port in ports().items() if port.pov_share is not None}


def in_2024(column: str) -> pl.DataFrame:
    year = border_crossings().filter(pl.col("month").str.starts_with("2024"))
    return year.group_by("port_code").agg(pl.col(column).sum())


@pytest.mark.parametrize(
    ("column", "total"),
    [
        ("personal_vehicles", 76_884_566),
        ("trucks", 7_617_207),
        ("buses", 132_747),
        ("pedestrians", 40_769_064),
    ],
)
def test_the_counts_of_2024_add_up_to_what_bts_published(column: str, total: int) -> None:
    assert in_2024(column)[column].sum() == total


def test_the_counts_have_one_row_per_port_and_month_and_no_gaps_in_2024() -> None:
    counts = border_crossings()
    assert counts.select("port_code", "month").is_duplicated().sum() == 0
    months = counts.filter(pl.col("month").str.starts_with("2024")).group_by("port_code").len()
    assert months["len"].to_list() == [12] * len(months)
    assert (counts["month"].min(), counts["month"].max()) == ("2019-01", "2025-02")


@pytest.mark.parametrize(
    ("column", "share"),
    [("personal_vehicles", "pov_share"), ("trucks", "truck_share"), ("buses", "bus_share")],
)
def test_the_shares_of_ports_are_those_of_the_counts(column: str, share: str) -> None:
    counts = dict(in_2024(column).iter_rows())
    assert counts.keys() == LAND.keys()
    total = sum(counts.values())
    for code, port in LAND.items():
        assert getattr(port, share) == pytest.approx(counts[code] / total, abs=6e-5)


def test_every_port_is_known_by_its_schedule_d_code() -> None:
    assert len(ports()) == 55
    assert all(code == port.code and len(code) == 4 for code, port in ports().items())
    assert ports()["2304"].name == "Laredo"


def test_every_port_keeps_a_real_time_zone() -> None:
    assert {port.time_zone for port in ports().values()} <= available_timezones()


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("2304", "America/Chicago"),
        ("2402", "America/Denver"),
        ("2403", "America/Chicago"),
        ("2604", "America/Phoenix"),
        ("2504", "America/Los_Angeles"),
        ("5201", "America/New_York"),
    ],
)
def test_time_zones_follow_the_county_not_the_state(code: str, zone: str) -> None:
    assert ports()[code].time_zone == zone


def test_ports_serve_known_modes_and_destinations() -> None:
    for port in ports().values():
        assert set(port.modes) <= MODES
        assert set(port.destinations) <= set(countries())
    assert {code for code, port in ports().items() if not port.modes} == {"2410", "2582"}


def test_ports_are_land_or_have_a_share_of_a_stream() -> None:
    for port in ports().values():
        assert (port.pov_share is None) is (port.stream_share is not None)
        assert (port.latitude is None) is (port.longitude is None) is (port.pov_share is None)


def test_countries_are_the_whole_of_iso_3166() -> None:
    assert len(countries()) == 249
    assert countries()["PR"].name == "Puerto Rico"


def test_the_33_members_of_the_oas_are_flagged() -> None:
    members = {code for code, country in countries().items() if country.oas}
    assert len(members) == 33
    assert {"MX", "CA", "JM", "HT", "BR"} <= members
    assert not {"US", "CU", "PR", "ES"} & members


def test_country_group_e_is_flagged() -> None:
    assert {code for code, country in countries().items() if country.group_e} == {
        *("CU", "IR", "KP", "SY")
    }


def test_firearms_and_ammunition_are_the_headings_that_call_for_a_filing() -> None:
    assert {number for number, heading in headings().items() if heading.firearm} == {
        *("9301", "9302", "9303", "9306")
    }


def test_headings_have_plausible_ranges() -> None:
    for number, heading in headings().items():
        assert number == heading.number
        assert number.isdigit()
        assert heading.kind in get_args(HeadingKind)
        assert set(heading.modes) <= MODES
        for span in (heading.unit_value_usd, heading.unit_kg):
            assert span is None or 0 < span[0] <= span[1]
        assert (heading.unit_value_usd is not None) is (heading.kind == "goods")


def test_cover_goods_named_by_sources_are_flagged() -> None:
    named = {heading.text for heading in headings().values() if heading.cover}
    assert {"Televisions", "Rice, milled", "Breakfast cereal"} <= named
    assert "Refrigerators" not in named


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("852872", "852872"),
        ("8528720000", "852872"),
        ("8528", None),
        ("9302000000", "9302"),
        ("930621", "9306"),
        ("9013", None),
        ("901310", "901310"),
        ("010121", None),
    ],
)
def test_a_number_falls_under_its_most_exact_heading(number: str, found: str | None) -> None:
    heading = heading_of(number)
    assert (heading.number if isinstance(heading, Heading) else None) == found


def test_the_firearms_series_of_eccns_is_complete() -> None:
    assert set(eccns()) == {f"0A50{n}" for n in (1, 2, 4, 5, 6, 7, 8, 9)}
    assert eccns()["0A501"].paragraphs == ("a", "b")
    assert [code for code, eccn in eccns().items() if eccn.parts] == ["0A509"]


def test_exemptions_are_cited_by_section_and_paragraph() -> None:
    assert {"30.36", "30.37(a)", "30.37(h)", "30.37(p)", "30.37(x)", "30.39"} <= set(exemptions())
    assert not {"30.38", "30.37(e)", "30.37(u)"} & set(exemptions())


def test_exam_methods_have_probabilities_and_minutes() -> None:
    for code, method in exam_methods().items():
        assert code == method.code
        assert 0 <= method.detection <= 1
        assert 0 <= method.false_alarm <= 1
        assert method.minutes > 0
        assert set(method.first_for) <= set(method.modes) <= MODES


def test_every_mode_has_exactly_one_first_method() -> None:
    first = [mode for method in exam_methods().values() for mode in method.first_for]
    assert sorted(first) == sorted(MODES)
    assert default_method("pov").code == "partial_search"
    assert default_method("ocean").minutes == 1.25


def test_a_mode_that_does_not_exist_has_no_first_method() -> None:
    with pytest.raises(UnknownCode, match="rail") as caught:
        default_method("rail")
    assert caught.value.field == "mode"


def test_every_row_says_where_it_is_from() -> None:
    for table in (ports(), headings(), eccns(), exemptions(), exam_methods()):
        assert all(row.source for row in table.values())


def test_a_reference_table_cannot_be_changed_by_a_reader() -> None:
    with pytest.raises(TypeError):
        ports()["0000"] = ports()["2304"]  # type: ignore[index] # the refusal is what is tested


def test_items_validate_without_loading_polars() -> None:
    code = "import sys, features.items; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - a fixed command
