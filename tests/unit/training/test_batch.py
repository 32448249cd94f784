from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from features.errors import InvalidTable
from features.matrix import Matrix
from models.bundle import load_bundle, verify_bundle
from models.risk import RiskModel
from models.signing import load_or_create_key, trusted_keys
from training.batch import GROUP_ROWS, score_matrices
from training.bundling import fit_bundle
from training.cli import app
from training.score import compute_matrix, write_whole


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def bundle(data_folder: Path, state: Path) -> Path:
    key, now = load_or_create_key(state), datetime(2026, 1, 2, tzinfo=UTC)
    fit_bundle(data_folder, state / "bundle", key, created_at=now, n_threads=1)
    return state / "bundle"


@pytest.fixture(scope="module")
def model(bundle: Path, state: Path) -> RiskModel:
    return load_bundle(verify_bundle(bundle, trusted_keys(state)))


@pytest.fixture(scope="module")
def matrix(data_folder: Path) -> Matrix:
    return compute_matrix(data_folder)


@pytest.fixture
def parts(matrix: Matrix, tmp_path: Path) -> Path:
    frame, folder = matrix.to_frame(), tmp_path / "parts"
    folder.mkdir()
    half = frame.height // 2
    frame.head(half).write_parquet(folder / "part-0.parquet", row_group_size=700)
    frame.tail(frame.height - half).write_parquet(folder / "part-1.parquet")
    return folder


@pytest.mark.parametrize("name", ["scores.parquet", "scores.csv"])
def test_row_groups_get_the_scores_that_the_whole_gets(
    name: str, parts: Path, model: RiskModel, matrix: Matrix, tmp_path: Path
) -> None:
    out = tmp_path / name
    assert score_matrices(parts, model, out, csv=name.endswith("csv")) == len(matrix.X)
    scores = (pl.read_csv if name.endswith("csv") else pl.read_parquet)(out)
    assert scores["item_id"].to_list() == matrix.item_ids
    np.testing.assert_array_equal(scores["risk"], model.risk(matrix.X))


def test_columns_that_no_split_looks_at_are_not_read(
    parts: Path, model: RiskModel, matrix: Matrix, tmp_path: Path
) -> None:
    unused = [
        name for at, name in enumerate(model.feature_names) if at not in set(model.used_columns)
    ]
    assert unused
    for file in parts.iterdir():
        pl.read_parquet(file).with_columns(
            pl.lit("text").alias(name) for name in unused
        ).write_parquet(file)
    score_matrices(parts, model, tmp_path / "scores.parquet")
    scores = pl.read_parquet(tmp_path / "scores.parquet")
    np.testing.assert_array_equal(scores["risk"], model.risk(matrix.X))


def test_matrices_without_rows_give_a_file_without_rows(
    matrix: Matrix, model: RiskModel, tmp_path: Path
) -> None:
    matrix.to_frame().clear().write_parquet(tmp_path / "none.parquet")
    out = tmp_path / "out"
    out.mkdir()
    assert score_matrices(tmp_path, model, out / "scores.parquet") == 0
    assert pl.read_parquet(out / "scores.parquet").columns == ["item_id", "risk"]


def test_a_matrix_without_a_column_is_refused_by_its_name(
    parts: Path, model: RiskModel, tmp_path: Path
) -> None:
    file = parts / "part-1.parquet"
    pl.read_parquet(file).drop("mode_code").write_parquet(file)
    with pytest.raises(InvalidTable, match=r"part-1\.parquet has no column mode_code"):
        score_matrices(parts, model, tmp_path / "scores.parquet")
    assert not (tmp_path / "scores.parquet").exists()


def test_files_are_written_in_row_groups_that_can_be_read_one_by_one(tmp_path: Path) -> None:
    write_whole(pl.DataFrame({"x": range(GROUP_ROWS + 1)}), tmp_path / "x.parquet")
    written = pl.scan_parquet(tmp_path / "x.parquet").select(pl.len()).collect().item()
    assert written == GROUP_ROWS + 1
    assert pq.ParquetFile(tmp_path / "x.parquet").num_row_groups == 2


def test_the_command_scores_matrices_without_a_cluster(
    bundle: Path, state: Path, parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIR_STATE_DIR", str(state))
    out = tmp_path / "scores.parquet"
    result = CliRunner().invoke(
        app,
        ["score", "--bundle", str(bundle), "--matrices", str(parts), "--out", str(out)],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    assert f"{pl.read_parquet(out).height:,} scores in {out}" in result.output
