"""The learner of the product, and a quick fit of its trees, as scores of a matrix.

The one place of the benchmarks that knows how the product learns.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import FEATURE_NAMES
from training.choosing import COMMITTEE, Seat
from training.dataset import labelled
from training.fit import fit_model
from training.labels import final_findings
from training.learner import Recipe, raw_scores
from training.linear import Logistic
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


class QuickCommittee:
    """The product's committee, boosted for a fixed number of rounds and without calibration.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Items to learn from.
    y : array of int, shape (n,)
        1 for a find; both outcomes are there.
    seed : int
        Seed of the fit.
    """

    def __init__(self, X: Matrix, y: npt.NDArray[np.int8], *, seed: int) -> None:
        self._members = [
            (seat.share, _member(seat, X, y, seed + number))
            for number, seat in enumerate(COMMITTEE)
        ]

    def scores(self, X: Matrix) -> Numbers:
        """Score rows in log-odds.

        Parameters
        ----------
        X : array of float32, shape (n, f)
            Features.

        Returns
        -------
        array of float, shape (n,)
            Log-odds.
        """
        return np.asarray(sum(share * scores(X) for share, scores in self._members), np.float64)


class _Rows(NamedTuple):
    X: Matrix
    y: npt.NDArray[np.int8]


def _member(
    seat: Seat, X: Matrix, y: npt.NDArray[np.int8], seed: int
) -> Callable[[Matrix], Numbers]:
    if seat.kind == "linear":
        return Logistic(_Rows(X, y)).scores
    trees = quick_trees(X, y, seed=seed, blind=seat.kind == "blind")
    return partial(raw_scores, trees)


def quick_trees(
    X: Matrix,
    y: npt.NDArray[np.int8],
    *,
    seed: int,
    rounds: int = QUICK_ROUNDS,
    blind: bool = False,
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
    blind : bool
        Whether the trees may not ask what agencies reported.

    Returns
    -------
    lightgbm.Booster
        For `training.learner.raw_scores`.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds

    recipe = Recipe("unweighted", PARAMETERS, FEATURE_NAMES, seed, blind=blind)
    settings = recipe.settings()
    names = list(recipe.feature_names)
    data = lightgbm.Dataset(recipe.seen(X), label=y, feature_name=names, params=settings)
    return lightgbm.train(settings, data, num_boost_round=rounds)
