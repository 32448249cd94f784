import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from features.items import ITEM, Shipment, Vehicle
from features.records import DECISIONS, INSPECTIONS, SIGNALS
from tests.fakes import Received, items_table, line, shipment, vehicle
from training.demo.day import cut_day, describe, first_monday, payloads
from training.demo.show import why

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    hours = (40, 25, 24, 3, 0, -5)
    received = [
        Received(
            vehicle(f"V{n}", NOW - timedelta(hours=ago), port="2304" if n % 2 else "2402"),
            1,
            NOW - timedelta(hours=ago),
        )
        for n, ago in enumerate(hours)
    ]
    folder = tmp_path / "world"
    folder.mkdir()
    items_table(received).write_parquet(folder / "items.parquet")
    for table in (SIGNALS, DECISIONS, INSPECTIONS):
        pl.DataFrame(schema=table.schema).write_parquet(folder / f"{table.name}.parquet")
    return folder


@pytest.mark.parametrize("day", range(7))
def test_the_weeks_start_on_a_monday_and_the_last_one_holds_the_moment(day: int) -> None:
    moment = NOW + timedelta(days=day)
    monday = first_monday(moment, 13)
    assert monday.weekday() == 0
    assert timedelta(weeks=12) <= moment.date() - monday < timedelta(weeks=13)


def test_the_past_ends_where_the_day_begins(world: Path, tmp_path: Path) -> None:
    day = cut_day(world, tmp_path / "history", NOW)
    past = pl.read_parquet(day.history / "items.parquet")
    assert past["item_id"].to_list() == ["V0", "V1"]
    assert {path.name for path in day.history.iterdir()} == {
        "items.parquet",
        "signals.parquet",
        "decisions.parquet",
        "inspections.parquet",
    }


def test_the_day_holds_only_its_ports_and_ends_before_the_moment(
    world: Path, tmp_path: Path
) -> None:
    day = cut_day(world, tmp_path / "history", NOW)
    assert day.items["item_id"].to_list() == ["V3"]


def test_bodies_hold_items_that_the_service_accepts_unchanged() -> None:
    items: list[Vehicle | Shipment] = [
        vehicle("V1", NOW),
        shipment("S1", NOW, lines=[line(value_usd=19.99), line()]),
    ]
    table = items_table([Received(item, 1, NOW) for item in items])
    (body,) = payloads(table)
    posted = json.loads(body)["items"]
    assert [ITEM.validate_json(json.dumps(item)) for item in posted] == items


def test_bodies_hold_at_most_five_hundred_items() -> None:
    table = items_table([Received(vehicle(f"V{n}", NOW), 1, NOW) for n in range(501)])
    assert [len(json.loads(body)["items"]) for body in payloads(table)] == [500, 1]


def test_an_item_is_described_by_what_it_is_and_where_it_goes() -> None:
    rows = items_table(
        [Received(vehicle(body="suv"), 1, NOW), Received(shipment(content="gift"), 1, NOW)]
    ).rows(named=True)
    assert describe(rows[0]) == "pov to MX: suv TX ABC1234"
    assert describe(rows[1]) == "ocean to JM: gift used television"


def test_rule_hits_come_before_reasons() -> None:
    entry = {
        "rule_hits": [{"text": "An unfiled firearm."}],
        "reasons": [{"direction": "lowers", "text": "Ordinary.", "strength": "slight"}],
    }
    assert why(entry) == "! An unfiled firearm.\n- Ordinary. (slight)"
