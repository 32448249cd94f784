"""What each group of features adds: capture without it, against the hidden truth of later items."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import FEATURES
from features.matrix import matrix_from_tables
from features.records import TRUTH
from training.dataset import Dataset, labelled, moment
from training.evaluation.folders import Progress
from training.fit import fit_model
from training.learner import raw_scores
from training.metrics import capture, exact_interval
from training.tables import Tables, read_table, read_tables
from training.windows import split_by_time

CAPACITY = 0.01
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(feature.group for feature in FEATURES))
"""The groups of the catalogue, in its order."""


class Ablation(NamedTuple):
    """What a model captures without one group.

    Parameters
    ----------
    without : str
        The group; empty for the model that has all.
    n_features : int
        Features that it has.
    capture : float
        Share of the illicit items among the 1 percent of later items with the highest risk.
    low, high : float
        Ends of its exact 95 percent interval, as if illicit items were drawn one by one.
    """

    without: str
    n_features: int
    capture: float
    low: float
    high: float


class Ablated(NamedTuple):
    """The models and what they were judged on.

    Parameters
    ----------
    n_finds : int
        Finds that each was fitted on.
    n_items, n_illicit : int
        Later items, and how many of them are illicit in truth.
    models : list of Ablation
        All features first, then without each group.
    """

    n_finds: int
    n_items: int
    n_illicit: int
    models: list[Ablation]


class _Judged(NamedTuple):
    """Items later than everything that was fitted, with the truth about them."""

    X: npt.NDArray[np.float32]
    illicit: npt.NDArray[np.int8]


def ablate(folder: Path, *, seed: int, n_threads: int, progress: Progress) -> Ablated:
    """Fit with all features and without each group in turn, on observed labels.

    Judged is on all items of the test window, by the simulator's truth, which no fit reads.

    Parameters
    ----------
    folder : Path
        A simulated data folder.
    seed : int
        Seed of the fits.
    n_threads : int
        Threads of the fits.
    progress : callable
        Told of fits.

    Returns
    -------
    Ablated
        What each captures.

    Raises
    ------
    InvalidTable
        If the folder has no truth, or too few finds to fit.
    """
    tables, truth = read_tables(folder), read_table(folder, TRUTH)
    whole = labelled(tables)
    since = int(split_by_time(whole).test.presented_at.min())
    later = _later(tables, truth, moment(since))
    # a fit learns from all it is given, so that what is judged must be kept from it
    data = whole.rows(whole.presented_at < since)
    models: list[Ablation] = []
    for done, group in enumerate(("", *GROUPS)):
        progress("Fits", done, len(GROUPS) + 1)
        kept = np.array([feature.group != group for feature in FEATURES])
        fitted = fit_model(_without(data, kept), seed=seed, n_threads=n_threads)
        risk = raw_scores(fitted.booster, np.where(kept, later.X, np.float32(np.nan)))
        share = capture(risk, later.illicit, np.ones(len(risk)), CAPACITY)
        n_illicit = int(later.illicit.sum())
        low, high = exact_interval(round(share * n_illicit), n_illicit)
        models.append(Ablation(group, int(kept.sum()), share, low, high))
    progress("Fits", len(models), len(models))
    return Ablated(int(data.y.sum()), len(later.illicit), int(later.illicit.sum()), models)


def _without(data: Dataset, kept: npt.NDArray[np.bool_]) -> Dataset:
    # a column that is missing everywhere is never split on
    return replace(data, X=np.where(kept, data.X, np.float32(np.nan)))


def _later(tables: Tables, truth: pl.DataFrame, since: datetime) -> _Judged:
    matrix = matrix_from_tables(
        tables.items, tables.inspections, tables.signals, where=pl.col("presented_at") >= since
    )
    illicit = (
        pl.DataFrame({"item_id": matrix.item_ids})
        .join(truth.select("item_id", "illicit"), on="item_id", how="left", maintain_order="left")[
            "illicit"
        ]
        .fill_null(value=False)
    )
    return _Judged(matrix.X, illicit.cast(pl.Int8).to_numpy())
