from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.catalogue import FEATURE_NAMES
from features.errors import InvalidTable
from models.bundle import load_bundle, verify_bundle
from models.signing import load_or_create_key, trusted_keys
from training.bundling import fit_bundle
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


def test_partitions_get_the_scores_that_one_machine_gives(
    client: Any,  # noqa: ANN401
    data_folder: Path,
    tmp_path: Path,
) -> None:
    key = load_or_create_key(tmp_path / "state")
    now = datetime(2026, 1, 2, tzinfo=UTC)
    fit_bundle(data_folder, tmp_path / "bundle", key, created_at=now, n_threads=1)
    verified = verify_bundle(tmp_path / "bundle", trusted_keys(tmp_path / "state"))
    matrix = compute_matrix(data_folder)
    frame, parts = matrix.to_frame(), tmp_path / "parts"
    parts.mkdir()
    for number, first in enumerate(range(0, frame.height, 1_000)):
        frame.slice(first, 1_000).write_parquet(parts / f"part-{number}.parquet")
    risks = score_partitions(client, parts, verified)
    np.testing.assert_array_equal(risks, load_bundle(verified).risk(matrix.X))


def test_a_folder_without_parquet_is_refused(client: Any, tmp_path: Path) -> None:  # noqa: ANN401
    with pytest.raises(InvalidTable, match="no parquet file"):
        score_partitions(client, tmp_path, None)  # type: ignore[arg-type]


def test_an_address_that_is_none_is_refused() -> None:
    pytest.importorskip("distributed", reason="the extra cluster is not installed")
    with pytest.raises(ClusterUnavailable, match="no scheduler"), cluster("nowhere"):
        pass


def test_patience_ends_the_search_for_a_better_round() -> None:
    assert best_round([3.0, 2.0, 2.5, 1.0], patience=2) == 4
    assert best_round([3.0, 2.0, 2.5, 2.6, 1.0], patience=2) == 2
