from datetime import UTC, datetime

import polars as pl
import pytest

from features.records import INSPECTIONS
from models.estimates.burden import Burden, burden
from models.estimates.intervals import Interval, clopper_pearson

_AT = datetime(2026, 11, 2, tzinfo=UTC)


def _items(*rows: tuple[str, str, str, str | None, str | None]) -> pl.DataFrame:
    names = ["item_id", "port", "mode", "body", "shipper"]
    told = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String()), orient="row")
    return told.with_columns(destination=pl.lit("MX"))


def _inspections(*rows: tuple[str, str, str, str | None]) -> pl.DataFrame:
    told = [
        {
            "inspection_id": number,
            "supersedes": supersedes,
            "item_id": item,
            "method": "partial_search",
            "minutes": 15.0,
            "outcome": outcome,
            "n_firearms": int(outcome == "find"),
            "n_parts": 0,
            "n_rounds": 0,
            "found_at": _AT,
            "recorded_at": _AT,
            "agency": "CBP",
        }
        for number, item, outcome, supersedes in rows
    ]
    return pl.DataFrame(told, schema=INSPECTIONS.schema)


def _by(found: list[Burden], by: str) -> dict[str, Burden]:
    return {row.group: row for row in found if row.by == by}


def test_rates_state_what_they_are_shares_of_with_exact_intervals() -> None:
    items = _items(*((f"V{n}", "2304", "pov", "suv", None) for n in range(10)))
    inspections = _inspections(
        ("I1", "V1", "clear", None), ("I2", "V2", "find", None), ("I3", "V3", "not_completed", None)
    )
    (port,) = _by(burden(items, inspections), "port").values()
    assert (port.n_items, port.n_inspected, port.n_finds) == (10, 2, 1)
    assert port.inspection_rate == 0.2
    assert port.inspection_interval == clopper_pearson(2, 10)
    assert port.lawful_opened_rate == pytest.approx(1 / 9)
    assert port.lawful_opened_interval == clopper_pearson(1, 9)


def test_a_corrected_exam_counts_as_corrected_and_an_item_counts_once() -> None:
    items = _items(("V1", "2304", "pov", "suv", None))
    inspections = _inspections(
        ("I1", "V1", "clear", None), ("I2", "V1", "find", "I1"), ("I3", "V1", "clear", None)
    )
    (mode,) = _by(burden(items, inspections), "mode").values()
    assert (mode.n_inspected, mode.n_finds) == (1, 1)
    assert mode.lawful_opened_rate is None
    assert mode.lawful_opened_interval == Interval(0.0, 1.0)


@pytest.mark.parametrize(
    ("n_sent", "name"),
    [
        (1, "1"),
        (2, "2 to 9"),
        (9, "2 to 9"),
        (10, "10 to 99"),
        (99, "10 to 99"),
        (100, "100 or more"),
    ],
)
def test_shippers_are_told_apart_by_how_much_they_send(n_sent: int, name: str) -> None:
    items = _items(*((f"S{n}", "5201", "ocean", None, "token") for n in range(n_sent)))
    assert set(_by(burden(items, _inspections()), "shipper_size")) == {name}


def test_vehicles_have_no_shipper_and_shipments_no_body() -> None:
    items = _items(
        ("V1", "2304", "pov", "suv", None),
        ("V2", "2304", "pov", "suv", None),
        ("S1", "5201", "ocean", None, "token"),
    )
    found = burden(items, _inspections())
    assert {name: row.n_items for name, row in _by(found, "shipper_size").items()} == {
        "none": 2,
        "1": 1,
    }
    assert set(_by(found, "body")) == {"none", "suv"}


def test_a_route_is_a_mode_and_a_destination() -> None:
    items = _items(
        ("V1", "2304", "pov", "suv", None),
        ("V2", "2402", "pov", "car", None),
        ("V3", "2304", "bus", "bus", None),
    ).with_columns(destination=pl.Series(["MX", "MX", "CA"]))
    found = _by(burden(items, _inspections(("I1", "V1", "clear", None))), "route")
    assert {name: (row.n_items, row.n_inspected) for name, row in found.items()} == {
        "pov MX": (2, 1),
        "bus CA": (1, 0),
    }


def test_without_items_there_is_no_burden() -> None:
    assert burden(_items(), _inspections()) == []
