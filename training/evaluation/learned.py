"""The learner of the product, and a quick fit of its trees, as scores of a matrix.

The one place of the benchmarks that knows how the product learns.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import FEATURE_NAMES
from training.dataset import labelled
from training.fit import fit_model
from training.labels import final_findings
from training.learner import raw_scores
from training.parameters import PARAMETERS
from training.tables import Tables

Numbers = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]

QUICK_ROUNDS = 120
"""Boosting rounds of a quick fit, which has no later window to stop on."""


def product_risk(known: Tables, X: Matrix, *, seed: int) -> Numbers:
    """Fit the product's model on what is on record, and score.

    Parameters
    ----------
    known : Tables
        What was on record at the time of the fit.
    X : array of float32, shape (n, f)
        Items to score.
    seed : int
        Seed of the fit.

    Returns
    -------
    array of float, shape (n,)
        Calibrated risks, 0 to 1.

    Raises
    ------
    InvalidTable
        If there are too few finds to fit on.
    """
    fitted = fit_model(labelled(known), seed=seed, n_threads=1)
    return fitted.calibration.apply(raw_scores(fitted.booster, X))


def found_so_far(inspections: pl.DataFrame) -> pl.DataFrame:
    """Say what completed inspections found, as the product reads them.

    Parameters
    ----------
    inspections : polars.DataFrame
        The `inspections` that are on record.

    Returns
    -------
    polars.DataFrame
        `item_id, find`, one row per item.
    """
    return final_findings(inspections).select("item_id", "find")


def quick_trees(
    X: Matrix, y: npt.NDArray[np.int8], *, seed: int, rounds: int = QUICK_ROUNDS
) -> Any:  # noqa: ANN401 - lightgbm ships no types
    """Boost the product's trees for a fixed number of rounds, without calibration.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Items.
    y : array of int, shape (n,)
        1 for a find; both outcomes are there.
    seed : int
        Seed of the fit.
    rounds : int
        Boosting rounds.

    Returns
    -------
    lightgbm.Booster
        For `training.learner.raw_scores`.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds

    parameters = PARAMETERS | {"seed": seed, "num_threads": 1}
    names = list(FEATURE_NAMES)
    data = lightgbm.Dataset(X, label=y, feature_name=names, params=parameters)
    return lightgbm.train(parameters, data, num_boost_round=rounds)
