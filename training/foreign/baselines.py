"""What simpler learners reach on the same windows, to hold the model against."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from training.foreign.calibrating import calibrate
from training.foreign.learning import Learned, table_of
from training.foreign.rows import Rows, joined
from training.foreign.trees import boost
from training.foreign.windows import STOP_SHARE, Windows, split_at

Numbers = npt.NDArray[np.float64]


def _plain(learned: Learned, rows: Rows) -> npt.NDArray[np.float32]:
    table = table_of(rows, learned.encoder.plan, learned.vocabulary)
    whole = [n for n, view in enumerate(learned.encoder.plan.views) if view.how == "value"]
    return np.vstack([table.numbers, table.codes[whole]]).T.astype(np.float32)


def _calibrated(score: Numbers, windows: Windows, later: Numbers) -> Numbers:
    return calibrate(score, windows.calibrate.y).apply(later)


def codes_risk(windows: Windows, learned: Learned, seed: int, n_trials: int = 1) -> Numbers:
    """Give the risk of test rows by LightGBM on integer codes and numbers.

    Parameters
    ----------
    windows : Windows
        Fitted on the first, calibrated on the second, fitted again on both.
    learned : Learned
        Whose codes are used.
    seed : int
        Of the search and of boosting.
    n_trials : int
        Settings drawn at random; the one with the least log loss on the later part of the fit
        window is fitted as the model is. The first is the usual one.

    Returns
    -------
    array of float, shape (n,)
        Risks of the test rows.
    """
    early, late = split_at(windows.fit, round(len(windows.fit) * (1 - STOP_SHARE)))
    X, X_late, X_fit = (_plain(learned, rows) for rows in (early, late, windows.fit))
    names = [f"x{n}" for n in range(X.shape[1])]
    rng = np.random.default_rng(seed)
    best: tuple[float, dict[str, Any], int] | None = None
    for trial in range(n_trials):
        settings = {"seed": seed, "feature_fraction": 0.8} | (_drawn(rng) if trial else {})
        stopped = boost(X, early.y, settings, names=names, stop=(X_late, late.y))
        loss = float(stopped.best_score["valid_0"]["binary_logloss"])
        if best is None or loss < best[0]:
            best = loss, settings, max(round(stopped.best_iteration * 1.1), 10)
    assert best is not None  # noqa: S101 - there is at least one trial
    before = joined(windows.fit, windows.calibrate)
    judged = boost(X_fit, windows.fit.y, best[1], names=names, rounds=best[2])
    final = boost(_plain(learned, before), before.y, best[1], names=names, rounds=best[2])
    score, later = (
        np.asarray(booster.predict(_plain(learned, rows), raw_score=True), np.float64)
        for booster, rows in ((judged, windows.calibrate), (final, windows.test))
    )
    return _calibrated(score, windows, later)


def _drawn(rng: np.random.Generator) -> dict[str, Any]:
    leaves = int(rng.choice([15, 31, 63, 127, 255]))
    return {
        "num_leaves": leaves,
        "max_depth": int(rng.choice([6, 9, 12, -1])),
        "learning_rate": float(rng.choice([0.03, 0.05, 0.1])),
        "min_data_in_leaf": int(rng.choice([5, 20, 60, 150])),
        "feature_fraction": float(rng.uniform(0.3, 1.0)),
        "bagging_fraction": float(rng.uniform(0.5, 1.0)),
        "lambda_l2": float(10 ** rng.uniform(-2, 1.5)),
        "max_bin": int(rng.choice([255, 1023])),
    }


def logistic_risk(windows: Windows, learned: Learned) -> Numbers:
    """Give the risk of test rows by logistic regression on codes and numbers.

    Parameters
    ----------
    windows : Windows
        Fitted on the first, calibrated on the second, fitted again on both.
    learned : Learned
        Whose codes are used.

    Returns
    -------
    array of float, shape (n,)
        Risks of the test rows.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - costs seconds

    X = [_one_hot(learned, rows) for rows in (windows.fit, windows.calibrate, windows.test)]
    before, y = sparse.vstack(X[:2]), np.concatenate([windows.fit.y, windows.calibrate.y])
    regression = LogisticRegression(C=1.0, solver="liblinear")
    score = regression.fit(X[0], windows.fit.y).decision_function(X[1])
    return _calibrated(score, windows, regression.fit(before, y).decision_function(X[2]))


def _one_hot(learned: Learned, rows: Rows) -> sparse.csr_matrix:
    table = table_of(rows, learned.encoder.plan, learned.vocabulary)
    known = learned.encoder.known.table
    parts = []
    for value, usual in zip(table.numbers, known.numbers, strict=True):
        scaled = np.sign(value) * np.log1p(np.abs(value))
        middle = np.nanmean(np.sign(usual) * np.log1p(np.abs(usual)))
        spread = np.nanstd(np.sign(usual) * np.log1p(np.abs(usual))) or 1.0
        parts.append(sparse.csr_matrix(np.nan_to_num((scaled - middle) / spread)[:, None]))
    for number, code in enumerate(table.codes):
        width = len(learned.vocabulary.digests[number])
        there = np.flatnonzero(code < width)
        ones = (np.ones(len(there)), (there, code[there]))
        parts.append(sparse.csr_matrix(ones, shape=(len(code), width)))
    return sparse.csr_matrix(sparse.hstack(parts, format="csr"))
