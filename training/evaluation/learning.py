"""How well observed labels teach: one world, learned from once and judged on its later weeks."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from features.errors import InvalidTable
from features.matrix import matrix_from_tables
from models.errors import CalibrationFailed
from training.baselines import rules_scores
from training.dataset import Dataset, labelled
from training.evaluation.baselines import Lesson, ceiling_scores
from training.evaluation.learning_figures import (
    Calibrated,
    captured,
    judge_calibration,
    normalised,
)
from training.evaluation.worlds import run_world
from training.fit import fit_model
from training.learner import Recipe, grow, raw_scores
from training.metrics import ranking_figures
from training.parameters import PARAMETERS
from training.simulation.setting import Setting
from training.windows import cut, recent

CAPACITIES = (0.01, 0.02)
"""Shares of all items of the later weeks that are inspected."""

CURVE = (10, 20, 40, 80, 150, 250, 400)
"""Numbers of finds to learn from, as far as the world has so many."""

KNOWN_SHARE = 0.75
"""Share of the weeks that are on record when the model is fitted."""

N_PERMUTATIONS = 8
_PERMUTED_ROUNDS = 60

Numbers = npt.NDArray[np.float64]
Told = Callable[[str], None]
"""Told what begins now."""


@dataclass(frozen=True)
class Later:
    """The later weeks of a world, with what an exam of each item would have found.

    Parameters
    ----------
    X : array of float32, shape (n, f)
        Features as of each item.
    illicit : array of bool, shape (n,)
        What carried.
    finds : array of bool, shape (n,)
        What one exam of each item by its port's methods finds, a random exam of them all.
    """

    X: npt.NDArray[np.float32]
    illicit: npt.NDArray[np.bool_]
    finds: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class WorldOfLearning:
    """What was measured in one world.

    Parameters
    ----------
    seed : int
        The world.
    n_inspected, n_finds : int
        Labels that the model was fitted on.
    n_later, n_illicit : int
        Items of the later weeks, and those that carried.
    model, rules, ceiling : dict of str to float
        Share of what carried that is captured at each capacity.
    n_model, n_rules : dict of str to float
        Normalised capture of both; empty where nothing carried.
    lift : float
        Finds at 1 % capacity over those of a random order.
    calibrated : Calibrated
        Risks against what a random exam of the later weeks finds.
    permuted_auc : float
        Mean area under the ROC curve of fits on permuted labels, on later permuted labels.
    curve : dict of str to dict of str to float
        Number of finds learned from to normalised captures; empty where that was too few.
    """

    seed: int
    n_inspected: int
    n_finds: int
    n_later: int
    n_illicit: int
    model: dict[str, float]
    rules: dict[str, float]
    ceiling: dict[str, float]
    n_model: dict[str, float]
    n_rules: dict[str, float]
    lift: float
    calibrated: Calibrated
    permuted_auc: float
    curve: dict[str, dict[str, float]] = field(default_factory=dict)


def measure(setting: Setting, weeks: int, told: Told) -> WorldOfLearning:
    """Run a world, learn from what its inspections left on record, and judge the later weeks.

    The model sees labels of this world that were recorded before the cut and nothing else. The
    ceiling sees what every item before the cut carried.

    Parameters
    ----------
    setting : Setting
        World, seed, start and scale.
    weeks : int
        How many weeks; the first `KNOWN_SHARE` of them are learned from.
    told : callable
        Told of every step.

    Returns
    -------
    WorldOfLearning
        Figures.

    Raises
    ------
    InvalidTable
        If there are too few finds to fit on.
    """
    told(f"seed {setting.seed}: simulating {weeks} weeks")
    world = run_world(setting, weeks)
    until = world.starts_at[round(KNOWN_SHARE * weeks)]
    told(f"seed {setting.seed}: features")
    tables = world.tables
    data = labelled(tables.known_before(until))
    matrix = matrix_from_tables(tables.items, tables.inspections, tables.signals)
    later = (tables.items["presented_at"] >= until).to_numpy()
    illicit = world.truth["illicit"].to_numpy()
    judged = Later(matrix.X[later], illicit[later], world.truth["finds"].to_numpy()[later])
    told(f"seed {setting.seed}: the ceiling")
    ceiling = _ceiling(
        Lesson(matrix.X[~later], illicit[~later].astype(np.int8), setting.seed), judged
    )
    del matrix
    told(f"seed {setting.seed}: the model, from {int(data.y.sum())} finds")
    return _measured(setting.seed, data, judged, ceiling, told)


def _measured(
    seed: int, data: Dataset, later: Later, ceiling: dict[str, float], told: Told
) -> WorldOfLearning:
    fitted = fit_model(data, seed=seed)
    score = raw_scores(fitted.booster, later.X)
    rules = rules_scores(later.X)
    captures = {name: _captures(each, later) for name, each in (("m", score), ("r", rules))}
    curve = {}
    if later.illicit.any():
        for n_finds in (n for n in CURVE if n <= data.y.sum()):
            told(f"seed {seed}: the model, from the latest {n_finds} finds")
            few = recent(data, n_finds / int(data.y.sum()))
            curve[str(n_finds)] = _from_few(few, later, ceiling, seed)
    told(f"seed {seed}: permuted labels")
    return WorldOfLearning(
        seed=seed,
        n_inspected=len(data.y),
        n_finds=int(data.y.sum()),
        n_later=len(later.illicit),
        n_illicit=int(later.illicit.sum()),
        model=captures["m"],
        rules=captures["r"],
        ceiling=ceiling,
        n_model=_normalised(captures["m"], ceiling),
        n_rules=_normalised(captures["r"], ceiling),
        lift=captured(score, later.finds, CAPACITIES[0]) / CAPACITIES[0],
        calibrated=judge_calibration(fitted.calibration.apply(score), later.finds),
        permuted_auc=permuted_auc(data, seed),
        curve=curve,
    )


def permuted_auc(data: Dataset, seed: int) -> float:
    """Fit labels that were dealt out at random, and judge on later ones of the same deal.

    Parameters
    ----------
    data : Dataset
        Inspected items.
    seed : int
        Seed of the deals.

    Returns
    -------
    float
        Mean area under the ROC curve of `N_PERMUTATIONS` deals; 0.5 is expected.
    """
    recipe = Recipe("unweighted", PARAMETERS, list(_names(data)), seed)
    random = np.random.default_rng(seed)
    areas = []
    for _ in range(N_PERMUTATIONS):
        early, late = cut(replace(data, y=random.permutation(data.y)), (0.5,))
        score = raw_scores(grow(recipe, early, _PERMUTED_ROUNDS), late.X)
        areas.append(ranking_figures(score, late.y, np.ones(len(late.y)))["auc"])
    return float(np.mean(areas))


def _names(data: Dataset) -> list[str]:
    return [f"f{column}" for column in range(data.X.shape[1])]


def _ceiling(lesson: Lesson, later: Later) -> dict[str, float]:
    if not lesson.y.any() or not later.illicit.any():
        return {}
    each = [_captures(score, later) for score in ceiling_scores(lesson, later.X).values()]
    return {capacity: max(captures[capacity] for captures in each) for capacity in each[0]}


def _captures(score: Numbers, later: Later) -> dict[str, float]:
    return {f"{share:g}": captured(score, later.illicit, share) for share in CAPACITIES}


def _normalised(captures: dict[str, float], ceiling: dict[str, float]) -> dict[str, float]:
    return {
        capacity: normalised(captures[capacity], best, float(capacity))
        for capacity, best in ceiling.items()
    }


def _from_few(few: Dataset, later: Later, ceiling: dict[str, float], seed: int) -> dict[str, float]:
    try:
        fitted = fit_model(few, seed=seed)
    except (InvalidTable, CalibrationFailed):
        return {}  # too few finds to learn from is an answer of its own
    return _normalised(_captures(raw_scores(fitted.booster, later.X), later), ceiling)
