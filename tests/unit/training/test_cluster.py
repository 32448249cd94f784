from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from features.catalogue import FEATURE_NAMES
from features.errors import InvalidTable
from features.matrix import Matrix
from models.bundle import load_bundle, verify_bundle
from models.signing import load_or_create_key, trusted_keys
from training.bundling import fit_bundle
from training.cli import app
from training.cluster import ClusterUnavailable, OnCluster, best_round, cluster, score_partitions
from training.dataset import Dataset, labelled
from training.learner import MOST_ROUNDS, Recipe, grow, raw_scores
from training.metrics import capture
from training.parameters import PARAMETERS
from training.score import compute_matrix
from training.tables import read_tables
from training.windows import cut

# dask's own loops leave sockets and coroutines behind when they are torn down
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning"),
]
RECIPE = Recipe("unweighted", PARAMETERS, FEATURE_NAMES, seed=1)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with cluster("local") as connected:
        yield connected


@pytest.fixture(scope="module")
def data(data_folder: Path) -> Dataset:
    return labelled(read_tables(data_folder))


def test_a_cluster_finds_what_this_machine_finds(client: Any, data: Dataset) -> None:  # noqa: ANN401
    early, late = cut(data, (0.6,))
    captures = [
        capture(raw_scores(booster, late.X), late.y, np.ones(len(late.y)), 0.2)
        for booster in (OnCluster(client).grow(RECIPE, early, 40), grow(RECIPE, early, 40))
    ]
    assert captures[0] == pytest.approx(captures[1], abs=0.05)


def test_a_cluster_stops_at_the_best_round(client: Any, data: Dataset) -> None:  # noqa: ANN401
    early, late = cut(data, (0.6,))
    noise = replace(late, y=np.random.default_rng(1).permutation(late.y))
    machines = OnCluster(client)
    assert machines.grow_until(RECIPE, early, noise, most_rounds=30).num_trees() < 15
    assert MOST_ROUNDS > 30


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def bundle(data_folder: Path, state: Path) -> Path:
    key, now = load_or_create_key(state), datetime(2026, 1, 2, tzinfo=UTC)
    fit_bundle(data_folder, state / "bundle", key, created_at=now, n_threads=1)
    return state / "bundle"


@pytest.fixture(scope="module")
def matrix(data_folder: Path) -> Matrix:
    return compute_matrix(data_folder)


@pytest.fixture
def parts(matrix: Matrix, tmp_path: Path) -> Path:
    frame, folder = matrix.to_frame(), tmp_path / "parts"
    folder.mkdir()
    for number, first in enumerate(range(0, frame.height, 1_000)):
        frame.slice(first, 1_000).write_parquet(folder / f"part-{number}.parquet")
    return folder


def test_partitions_get_the_scores_that_one_machine_gives(
    client: Any,  # noqa: ANN401
    bundle: Path,
    state: Path,
    matrix: Matrix,
    parts: Path,
) -> None:
    verified = verify_bundle(bundle, trusted_keys(state))
    scores = score_partitions(client, parts, verified)
    assert scores["item_id"].to_list() == matrix.item_ids
    np.testing.assert_array_equal(scores["risk"], load_bundle(verified).risk(matrix.X))


def test_the_command_scores_matrices_on_a_cluster(
    bundle: Path, state: Path, parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    monkeypatch.setenv("WEIR_STATE_DIR", str(state))
    out = tmp_path / "scores.parquet"
    arguments = ["score", "--bundle", str(bundle), "--out", str(out)]
    result = CliRunner().invoke(
        app, [*arguments, "--matrices", str(parts), "--cluster", "local"], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    n_items = sum(pl.read_parquet(part).height for part in parts.iterdir())
    assert f"{n_items:,} scores in {out}" in result.output
    assert pl.read_parquet(out).columns == ["item_id", "risk"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--cluster", "local"], "goes with --matrices"),
        (["--matrices", "parts", "--data", "world"], "give no --data"),
        (["--matrices", "parts", "--cluster", "local", "--data", "world"], "give no --data"),
    ],
)
def test_a_cluster_scores_matrices_and_matrices_come_with_no_other_source(
    options: list[str], told: str
) -> None:
    result = CliRunner().invoke(app, ["score", "--bundle", "b", "--out", "o.parquet", *options])
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())


def test_a_matrix_without_a_column_is_refused_by_its_name(
    bundle: Path, state: Path, parts: Path
) -> None:
    verified = verify_bundle(bundle, trusted_keys(state))
    file = parts / "part-0.parquet"
    pl.read_parquet(file).drop("mode_code").write_parquet(file)
    with pytest.raises(InvalidTable, match=r"part-0\.parquet has no column mode_code"):
        score_partitions(None, parts, verified)


def test_a_folder_without_parquet_is_refused(bundle: Path, state: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidTable, match="no parquet file"):
        score_partitions(None, tmp_path, verify_bundle(bundle, trusted_keys(state)))


def test_an_address_that_is_none_is_refused() -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with pytest.raises(ClusterUnavailable, match="no scheduler"), cluster("nowhere"):
        pass


def test_patience_ends_the_search_for_a_better_round() -> None:
    assert best_round([3.0, 2.0, 2.5, 1.0], patience=2) == 4
    assert best_round([3.0, 2.0, 2.5, 2.6, 1.0], patience=2) == 2
