"""Fitting: trees, then calibration, then a judgement, each on a later window."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.catalogue import FEATURE_NAMES
from models.calibration import Calibration, fit_calibration
from training.dataset import Dataset, Split, split_by_time
from training.learner import Progress, fit_trees, raw_scores
from training.metrics import figures, random_figures


@dataclass(frozen=True)
class Fitted:
    """A fitted model and how it did on a window that it never saw.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    calibration : Calibration
        From score to risk.
    split : Split
        The four windows.
    model, random : dict of str to float
        Figures on the test window of the model and of a random order.
    """

    booster: Any
    calibration: Calibration
    split: Split
    model: dict[str, float]
    random: dict[str, float]


def fit_model(
    data: Dataset, *, seed: int, n_threads: int = 0, progress: Progress | None = None
) -> Fitted:
    """Fit trees, calibrate them and judge them, each on a later window than the one before.

    Parameters
    ----------
    data : Dataset
        Inspected items.
    seed : int
        Seed of the fit.
    n_threads : int
        Threads; 0 for all cores.
    progress : callable, optional
        Told of every boosting round.

    Returns
    -------
    Fitted
        Model and figures.

    Raises
    ------
    InvalidTable
        If a window would hold only one outcome.
    CalibrationFailed
        If no item of the calibration window was inspected with a known probability.
    """
    split = split_by_time(data)
    booster = fit_trees(
        split.fit,
        split.stop,
        feature_names=FEATURE_NAMES,
        seed=seed,
        n_threads=n_threads,
        progress=progress,
    )
    calibration = fit_calibration(
        raw_scores(booster, split.calibrate.X),
        split.calibrate.y.astype(np.int64),
        split.calibrate.weight,
    )
    risk = calibration.apply(raw_scores(booster, split.test.X))
    return Fitted(
        booster,
        calibration,
        split,
        figures(risk, split.test.y, split.test.weight),
        random_figures(split.test.y, split.test.weight),
    )
