"""The proofs of features in small; `weir-train bench` runs them at full size."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from features.catalogue import FEATURES
from features.matrix import matrix_from_tables
from features.records import TRUTH
from tests.worlds import N_ITEMS, write_folder
from training.cli import app
from training.evaluation.children import ChildFailed
from training.evaluation.features_ablation import GROUPS, ablate
from training.evaluation.features_future import compare_futures, cut_moments
from training.evaluation.features_pace import compute, copied, measure_pace, slope
from training.evaluation.folders import Source, data_folder
from training.score import compute_matrix
from training.tables import Tables, read_tables

Told = list[tuple[str, int, int]]


def _bench(*words: str) -> str:
    done = CliRunner().invoke(app, ["bench", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_no_feature_of_a_simulated_world_knows_the_future(
    world_folder: Path, tmp_path: Path
) -> None:
    told = _bench("future", "--data", str(world_folder), "--cuts", "3", "--out", str(tmp_path))
    assert told.count(" rows cut off, equal\n") == 3
    assert told.endswith("target: the same bytes: met\n")
    result = json.loads((tmp_path / "result.json").read_text())
    assert [cut["equal"] for cut in result["cuts"]] == [True] * 3
    assert all(cut["n_rows_after"] > 0 < cut["n_items"] for cut in result["cuts"])


def test_a_future_that_leaks_is_named(world_folder: Path) -> None:
    tables = read_tables(world_folder)
    [at] = cut_moments(tables, 1)
    # findings that claim to have been recorded before the cut, and are cut off all the same
    early = pl.col("recorded_at") < at

    class Leaking(Tables):
        def known_before(self, until: object) -> Tables:
            known = tables.known_before(at)
            assert until == at
            return replace(known, inspections=known.inspections.clear())

    assert tables.inspections.filter(early).height > 0
    leaking = Leaking(tables.items, tables.inspections, tables.decisions, tables.signals)
    [cut] = compare_futures(leaking, [at], lambda *_: None)
    assert not cut.equal
    assert set(cut.differing) <= {f.name for f in FEATURES if f.group in {"history", "link"}}
    assert cut.differing


def test_cuts_part_the_items_evenly(world_folder: Path) -> None:
    tables = read_tables(world_folder)
    moments = cut_moments(tables, 3)
    shares = [(tables.items["presented_at"] < at).mean() for at in moments]
    assert shares == pytest.approx([0.25, 0.5, 0.75], abs=0.01)


def test_each_size_is_measured_in_a_process_of_its_own(world_folder: Path) -> None:
    told: Told = []
    paces = measure_pace(
        world_folder, [200, 500], n_threads=1, progress=lambda *step: told.append(step)
    )
    assert [pace.n_items for pace in paces] == [200, 500]
    for pace in paces:
        assert pace.items_per_second == pytest.approx(pace.n_items / pace.matrix_seconds)
        assert pace.ratio > 0
        assert pace.peak_bytes > 50 << 20
    assert told == [("Sizes", 0, 2), ("Sizes", 1, 2), ("Sizes", 2, 2)]


def test_a_process_that_ends_without_a_figure_is_said(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match=r"items\.parquet is missing"):
        measure_pace(tmp_path, [10], n_threads=1, progress=lambda *_: None)


def test_x_in_blocks_is_x_as_a_whole(world_folder: Path) -> None:
    _, _, ready = compute(read_tables(world_folder), 2)
    assert ready.tobytes() == compute_matrix(world_folder).X.tobytes()


def test_copies_of_tables_know_nothing_of_each_other(world_folder: Path) -> None:
    tables = read_tables(world_folder)
    n_items = tables.items.height
    twice = copied(tables, 2 * n_items)
    X = matrix_from_tables(twice.items, twice.inspections, twice.signals).X
    alone = matrix_from_tables(tables.items, tables.inspections, tables.signals).X
    assert X[:n_items].tobytes() == X[n_items:].tobytes() == alone.tobytes()
    assert copied(tables, 7).items.height == 7


def test_growth_with_the_number_of_items_is_the_last_cost_over_the_first() -> None:
    assert slope([2.0, 9.0, 3.0]) == 1.5


def test_a_group_that_carries_the_signal_is_missed_and_others_are_not(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "data")
    items = pl.read_parquet(folder / "items.parquet")
    # lone drivers, whom findings point at and only the item itself tells
    truth = items.select("item_id", (pl.col("occupants") == 1).alias("illicit"))
    others = [
        pl.lit(None if column.startswith(("event", "net", "con")) else 0).cast(dtype).alias(column)
        for column, dtype in TRUTH.schema.items()
        if column not in truth.columns
    ]
    truth.with_columns(others).write_parquet(folder / "truth.parquet")
    found = ablate(folder, seed=1, n_threads=1, progress=lambda *_: None)
    captured = {model.without: model.capture for model in found.models}
    assert tuple(captured) == ("", *GROUPS)
    assert captured["item"] < captured[""] / 1.5
    assert captured["signal"] == captured[""]
    assert found.models[0].n_features == len(FEATURES)
    assert 0 < found.n_illicit < found.n_items < N_ITEMS


def test_a_folder_that_is_given_is_used_and_a_world_is_thrown_away(tmp_path: Path) -> None:
    told: Told = []

    def progress(*step: str | int) -> None:
        told.append(step)  # type: ignore[arg-type]  # three values, as told

    with data_folder(Source(tmp_path), progress) as folder:
        assert folder == tmp_path
    source = Source(None, "demo", seed=3, weeks=1, scale=0.05)
    with data_folder(source, progress) as folder:
        assert read_tables(folder).items.height > 0
    assert not folder.exists()
    assert told == [("Simulating weeks", 1, 1)]
    assert source.stated() == {"world": "demo", "seed": 3, "weeks": 1, "scale": 0.05}
    assert Source(tmp_path).stated() == {"data": tmp_path.name}
