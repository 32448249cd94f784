"""Learning from the fit window: what its earlier part foretells of its later part is chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from models.calibration import Calibration
from training.foreign.calibrating import calibrate
from training.foreign.choosing import choose_keys
from training.foreign.encoder import MOST_NORM_VIEWS, Encoder, Matrix
from training.foreign.nearest import tellingness
from training.foreign.plan import Key, Known, Plan, Table, blocks
from training.foreign.rows import OF_THE_ROW, Rows, joined
from training.foreign.trees import averaged, boost
from training.foreign.views import View, Vocabulary, learn_vocabulary, views_of
from training.foreign.windows import STOP_SHARE, Windows, split_at

Numbers = npt.NDArray[np.float64]
_Matrices = tuple[tuple[str, ...], Matrix, Matrix]
"""Names of columns, X of known rows and X of later ones."""

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much."""

MOST_ROWS_FOR_NEAREST = 100_000
"""Nearest rows cost the square of the rows; beyond this many they are left out."""

N_SEEDS = 3

WHOLE_PLANS: tuple[dict[str, object], ...] = ({}, {"scheme": "earlier"}, {"strength": 1.0})
"""Encodings with every feature that are compared; smaller ones are parts of the first."""

SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"num_leaves": 15, "max_depth": 5},
    {"num_leaves": 63, "max_depth": 10},
    {"min_data_in_leaf": 60, "lambda_l2": 20.0},
    {"feature_fraction": 0.15},
    {"feature_fraction": 0.8, "num_leaves": 15},
    {"learning_rate": 0.02},
)
"""What is tried on the later part of the fit window."""


@dataclass(frozen=True)
class Learned:
    """A model of a table.

    Parameters
    ----------
    model_text : str
        The trees.
    calibration : Calibration
        From score to risk.
    vocabulary : Vocabulary
        Values as codes.
    encoder : Encoder
        From codes and numbers to X.
    chosen : dict
        What won on the later part of the fit window: scheme, keys, settings, rounds.
    calibrate_risk : array of float, shape (n,)
        Risks of the calibrate window by the model that was fitted before it.
    """

    model_text: str
    calibration: Calibration
    vocabulary: Vocabulary
    encoder: Encoder
    chosen: dict[str, Any]
    calibrate_risk: Numbers


def table_of(rows: Rows, plan: Plan, vocabulary: Vocabulary) -> Table:
    """Give the codes and numbers of rows.

    Parameters
    ----------
    rows : Rows
        Rows.
    plan : Plan
        Views and number columns.
    vocabulary : Vocabulary
        Values as codes.

    Returns
    -------
    Table
        Codes and numbers, in the order of the rows.
    """
    numbers = [rows.numbers[column] for column in plan.columns]
    stacked = np.stack(numbers) if numbers else np.empty((0, len(rows)))
    return Table(vocabulary.codes(plan.views, rows), stacked)


def learn(windows: Windows, *, salt: bytes, seed: int, n_jobs: int, progress: Progress) -> Learned:
    """Learn the risk of a table's rows.

    What won inside the fit window is fitted on all of it and calibrated on the next one; the
    model that is handed out is then fitted on both, because the latest rows say most of what
    comes, and keeps that calibration.

    Parameters
    ----------
    windows : Windows
        Fit and calibrate windows are used; the test window is not looked at.
    salt : bytes
        For the digests of values.
    seed : int
        Of blocks and of boosting.
    n_jobs : int
        Fits at once.
    progress : callable
        Told of every step.

    Returns
    -------
    Learned
        The model.
    """
    early, late = split_at(windows.fit, round(len(windows.fit) * (1 - STOP_SHARE)))
    rehearsal = _Side(early, salt, seed)
    plan, chosen = _rehearse(rehearsal, late, n_jobs, progress)
    rounds = max(round(chosen["rounds"] * 1.1), 10)
    progress("Boosting", 0, 2 * N_SEEDS)
    judged = _Side(windows.fit, salt, seed, plan)
    encoder = judged.encoder(plan)
    boosters = _boosters(encoder, chosen["settings"], rounds, seed, n_jobs)
    progress("Boosting", N_SEEDS, 2 * N_SEEDS)
    later = encoder.later(table_of(windows.calibrate, plan, judged.vocabulary))
    score = np.mean([booster.predict(later, raw_score=True) for booster in boosters], axis=0)
    calibration = calibrate(score, windows.calibrate.y)
    whole = _Side(joined(windows.fit, windows.calibrate), salt, seed, plan)
    final = whole.encoder(plan)
    boosters = _boosters(final, chosen["settings"], rounds, seed, n_jobs)
    progress("Boosting", 2 * N_SEEDS, 2 * N_SEEDS)
    text = averaged([booster.model_to_string() for booster in boosters])
    return Learned(text, calibration, whole.vocabulary, final, chosen, calibration.apply(score))


def _boosters(
    encoder: Encoder, settings: dict[str, Any], rounds: int, seed: int, n_jobs: int
) -> list[Any]:
    names, X = encoder.names(), encoder.own()
    return list(
        Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(boost)(
                X,
                encoder.known.y,
                settings | {"seed": seed + number},
                names=names,
                rounds=rounds,
            )
            for number in range(N_SEEDS)
        )
    )


class _Side:
    """Known rows and their codes."""

    def __init__(self, rows: Rows, salt: bytes, seed: int, plan: Plan | None = None) -> None:
        views = views_of(rows) if plan is None else plan.views
        self.vocabulary = learn_vocabulary(views, rows, salt)
        self.y, self._seed = rows.y, seed
        self.plan = plan or self._first_plan(rows, views)
        self.table = table_of(rows, self.plan, self.vocabulary)

    def _first_plan(self, rows: Rows, views: tuple[View, ...]) -> Plan:
        nearest = _whole(views) if len(rows) <= MOST_ROWS_FOR_NEAREST else ()
        codes = self.vocabulary.codes(views, rows)
        telling = np.array([tellingness(codes[view], rows.y) for view in nearest])
        telling = telling / telling.mean() if telling.any() else np.ones(len(telling))
        return Plan(
            views=views,
            columns=tuple(
                name for name, value in rows.numbers.items() if not np.isnan(value).all()
            ),
            norm_views=_norm_views(views, self.vocabulary),
            nearest_views=nearest,
            nearest_worth=tuple(telling.tolist()),
            latest=OF_THE_ROW[0] in rows.numbers,
        )

    def encoder(self, plan: Plan) -> Encoder:
        block = blocks(len(self.y), plan, self._seed)
        return Encoder(plan, Known(self.table, self.y, block))


def _whole(views: tuple[View, ...]) -> tuple[int, ...]:
    return tuple(n for n, view in enumerate(views) if view.how in {"value", "bin"})


def _norm_views(views: tuple[View, ...], vocabulary: Vocabulary) -> tuple[int, ...]:
    size = {n: len(vocabulary.digests[n]) for n, view in enumerate(views) if view.how != "bin"}
    return tuple(sorted(sorted(size, key=lambda n: -size[n])[:MOST_NORM_VIEWS]))


def _rehearse(
    side: _Side, late: Rows, n_jobs: int, progress: Progress
) -> tuple[Plan, dict[str, Any]]:
    later = table_of(late, side.plan, side.vocabulary)
    keys = _choose_keys(side, progress)
    progress("Comparing encodings", 0, 1)
    whole = [side.plan.model_copy(update={"keys": keys} | change) for change in WHOLE_PLANS]
    encoded = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_encoded)(side.encoder(plan), later) for plan in whole
    )
    matrices = dict(zip(whole, encoded, strict=True))
    for plan in _smaller(whole[0]):
        matrices[plan] = _columns(matrices[whole[0]], side.encoder(plan).names())
    plans = list(matrices)
    tried = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_try)(matrix, side.y, late.y, SETTINGS[0]) for matrix in matrices.values()
    )
    best = int(np.argmin([trial["loss"] for trial in tried]))
    progress("Comparing encodings", 1, 1)
    progress("Tuning", 0, len(SETTINGS))
    more = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(_try)(matrices[plans[best]], side.y, late.y, settings) for settings in SETTINGS[1:]
    )
    progress("Tuning", len(SETTINGS), len(SETTINGS))
    winner = min([tried[best], *more], key=lambda trial: float(trial["loss"]))
    return plans[best], winner | {"scheme": plans[best].scheme, "strength": plans[best].strength}


def _choose_keys(side: _Side, progress: Progress) -> tuple[Key, ...]:
    # not by the rows that compare encodings: keys chosen by them would flatter themselves there
    known = side.encoder(side.plan).known
    first, rest = np.split(np.arange(len(known.y)), [round(len(known.y) * (1 - STOP_SHARE))])
    return choose_keys(
        Known(known.table.take(first), known.y[first], known.block[first]),
        known.table.take(rest),
        known.y[rest],
        side.plan,
        lambda done, total: progress("Choosing keys", done, total),
    )


def _smaller(plan: Plan) -> list[Plan]:
    pairs = tuple(key for key in plan.keys if len(key) == 2)  # noqa: PLR2004 - a pair
    changes: list[dict[str, object]] = [
        {"keys": pairs},
        {"keys": ()},
        {"keys": (), "risks": False, "norm_views": (), "nearest_views": (), "latest": False},
        {"latest": False},
    ]
    return [plan.model_copy(update=change) for change in changes]


def _encoded(encoder: Encoder, later: Table) -> _Matrices:
    return encoder.names(), encoder.own(), encoder.later(later)


def _columns(matrices: _Matrices, names: tuple[str, ...]) -> _Matrices:
    there, X, X_late = matrices
    place = [there.index(name) for name in names]
    return names, np.ascontiguousarray(X[:, place]), np.ascontiguousarray(X_late[:, place])


def _try(matrix: _Matrices, y: Numbers, late: Numbers, settings: dict[str, Any]) -> dict[str, Any]:
    names, X, X_late = matrix
    booster = boost(X, y, settings, names=names, stop=(X_late, late))
    loss = float(booster.best_score["valid_0"]["binary_logloss"])
    return {"settings": settings, "rounds": int(booster.best_iteration), "loss": loss}
