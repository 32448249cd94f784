"""The ceiling: the best that can be learned if every label is given. Never to be deployed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from joblib import Parallel, cpu_count, delayed

from features.catalogue import FEATURE_NAMES
from models.calibration import fit_calibration
from training.choosing import RECENT_SHARE
from training.dataset import Dataset
from training.fit import Fitted
from training.learner import Progress, Recipe, grow, grow_until, raw_scores
from training.metrics import figures, random_figures, ranking_figures
from training.parameters import PARAMETERS
from training.windows import joined, recent, split_by_time

_MANY = {**PARAMETERS, "min_data_in_leaf": 50, "feature_fraction": 0.5, "max_bin": 127}
LEARNERS: Mapping[str, Mapping[str, Any]] = {
    "product": PARAMETERS,
    "deeper": {**_MANY, "num_leaves": 31, "max_depth": 6},
    "extra": {**_MANY, "num_leaves": 31, "max_depth": 6, "extra_trees": True},
}
"""Parameters of the learners that are compared, each on all history and on the recent window."""

MOST_ROUNDS = 400
N_STEPS = 2 * len(LEARNERS) + 2
"""Fits of one `fit_ceiling`."""


def fit_ceiling(
    data: Dataset, *, seed: int, n_threads: int = 0, progress: Progress | None = None
) -> Fitted:
    """Fit several learners on every label, and keep the best.

    Parameters
    ----------
    data : Dataset
        Items with what they carried as label, from `dataset.everything`.
    seed : int
        Seed of the fits.
    n_threads : int
        Fits at the same time; 0 for one on each core.
    progress : callable, optional
        Told of every fit.

    Returns
    -------
    Fitted
        The best by average precision on the third window, grown on three windows to be judged,
        then on all five.

    Raises
    ------
    InvalidTable
        If a window would hold only one outcome.
    """
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, N_STEPS)

    split = split_by_time(data)
    ways = [(name, share) for name in LEARNERS for share in (1.0, RECENT_SHARE)]

    def fitted(name: str, share: float) -> Any:  # noqa: ANN401 - lightgbm ships no types
        booster = grow_until(
            _recipe(name, seed), recent(split.fit, share), split.stop, most_rounds=MOST_ROUNDS
        )
        step()
        return booster

    boosters = Parallel(n_jobs=n_threads or cpu_count(), prefer="threads")(
        delayed(fitted)(*way) for way in ways
    )
    compared = [_precision(booster, split.choose) for booster in boosters]
    best = int(np.argmax(compared))
    (name, share), n_rounds = ways[best], boosters[best].num_trees()

    def grown(rows: Dataset) -> Any:  # noqa: ANN401 - lightgbm ships no types
        booster = grow(_recipe(name, seed), recent(rows, share), n_rounds)
        step()
        return booster

    judged = grown(joined([split.fit, split.stop, split.choose]))
    calibration = fit_calibration(
        raw_scores(judged, split.calibrate.X),
        split.calibrate.y.astype(np.int64),
        split.calibrate.weight,
    )
    risk = calibration.apply(raw_scores(judged, split.test.X))
    return Fitted(
        booster=grown(data),
        calibration=calibration,
        split=split,
        chosen={
            "learner": name,
            "recent_share": share,
            "n_rounds": n_rounds,
            "average_precision": {
                f"{way}, latest {part:g}": value
                for (way, part), value in zip(ways, compared, strict=True)
            },
        },
        model=figures(risk, split.test.y, split.test.weight),
        random=random_figures(split.test.y, split.test.weight),
        others={},
        test_risk=risk,
    )


def _recipe(name: str, seed: int) -> Recipe:
    return Recipe("unweighted", LEARNERS[name], FEATURE_NAMES, seed)


def _precision(booster: Any, rows: Dataset) -> float:  # noqa: ANN401 - lightgbm ships no types
    stated = ranking_figures(raw_scores(booster, rows.X), rows.y, rows.weight)
    return stated["average_precision"]
