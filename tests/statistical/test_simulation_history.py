"""History carries signal, and even a learner that knows every label cannot see it all."""

from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from features.catalogue import FEATURES
from features.matrix import matrix_from_tables
from training.simulation.run import simulate
from training.simulation.world import load_world

pytestmark = pytest.mark.slow

LEAST_GAIN, MOST_BY_ALL = 0.05, 0.95
LEAST_CAPTURE, MOST_CAPTURE = 0.25, 0.55
CAPACITY = 0.01
PARAMETERS: dict[str, Any] = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 100,
    "feature_fraction": 0.7, "bagging_fraction": 0.8, "bagging_freq": 1, "verbose": -1,
    "num_threads": 2, "seed": 1, "deterministic": True,
}  # fmt: skip
Scored = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """Hidden truth of the last weeks of `small`, and scores without and with history."""
    out: Path = tmp_path_factory.mktemp("worlds") / "small"
    simulate(load_world("small"), seed=1, weeks=52, out=out)
    items = pl.read_parquet(out / "items.parquet")
    inspections, signals = (
        pl.read_parquet(out / f"{n}.parquet") for n in ("inspections", "signals")
    )
    matrix = matrix_from_tables(items, inspections, signals)
    y = pl.read_parquet(out / "truth.parquet")["illicit"].to_numpy()
    assert matrix.item_ids == items["item_id"].to_list()
    train = np.arange(len(y)) < 0.7 * len(y)
    item = [n for n, feature in enumerate(FEATURES) if feature.group in ("item", "filing")]
    scores = []
    for columns in (item, list(range(len(FEATURES)))):
        X = matrix.X[:, columns]
        booster = lgb.train(PARAMETERS, lgb.Dataset(X[train], y[train]), 250)
        scores.append(np.asarray(booster.predict(X[~train])))
    return y[~train], scores[0], scores[1]


def test_history_adds_to_what_items_tell(scored: Scored) -> None:
    y, by_item, by_all = scored
    assert roc_auc_score(y, by_all) - roc_auc_score(y, by_item) >= LEAST_GAIN


def test_nobody_sees_everything(scored: Scored) -> None:
    y, _, by_all = scored
    assert roc_auc_score(y, by_all) <= MOST_BY_ALL


def test_a_ceiling_at_one_per_cent_is_neither_hopeless_nor_given_away(scored: Scored) -> None:
    y, _, by_all = scored
    chosen = np.argsort(-by_all)[: int(CAPACITY * len(y))]
    capture = y[chosen].sum() / y.sum()
    assert LEAST_CAPTURE <= capture <= MOST_CAPTURE
