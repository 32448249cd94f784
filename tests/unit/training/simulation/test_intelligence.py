from datetime import timedelta

import polars as pl
import pytest

from features.records import TABLES
from tests.unit.training.simulation.settings import setting
from training.simulation.calibrate import legacy_policy
from training.simulation.environment import Environment

KINDS = ("tip", "plate_hit", "stolen_gun", "multiple_sale", "trace", "prior_seizure", "lookout")


@pytest.fixture(scope="module")
def rows() -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    where = setting(volume__fraction=0.003)
    environment, policy = Environment(where), legacy_policy(where)
    records = [environment.advance(policy) for _ in range(10)]
    items = pl.concat([r.traffic.items.hstack(r.traffic.hidden) for r in records])
    return (
        pl.concat([record.signals for record in records]),
        items,
        pl.concat([record.inspections for record in records]),
    )


Rows = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


def test_agencies_send_every_kind_of_signal(rows: Rows) -> None:
    signals, _, _ = rows
    assert set(signals["kind"]) == set(KINDS)
    assert TABLES["signals"].check(signals).height == signals["signal_id"].n_unique()


def test_signals_name_entities_as_they_are_compared(rows: Rows) -> None:
    signals, items, _ = rows
    plates = signals.filter(pl.col("entity_kind") == "plate")["entity"]
    known = items.select(pl.concat_str("plate_state", pl.lit(":"), "plate")).to_series()
    assert plates.is_in(known.drop_nulls().implode()).all()


def test_traces_come_years_late_and_others_before_the_trip(rows: Rows) -> None:
    signals, items, _ = rows
    last = items["presented_at"].max()
    traces = signals.filter(pl.col("kind") == "trace")
    assert (traces["known_at"] > last).mean() > 0.7  # type: ignore[operator]  # a number
    assert (traces["known_at"] < last + timedelta(days=31 * 366)).all()  # type: ignore[operator]  # a time
    tips = signals.filter(pl.col("kind") == "tip")
    assert (tips["known_at"] <= last).all()


def test_some_of_it_is_wrong(rows: Rows) -> None:
    signals, items, _ = rows
    ours = items.filter("illicit").select("shipper").to_series().drop_nulls()
    named = signals.filter((pl.col("kind") == "tip") & (pl.col("entity_kind") == "shipper"))
    right = named["entity"].is_in(ours.implode()).mean()
    assert 0.1 < right < 0.8  # type: ignore[operator]  # a number


def test_leads_may_not_be_used_for_targeting(rows: Rows) -> None:
    signals, _, _ = rows
    leads = signals.filter(pl.col("permitted_use") == "lead_only")
    assert {"plate_hit", "multiple_sale", "trace"} <= set(leads["kind"])
    targeting = signals.filter(pl.col("permitted_use") == "targeting")
    assert set(targeting["kind"]) <= {"tip", "stolen_gun", "prior_seizure", "lookout"}


def test_lookouts_are_known_when_the_finding_is_recorded(rows: Rows) -> None:
    signals, _, inspections = rows
    finds = inspections.filter(pl.col("outcome") == "find")
    lookouts = signals.filter(pl.col("kind") == "prior_seizure")
    assert lookouts["known_at"].is_in(finds["recorded_at"].implode()).all()


def test_findings_are_recorded_late_as_often_as_the_world_says(rows: Rows) -> None:
    _, _, inspections = rows
    finds = inspections.filter(pl.col("outcome") == "find")
    late = (finds["recorded_at"] - finds["found_at"]).dt.total_hours() > 5
    assert 0.15 < late.mean() < 0.45  # type: ignore[operator]  # a number
    clears = inspections.filter(pl.col("outcome") == "clear")
    assert (clears["recorded_at"] - clears["found_at"]).dt.total_hours().max() <= 5  # type: ignore[operator]  # hours


def test_signals_expire_and_have_a_strength(rows: Rows) -> None:
    signals, _, _ = rows
    assert (signals["expires_at"] > signals["known_at"]).all()
    assert signals["strength"].is_between(0.05, 0.95).all()
