import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.entities import normalise
from features.errors import WeirError
from features.filing import filing_breaches
from features.items import ITEM, Shipment, Vehicle
from features.records import TABLES
from tests.unit.training.simulation.conftest import read, tiny
from training.simulation.run import OutputInTheWay, is_world, simulate


def digests(folder: Path) -> dict[str, str]:
    return {
        entry.name: sha256(entry.read_bytes()).hexdigest() for entry in sorted(folder.iterdir())
    }


def validated(row: dict[str, Any]) -> Vehicle | Shipment:
    ledger = {"version", "supersedes", "source", "received_at"}
    given = {name: value for name, value in row.items() if name not in ledger and value is not None}
    for name in ("lines", "filing"):
        if name in given:
            parts = given[name] if name == "lines" else [given[name]]
            kept = [{k: v for k, v in part.items() if v is not None} for part in parts]
            given[name] = kept if name == "lines" else kept[0]
    return ITEM.validate_python(given)


def test_same_seed_gives_the_same_bytes(tiny_folder: Path, tmp_path: Path) -> None:
    simulate(tiny(), seed=11, weeks=4, out=tmp_path / "again")
    assert digests(tmp_path / "again") == digests(tiny_folder)


def test_another_seed_gives_another_world(tiny_folder: Path, tmp_path: Path) -> None:
    simulate(tiny(), seed=12, weeks=4, out=tmp_path / "other")
    ours, theirs = digests(tiny_folder), digests(tmp_path / "other")
    assert all(ours[name] != theirs[name] for name in ours)


def test_more_weeks_begin_with_the_same_weeks(
    tiny_tables: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    simulate(tiny(), seed=11, weeks=2, out=tmp_path / "short")
    short = read(tmp_path / "short")
    for name in ("items", "decisions", "inspections", "truth"):
        assert short[name].equals(tiny_tables[name].head(len(short[name])))


@pytest.mark.parametrize("name", ["items", "signals", "decisions", "inspections", "truth"])
def test_every_table_has_the_columns_of_the_contract(
    tiny_tables: dict[str, pl.DataFrame], name: str
) -> None:
    frame = tiny_tables[name]
    assert TABLES[name].check(frame).columns == frame.columns
    assert frame.select(TABLES[name].key).is_duplicated().sum() == 0


def test_every_item_is_one_that_the_service_would_accept(
    tiny_tables: dict[str, pl.DataFrame],
) -> None:
    items = [validated(row) for row in tiny_tables["items"].iter_rows(named=True)]
    assert len(items) == tiny_tables["items"].height


def test_honest_papers_break_the_law_as_rarely_as_the_world_says(
    tiny_tables: dict[str, pl.DataFrame],
) -> None:
    shipments = tiny_tables["items"].filter(pl.col("kind") == "shipment")
    breached = sum(bool(filing_breaches(validated(row))) for row in shipments.iter_rows(named=True))
    assert 0 < breached < 0.01 * shipments.height


def test_identifiers_are_written_as_they_are_compared(
    tiny_tables: dict[str, pl.DataFrame],
) -> None:
    names = ["plate", "driver", "trailer", "shipper", "consignee", "forwarder", "phone",
             "consignee_address", "container"]  # fmt: skip
    for name in names:
        given = tiny_tables["items"][name].drop_nulls().unique()
        assert given.len() > 0
        assert all(normalise(text) == text for text in given)


def test_every_item_has_one_decision_and_one_truth(tiny_tables: dict[str, pl.DataFrame]) -> None:
    items = tiny_tables["items"]["item_id"]
    assert tiny_tables["decisions"]["item_id"].equals(items)
    assert tiny_tables["truth"]["item_id"].equals(items)


def test_only_chosen_items_are_inspected_and_all_of_them(
    tiny_tables: dict[str, pl.DataFrame],
) -> None:
    chosen = tiny_tables["decisions"].filter("chosen")["item_id"]
    assert tiny_tables["inspections"]["item_id"].sort().equals(chosen.sort())


def test_findings_are_recorded_after_they_are_made(tiny_tables: dict[str, pl.DataFrame]) -> None:
    rows = tiny_tables["inspections"].join(
        tiny_tables["items"].select("item_id", "presented_at"), on="item_id"
    )
    assert (rows["found_at"] > rows["presented_at"]).all()
    assert (rows["recorded_at"] > rows["found_at"]).all()


def test_scale_keeps_the_trips_of_the_actors_that_it_keeps(
    tiny_tables: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    simulate(tiny(), seed=11, weeks=4, scale=0.3, out=tmp_path / "thin")
    thin = read(tmp_path / "thin")
    kept = thin["items"]["item_id"].implode()
    whole = tiny_tables["items"]
    assert 0.15 < thin["items"].height / whole.height < 0.45
    assert whole.filter(pl.col("item_id").is_in(kept)).equals(thin["items"])
    for column in ("plate", "shipper", "driver"):
        actors = thin["items"][column].drop_nulls().unique().implode()
        trips = whole.filter(pl.col(column).is_in(actors))
        assert trips.height == thin["items"][column].drop_nulls().len()


def test_scale_changes_nobodys_fate(tiny_tables: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    simulate(tiny(), seed=11, weeks=4, scale=0.3, out=tmp_path / "thin")
    thin = read(tmp_path / "thin")
    for name in ("decisions", "inspections", "truth"):
        kept = thin["items"]["item_id"].implode()
        assert tiny_tables[name].filter(pl.col("item_id").is_in(kept)).equals(thin[name])


def test_a_world_says_what_it_is_and_how_to_read_it(tiny_folder: Path) -> None:
    summary = json.loads((tiny_folder / "world.json").read_text())
    assert summary["world"] == "demo"
    assert summary["start"] == "2025-01-06"
    assert summary["end"] == "2025-02-03"
    assert summary["oversample"]["factor"] == tiny().trafficking.oversample
    assert "divided" in summary["oversample"]["meaning"]
    assert "does not certify" in summary["caveat"]
    assert summary["rows"]["finds"] > 0


def test_a_world_can_start_on_any_day(tmp_path: Path) -> None:
    out = tmp_path / "later"
    simulate(tiny(), seed=1, weeks=1, start=date(2026, 11, 17), out=out)
    days = read(out)["items"]["presented_at"].dt.date()
    assert days.min() == date(2026, 11, 17)
    assert days.max() in {date(2026, 11, 23), date(2026, 11, 24)}


def test_progress_is_told_after_every_week(tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    summary = simulate(
        tiny(), seed=1, weeks=3, out=tmp_path / "w",
        progress=lambda *done: told.append(done),
    )  # fmt: skip
    assert [done[:2] for done in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[-1][2] == summary["rows"]["items"]


def test_a_world_replaces_a_world(tmp_path: Path) -> None:
    out = tmp_path / "w"
    simulate(tiny(), seed=1, weeks=1, out=out)
    simulate(tiny(), seed=2, weeks=1, out=out)
    assert is_world(out)
    assert json.loads((out / "world.json").read_text())["seed"] == 2


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputInTheWay, match="not a simulated world"):
        simulate(tiny(), seed=1, weeks=1, out=tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_file_of_somebody_else_in_a_world_is_not_lost(tmp_path: Path) -> None:
    out = tmp_path / "world"
    simulate(tiny(), seed=1, weeks=1, out=out)
    (out / "mine.txt").write_text("mine")
    with pytest.raises(OutputInTheWay, match=r"mine\.txt in it, which would be lost"):
        simulate(tiny(), seed=1, weeks=1, out=out)
    assert (out / "mine.txt").read_text() == "mine"


def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(tiny(), seed=1, weeks=1, out=tmp_path / "world", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputInTheWay, match="cannot be made"):
        simulate(tiny(), seed=1, weeks=1, out=tmp_path / "file" / "world")


def test_a_file_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "w"
    file.write_text("x")
    with pytest.raises(OutputInTheWay, match="is a file"):
        simulate(tiny(), seed=1, weeks=1, out=file)


@pytest.mark.parametrize(("weeks", "scale", "field"), [(0, 1.0, "weeks"), (1, 0.0, "scale"),
                                                       (1, 1.5, "scale")])  # fmt: skip
def test_impossible_runs_are_refused(tmp_path: Path, weeks: int, scale: float, field: str) -> None:
    with pytest.raises(WeirError) as refusal:
        simulate(tiny(), seed=1, weeks=weeks, scale=scale, out=tmp_path / "w")
    assert refusal.value.field == field
    assert not (tmp_path / "w").exists()
