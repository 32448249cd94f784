"""A world cut in two: what may be learned from, and the weeks that everybody is judged on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from features.matrix import matrix_from_tables
from training.evaluation.learned import Matrix
from training.evaluation.policy import Situation
from training.evaluation.quality_figures import Truth
from training.evaluation.worlds import Simulated

TEST_SHARE = 0.25
"""Share of the weeks, the last ones, that policies are judged on."""


@dataclass(frozen=True)
class Exam:
    """A world cut in two: what policies may learn from, and what they are judged on.

    Parameters
    ----------
    seed : int
        Seed of the world.
    situation : Situation
        The items of the test weeks, and what was on record before them.
    signals : polars.DataFrame
        All signals, those of the test weeks included; each counts from its `known_at`.
    before, X : array of float32, shape (m, f) and (n, f)
        Features of the items before the test weeks, and of those in them.
    carried : array of int, shape (m,)
        1 for items before the test weeks that carried contraband: for the ceiling alone.
    truth : Truth
        Of the n items of the test weeks.
    """

    seed: int
    situation: Situation
    signals: pl.DataFrame
    before: Matrix
    X: Matrix
    carried: npt.NDArray[np.int8]
    truth: Truth


def set_exam(world: Simulated) -> Exam:
    """Cut a world in two and compute its features.

    Parameters
    ----------
    world : Simulated
        At least four weeks of it.

    Returns
    -------
    Exam
        The last quarter of the weeks is what policies are judged on.
    """
    tables, weeks = world.tables, world.starts_at
    cut = weeks[len(weeks) - max(1, round(TEST_SHARE * len(weeks)))]
    matrix = matrix_from_tables(tables.items, tables.inspections, tables.signals)
    late = (tables.items["presented_at"] >= cut).to_numpy()
    items = tables.items.filter(late)
    return Exam(
        seed=world.setting.seed,
        situation=Situation(items, tables.known_before(cut)),
        signals=tables.signals,
        before=matrix.X[~late],
        X=matrix.X[late],
        carried=world.truth["illicit"].filter(~late).cast(pl.Int8).to_numpy(),
        truth=Truth.read(world.truth.filter(late)),
    )
