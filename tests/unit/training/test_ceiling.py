from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidTable
from features.records import TRUTH
from models.signing import load_or_create_key
from tests.worlds import N_ITEMS, write_folder
from training import dataset
from training.bundling import fit_bundle
from training.ceiling import LEARNERS
from training.dataset import everything
from training.tables import read_table, read_tables


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_folder(tmp_path_factory.mktemp("all"))
    occupants = read_tables(folder).items["occupants"].to_numpy()
    illicit = np.random.default_rng(2).random(N_ITEMS) < np.where(occupants == 1, 0.4, 0.02)
    rows = [
        {
            "item_id": f"V{n}",
            "illicit": bool(carries),
            "event_id": "E1" if carries else None,
            "network": "N1" if carries else None,
            "n_firearms": 2 * int(carries),
            "n_parts": 0,
            "n_rounds": 0,
            "severity": 2.0 * carries,
            "concealment": "trunk" if carries else None,
        }
        for n, carries in enumerate(illicit)
    ]
    pl.DataFrame(rows, schema=TRUTH.schema).write_parquet(folder / "truth.parquet")
    return folder


def test_every_item_has_a_label_whether_inspected_or_not(folder: Path) -> None:
    data = everything(read_tables(folder), read_table(folder, TRUTH), seed=1)
    assert len(data.y) == N_ITEMS
    assert data.y.sum() * 2.0 == data.severity.sum()
    assert set(data.weight) == {1.0}


def test_items_without_contraband_are_thinned_and_stand_for_the_rest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset, "MOST_LAWFUL", 500)
    data = everything(read_tables(folder), read_table(folder, TRUTH), seed=1)
    assert (data.y == 0).sum() == 500
    assert data.weight.sum() == pytest.approx(N_ITEMS)


def test_a_world_in_which_nothing_carried_has_no_ceiling(folder: Path) -> None:
    lawful = read_table(folder, TRUTH).with_columns(illicit=pl.lit(value=False))
    with pytest.raises(InvalidTable, match="no ceiling"):
        everything(read_tables(folder), lawful, seed=1)


def test_the_bundle_of_a_ceiling_says_so_and_names_the_best_of_all_learners(
    folder: Path, tmp_path: Path
) -> None:
    manifest, fitted = fit_bundle(
        folder,
        tmp_path / "bundle",
        load_or_create_key(tmp_path / "state"),
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        labels="all",
        n_threads=1,
    )
    compared = fitted.chosen["average_precision"]
    assert manifest.labels == "all"
    assert len(compared) == 2 * len(LEARNERS)
    assert fitted.model["auc"] > 0.75
