from typing import Any

import numpy as np
import polars as pl
import pytest

from features.filing import filing_breaches, filing_required, is_filed
from features.items import Shipment
from tests.unit.training.simulation.settings import setting
from tests.unit.training.simulation.test_run import validated
from training.simulation.carriers import filed_trucks, fleet_trips
from training.simulation.consignments import Consignments, lawful_consignments, sendings
from training.simulation.facts import facts
from training.simulation.goods import goods
from training.simulation.lines import LICENSED, VEHICLES
from training.simulation.shipments import shipment_items
from training.simulation.traffic import CARGO_MODES
from training.simulation.world import Mode

Batch = tuple[Consignments, pl.DataFrame]
WEEK = range(20_150, 20_157)


def sent(mode: Mode, **overrides: float) -> Batch:
    where = setting(volume__fraction=0.02 if mode in ("ocean", "air", "truck") else 0.004,
                    **overrides)  # fmt: skip
    if mode == "truck":
        fleet = fleet_trips(mode, where, WEEK)
        batch = lawful_consignments(mode, where, fleet.only(filed_trucks(fleet, where.world)))
    else:
        batch = lawful_consignments(mode, where, sendings(mode, where, WEEK))
    return batch, shipment_items(mode, where.world, batch)


@pytest.fixture(scope="module")
def batches() -> dict[Mode, Batch]:
    return {mode: sent(mode) for mode in CARGO_MODES}


def shipments(items: pl.DataFrame) -> list[Shipment]:
    parsed = [validated(row) for row in items.iter_rows(named=True)]
    return [item for item in parsed if isinstance(item, Shipment)]


@pytest.mark.parametrize("mode", CARGO_MODES)
def test_papers_are_in_order_where_nobody_forgets(mode: Mode) -> None:
    _, items = sent(mode, lawful__unfiled_share=0.0)
    for item in shipments(items.head(600)):
        assert filing_breaches(item) == ()


def test_who_must_file_files_before_the_deadline(batches: dict[Mode, Batch]) -> None:
    for mode, least_hours in (("truck", 1), ("air", 2), ("ocean", 24), ("mail", 2)):
        _, items = batches[mode]  # type: ignore[index]  # a mode
        stay = (items["departs_at"] - items["presented_at"]).dt.total_seconds() / 3600
        assert (stay >= least_hours).all()


def test_large_lines_are_filed_and_small_ones_are_mostly_exempt(
    batches: dict[Mode, Batch],
) -> None:
    assumed: Any = facts()["A-eei_exempt"].value
    for mode, (_, items) in batches.items():
        exempt = items["filing"].struct.field("itn").is_null().mean()
        wanted = assumed[mode]
        assert exempt == pytest.approx(wanted, abs=0.17), mode


def test_sloppiness_is_as_common_as_the_world_says() -> None:
    neat, _ = sent("express", lawful__vague_share=0.0)
    _, careless = sent("express", lawful__vague_share=1.0)
    vague = set(goods().texts[-goods().n_vague :])
    texts = careless.explode("lines")["lines"].struct.field("description")
    assert texts.is_in(list(vague)).mean() > 0.99  # type: ignore[operator]  # a number
    assert len(neat) == careless.height


def test_values_are_bunched_below_the_threshold_as_the_world_says() -> None:
    def share(bunched: float) -> float:
        _, items = sent("mail", lawful__just_under_share=bunched)
        values = items.explode("lines")["lines"].struct.field("value_usd").cast(pl.Float64)
        return float(values.is_between(2000, 2500).to_numpy().mean())

    assert share(0.3) - share(0.0) == pytest.approx(0.3, abs=0.05)


def test_lawful_firearms_are_declared_licensed_and_filed() -> None:
    batch, items = sent("air", lawful__legal_guns__air=0.001)
    licensed = items.filter(pl.Series(batch.trips.role == LICENSED))
    assert licensed.height > 5
    for item in shipments(licensed):
        assert is_filed(item)
        assert item.filing.option == "predeparture"
        assert all(line.license is not None for line in item.lines)
        assert any(
            filing_required(
                line, total_cents=0, content=item.content, mode=item.mode,
                destination=item.destination,
            ).required
            for line in item.lines
            if line.schedule_b[:4] in ("9302", "9303", "9306")
        ) or all(line.schedule_b[:4] in ("9305", "9013") for line in item.lines)  # fmt: skip


def test_used_vehicles_are_filed_whatever_their_value(batches: dict[Mode, Batch]) -> None:
    batch, items = batches["ocean"]
    vehicles = items.filter(pl.Series(batch.trips.role == VEHICLES))
    assert vehicles.height > 10
    unfiled = vehicles["filing"].struct.field("itn").is_null().mean()
    assert unfiled < 0.05  # type: ignore[operator]  # a number


def test_shippers_and_partners_come_back(batches: dict[Mode, Batch]) -> None:
    _, items = batches["air"]
    assert items["shipper"].n_unique() < 0.6 * items.height
    partners = items.group_by("shipper").agg(pl.len(), pl.col("consignee").n_unique())
    busy = partners.filter(pl.col("len") >= 10)
    assert (busy["consignee"] < busy["len"]).any()


def test_consignees_share_addresses_and_senders(batches: dict[Mode, Batch]) -> None:
    _, items = batches["mail"]
    shared = items.drop_nulls("consignee_address").group_by("consignee_address").agg(
        pl.col("consignee").n_unique()
    )  # fmt: skip
    assert (shared["consignee"] > 1).any()
    senders = items.group_by("consignee").agg(pl.col("shipper").n_unique())
    assert (senders["shipper"] > 1).any()


def test_gross_weight_exceeds_what_the_lines_weigh(batches: dict[Mode, Batch]) -> None:
    for _, items in batches.values():
        net = items["lines"].list.eval(pl.element().struct.field("weight_kg")).list.sum()
        assert (items["gross_weight_kg"] >= net * 0.99 - 0.1).all()


def test_gifts_are_common_among_parcels_of_families(batches: dict[Mode, Batch]) -> None:
    _, items = batches["mail"]
    gifts = items["content"].is_in(["gift", "household_goods", "personal_effects"]).mean()
    assert gifts == pytest.approx(0.45, abs=0.12)


def test_descriptions_are_many(batches: dict[Mode, Batch]) -> None:
    _, items = batches["express"]
    texts = items.explode("lines")["lines"].struct.field("description")
    assert texts.n_unique() > 0.3 * texts.len()
    assert len(set(goods().texts)) > 10_000


def test_data_may_come_late(batches: dict[Mode, Batch]) -> None:
    _, items = batches["express"]
    late = (items["received_at"] > items["presented_at"]).to_numpy()
    assert 0.02 < late.mean() < 0.12
    slack = (items["received_at"] - items["presented_at"]).filter(pl.Series(late))
    assert slack.dt.total_seconds().to_numpy().max() <= 91


def test_boxes_hold_several_consignments(batches: dict[Mode, Batch]) -> None:
    _, items = batches["ocean"]
    counts = items["container"].drop_nulls().value_counts()["count"].to_numpy()
    assert np.any(counts > 1)


def test_honest_values_just_under_the_threshold_come_from_the_same_shippers_again() -> None:
    _, items = sent("express")
    lines = items.select("shipper", "lines").explode("lines").unnest("lines")
    under = lines.with_columns(
        under=pl.col("value_usd").cast(pl.Float64).is_between(2000, 2500, closed="left")
    )
    per_shipper = under.group_by("shipper").agg(pl.len(), pl.col("under").sum())
    busy = per_shipper.filter(pl.col("len") >= 5)
    sent_by, of_those = busy["len"].to_numpy(), busy["under"].to_numpy()
    never_by_chance = (1 - of_those.sum() / sent_by.sum()) ** sent_by
    assert (of_those == 0).mean() > never_by_chance.mean() + 0.05


def test_busy_houses_take_parcels_in_for_many_and_give_their_telephone() -> None:
    where = setting(volume__fraction=0.05)
    batch = lawful_consignments("mail", where, sendings("mail", where, WEEK))
    people = pl.DataFrame({"address": batch.address, "phone": batch.phone, "who": batch.consignee})
    per_phone = people.group_by("phone").agg(pl.col("who", "address").n_unique())
    shared = per_phone.filter(pl.col("who") > 1)
    assert shared.height > 5
    assert (shared["address"] == 1).all()
