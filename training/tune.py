"""Searching for parameters: temporal folds, unpromising trials cut short, resumable."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from features.catalogue import FEATURE_NAMES
from features.errors import InvalidTable, WeirError
from training.choosing import area
from training.dataset import Dataset
from training.learner import Progress, Recipe, grow, raw_scores
from training.parameters import PARAMETERS, RANGES
from training.windows import cut, joined

FOLDS = (0.4, 0.6, 0.8)
"""Each fold is fitted on the finds up to one share and judged on those up to the next."""

N_ROUNDS = 80
_STUDY = "weir"
_LOGARITHMIC = frozenset({"learning_rate", "lambda_l2", "min_data_in_leaf", "feature_fraction"})


class TunerNotInstalled(WeirError):  # noqa: N818 - named after what happened
    """The packages that tuning needs are not installed."""


def tune(
    data: Dataset,
    store: Path,
    *,
    n_trials: int,
    seed: int,
    progress: Progress | None = None,
) -> tuple[dict[str, Any], float]:
    """Search for the parameters with the largest area under the ROC curve on later finds.

    Trials are kept in an SQLite file: an interrupted search goes on where it was. The default
    parameters are the first trial, so that what comes out is never worse on these folds.

    Parameters
    ----------
    data : Dataset
        Inspected items.
    store : Path
        The file of trials; made if absent.
    n_trials : int
        Trials altogether, those in the store included.
    seed : int
        Seed of the search and of the fits.
    progress : callable, optional
        Told of every trial.

    Returns
    -------
    parameters : dict of str to value
        The best, keys as `RANGES`.
    area : float
        Mean over the folds of the area under the ROC curve, each label weighed by its inverse
        propensity.

    Raises
    ------
    TunerNotInstalled
        If the extra `tune` is not installed.
    InvalidTable
        If a fold would hold only one outcome, or the store holds trials on other data.
    """
    try:
        import optuna  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise TunerNotInstalled(
            "tuning needs optuna: install the extra, pip install 'weir[tune]'", field="tune"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    parts = cut(data, FOLDS)
    if any(len(set(part.y.tolist())) < 2 for part in parts):  # noqa: PLR2004 - both outcomes
        raise InvalidTable(
            f"inspections: {int(data.y.sum())} finds are too few for {len(FOLDS)} folds; give a"
            " longer period",
            field="inspections",
        )
    study = optuna.create_study(
        storage=f"sqlite:///{store.resolve()}",
        study_name=_STUDY,
        load_if_exists=True,
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
    )
    _claim(study, data, store)
    if not study.trials:
        study.enqueue_trial({name: PARAMETERS[name] for name in RANGES})

    def judged(trial: Any) -> float:  # noqa: ANN401 - optuna is an extra
        areas: list[float] = []
        parameters = {name: _suggested(trial, name) for name in RANGES}
        for fold in range(len(FOLDS)):
            areas.append(_area(parts, fold, parameters, seed))
            trial.report(float(np.mean(areas)), fold)
            if trial.should_prune():
                raise optuna.TrialPruned
        return float(np.mean(areas))

    while (done := _n_done(study)) < n_trials:
        if progress is not None:
            progress(done, n_trials)
        study.optimize(judged, n_trials=1)
    return dict(study.best_params), float(study.best_value)


def _n_done(study: Any) -> int:  # noqa: ANN401 - optuna is an extra
    """Count trials that came to an end; one that a stop cut off does not count."""
    return sum(trial.state.name in {"COMPLETE", "PRUNED"} for trial in study.trials)


def _claim(study: Any, data: Dataset, store: Path) -> None:  # noqa: ANN401 - optuna is an extra
    digest = hashlib.sha256(data.X.tobytes() + data.y.tobytes()).hexdigest()
    if study.user_attrs.setdefault("data", digest) != digest:
        raise InvalidTable(
            f"{store} holds trials on other data; give another file, or remove it",
            field=str(store),
        )
    study.set_user_attr("data", digest)


def _suggested(trial: Any, name: str) -> float:  # noqa: ANN401 - optuna is an extra
    low, high = RANGES[name]
    logarithmic = name in _LOGARITHMIC
    if isinstance(PARAMETERS[name], int):
        return int(trial.suggest_int(name, int(low), int(high), log=logarithmic))
    return float(trial.suggest_float(name, low, high, log=logarithmic))


def _area(parts: list[Dataset], fold: int, parameters: Mapping[str, float], seed: int) -> float:
    recipe = Recipe("unweighted", PARAMETERS | dict(parameters), FEATURE_NAMES, seed)
    booster = grow(recipe, joined(parts[: fold + 1]), N_ROUNDS)
    later = parts[fold + 1]
    return area(raw_scores(booster, later.X), later)
