"""Fitting: compare learners, calibrate and judge the winner, let it learn once more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import cpu_count

from features.catalogue import FEATURE_NAMES
from models.calibration import Calibration, fit_calibration
from training.baselines import Histogram, rules_scores
from training.choosing import ALONE, COMMITTEE, HERE, choose
from training.dataset import Dataset
from training.learner import Machines, Progress, Recipe, raw_scores
from training.linear import Logistic
from training.metrics import figures, random_figures, ranking_figures
from training.parameters import PARAMETERS
from training.windows import Split, joined, split_by_time

MOST_COMPARED = 100_000
"""Above so many labels everything but the trees that are handed out comes from a random draw of
as many, and one booster is grown instead of a committee: luck no longer has to be averaged out."""

MOST_CALIBRATION_WEIGHT = 20.0
"""Largest inverse propensity in calibration: a heavier find is one of so few that what it would
correct is less than what its luck would add."""

N_STEPS = 7
"""Fits of one `fit_model`, calibrations and judgement included."""


@dataclass(frozen=True)
class Fitted:
    """A fitted model, and how its like did on a window that it never saw.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees, grown on all five windows.
    calibration : Calibration
        From score to risk.
    split : Split
        The five windows.
    chosen : dict of str to value
        Which way of learning won, and how those that were compared did.
    model, random : dict of str to float
        Figures on the test window of a model of that way, grown without the calibration and
        test windows and calibrated on the former, and of a random order.
    others : dict of str to dict of str to float
        Figures there of the rules, of logistic regression and of histogram boosting.
    test_risk : array of float, shape (n,)
        The risks that the figures judge.
    """

    booster: Any
    calibration: Calibration
    split: Split
    chosen: dict[str, Any]
    model: dict[str, float]
    random: dict[str, float]
    others: dict[str, dict[str, float]]
    test_risk: npt.NDArray[np.float64]

    def figures(self) -> dict[str, dict[str, float]]:
        """Give the figures of all rankings, the model's first.

        Returns
        -------
        dict of str to dict of str to float
            Ranking to figures.
        """
        return {"model": self.model, "random": self.random, **self.others}


def fit_model(  # noqa: PLR0913 - a fit has many knobs, all named
    data: Dataset,
    *,
    seed: int,
    n_threads: int = 0,
    parameters: Mapping[str, Any] = PARAMETERS,
    machines: Machines = HERE,
    progress: Progress | None = None,
) -> Fitted:
    """Compare learners, calibrate and judge the winner, then let it learn from more.

    Five windows follow each other. Learners are grown on the first, stopped on the second and
    compared on the third. The winner is grown on these three, calibrated on the fourth and
    judged on the fifth: these are the figures. What is handed out is the winner grown on all
    five, because finds are scarce; its calibration comes from the scores that the judged model
    gave to the fourth and fifth window, which it had not seen.

    Parameters
    ----------
    data : Dataset
        Inspected items.
    seed : int
        Seed of the fit.
    n_threads : int
        Fits at the same time; 0 for one on each core.
    parameters : mapping of str to value
        LightGBM's parameters.
    machines : Machines
        Where trees are grown; a cluster grows one booster after the other.
    progress : callable, optional
        Told of every fit.

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
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, N_STEPS)

    n_jobs = (n_threads or cpu_count()) if machines is HERE else 1
    few = len(data.y) <= MOST_COMPARED
    seats = COMMITTEE if few else ALONE
    split = split_by_time(data if few else _drawn(data, seed))
    recipe = Recipe("unweighted", parameters, FEATURE_NAMES, seed)
    choice = choose(split, recipe, n_jobs=n_jobs, step=step, machines=machines)
    early = joined([split.fit, split.stop, split.choose])
    judged = choice.grow(recipe, early, n_jobs=n_jobs, seats=seats, machines=machines)
    step()
    middle = _calibrated(judged, [split.calibrate])
    risk = middle.apply(raw_scores(judged, split.test.X))
    others = _others(early, split.test, seed)
    step()
    whole = replace(recipe, n_threads=n_jobs // len(seats) or 1)
    booster = choice.grow(whole, data, n_jobs=n_jobs, seats=seats, machines=machines)
    step()
    return Fitted(
        booster=booster,
        calibration=_calibrated(judged, [split.calibrate, split.test]),
        split=split,
        chosen={**vars(choice), "areas": {**choice.areas}},
        model=figures(risk, split.test.y, split.test.weight),
        random=random_figures(split.test.y, split.test.weight),
        others=others,
        test_risk=risk,
    )


def _drawn(data: Dataset, seed: int) -> Dataset:
    """Draw labels of either outcome alike, so that rates stay what they are."""
    share = MOST_COMPARED / len(data.y)
    return data.rows(np.random.default_rng(seed).random(len(data.y)) < share)


def _calibrated(booster: Any, later: list[Dataset]) -> Calibration:  # noqa: ANN401 - no types
    rows = joined(later)
    weight = np.minimum(rows.weight, MOST_CALIBRATION_WEIGHT)
    return fit_calibration(raw_scores(booster, rows.X), rows.y.astype(np.int64), weight)


def _others(early: Dataset, test: Dataset, seed: int) -> dict[str, dict[str, float]]:
    scores = {
        "rules": rules_scores(test.X),
        "logistic": Logistic(early).scores(test.X),
        "histogram": Histogram(early, seed).scores(test.X),
    }
    return {
        name: _without_intervals(ranking_figures(score, test.y, test.weight))
        for name, score in scores.items()
    }


def _without_intervals(stated: dict[str, float]) -> dict[str, float]:
    """Leave out the ends of intervals, which are told of the model alone."""
    ends = ("low_", "high_")
    return {name: value for name, value in stated.items() if not name.startswith(ends)}
