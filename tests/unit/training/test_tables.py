import shutil
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from features.errors import InvalidTable
from features.records import ITEMS
from tests.fakes import START
from training.tables import read_table, read_tables


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidTable, match=r"items\.parquet is missing"):
        read_tables(tmp_path)


def test_a_file_that_is_not_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "items.parquet").write_text("item_id\nV1\n")
    with pytest.raises(InvalidTable, match=r"items\.parquet cannot be read as parquet"):
        read_table(tmp_path, ITEMS)


def test_missing_unknown_and_mistyped_columns_are_all_named(
    data_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(data_folder, tmp_path / "data")
    path = tmp_path / "data" / "items.parquet"
    frame = (
        pl.read_parquet(path)
        .drop("plate")
        .with_columns(pl.lit(1).alias("surprise"), pl.col("port").cast(pl.Int64))
    )
    frame.write_parquet(path)
    with pytest.raises(InvalidTable) as caught:
        read_tables(tmp_path / "data")
    for fault in ("'plate' is missing", "'surprise' is unknown", "'port' is Int64"):
        assert fault in caught.value.detail
    assert caught.value.field == "items.parquet"


def test_what_is_known_before_a_moment_leaves_out_the_moment_itself(data_folder: Path) -> None:
    until = START + timedelta(minutes=100)
    known = read_tables(data_folder).known_before(until)
    assert known.items["presented_at"].max() == until - timedelta(minutes=1)
    assert known.decisions.height == 100
    assert (known.inspections["recorded_at"] < until).all()
    assert known.inspections.height < read_tables(data_folder).inspections.height


def test_an_item_received_later_is_not_known_before(data_folder: Path) -> None:
    tables = read_tables(data_folder)
    late = tables.items.with_columns(pl.col("received_at") + pl.duration(days=10))
    shifted = type(tables)(late, tables.inspections, tables.decisions, tables.signals)
    assert shifted.known_before(START + timedelta(days=9)).items.is_empty()
