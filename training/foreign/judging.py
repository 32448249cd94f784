"""Judging on the test window: figures, what simpler learners reach, and rows seen before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from models.calibration import fit_calibration
from training.foreign.encoder import Table
from training.foreign.learning import Learned, table_of
from training.foreign.rows import Rows
from training.foreign.trees import boost
from training.foreign.windows import STOP_SHARE, Windows, split_at
from training.metrics import figures, random_figures

Numbers = npt.NDArray[np.float64]

MANY_REPEATED_SHARE = 0.2
"""From this share of repeated rows on, figures over all rows flatter the model."""

VALUE_CAPACITY = 0.10


@dataclass(frozen=True)
class Repeats:
    """Rows of the test window whose codes, all together, were seen before it.

    Parameters
    ----------
    seen : array of bool, shape (n,)
        Whether a row's codes were seen with any label.
    same_label : array of bool, shape (n,)
        Whether they were seen with the row's own label.
    """

    seen: npt.NDArray[np.bool_]
    same_label: npt.NDArray[np.bool_]

    @property
    def share(self) -> float:
        """Share of test rows whose codes were seen with their label."""
        return float(self.same_label.mean())

    @property
    def many(self) -> bool:
        """Whether that is so many that figures over all rows flatter the model."""
        return self.share >= MANY_REPEATED_SHARE


def repeated_rows(windows: Windows) -> Repeats:
    """Find the test rows whose codes were all seen together before.

    Parameters
    ----------
    windows : Windows
        Fit and calibrate windows are what was seen.

    Returns
    -------
    Repeats
        By test row. A table without codes is compared by its numbers.
    """
    before = pl.concat([_key(part) for part in (windows.fit, windows.calibrate)])
    test = _key(windows.test)
    columns = [name for name in test.columns if name != "y"]
    seen = (
        test.select(columns)
        .to_struct()
        .is_in(before.select(columns).unique().to_struct().implode())
    )
    same = test.to_struct().is_in(before.unique().to_struct().implode())
    return Repeats(seen.to_numpy(), same.to_numpy())


def _key(rows: Rows) -> pl.DataFrame:
    columns: dict[str, object] = dict(rows.text) or dict(rows.numbers)
    named = {f"c{n}": values for n, values in enumerate(columns.values())}
    return pl.DataFrame(named | {"y": rows.y.astype(np.int8)})


def risk_of(learned: Learned, table: Table) -> Numbers:
    """Give the calibrated risk of rows by a model that was just learned.

    Parameters
    ----------
    learned : Learned
        The model.
    table : Table
        Codes and numbers of n rows.

    Returns
    -------
    array of float, shape (n,)
        Risks.
    """
    from models.risk import load_booster, raw_scores  # noqa: PLC0415 - lightgbm costs seconds

    booster = load_booster(learned.model_text.encode())
    return learned.calibration.apply(raw_scores(booster, learned.encoder.later(table)))


def judge(windows: Windows, learned: Learned, seed: int) -> dict[str, dict[str, float]]:
    """State figures of the model and of simpler learners on the test window.

    Parameters
    ----------
    windows : Windows
        All three.
    learned : Learned
        The model.
    seed : int
        Of the learners beside it.

    Returns
    -------
    dict of str to dict of str to float
        `model`, `codes` (LightGBM on integer codes), `logistic` and `random` over all test
        rows, and `model, unseen` and `codes, unseen` over those whose codes were not seen
        together before, where there are any. Each with `training.metrics.figures`, and with
        `value_captured_at_10`, where the mapping names a value.
    """
    test, plan = windows.test, learned.encoder.plan
    risks = {
        "model": risk_of(learned, table_of(test, plan, learned.vocabulary)),
        "codes": _codes_risk(windows, learned, seed),
        "logistic": _logistic_risk(windows, learned),
    }
    stated = {name: _figures(risk, test) for name, risk in risks.items()}
    stated["random"] = random_figures(test.y.astype(np.int8), np.ones(len(test)))
    unseen = np.flatnonzero(~repeated_rows(windows).seen)
    if 0 < len(unseen) < len(test):
        rest = test.take(unseen)
        for name in ("model", "codes"):
            stated[f"{name}, unseen"] = _figures(risks[name][unseen], rest)
    return stated


def _figures(risk: Numbers, rows: Rows) -> dict[str, float]:
    y = rows.y.astype(np.int8)
    stated = figures(risk, y, np.ones(len(rows)))
    if rows.value is not None and "auc" in stated:
        value = np.nan_to_num(np.maximum(rows.value, 0)) * rows.y
        if value.sum() > 0:
            stated["value_captured_at_10"] = _value_captured(risk, value)
    return stated


def _value_captured(risk: Numbers, value: Numbers) -> float:
    first = np.argsort(-risk, kind="stable")[: max(round(VALUE_CAPACITY * len(risk)), 1)]
    return float(value[first].sum() / value.sum())


def _plain(learned: Learned, rows: Rows) -> npt.NDArray[np.float32]:
    table = table_of(rows, learned.encoder.plan, learned.vocabulary)
    whole = [n for n, view in enumerate(learned.encoder.plan.views) if view.how == "value"]
    return np.vstack([table.numbers, table.codes[whole]]).T.astype(np.float32)


def _calibrated(score: Numbers, windows: Windows, later: Numbers) -> Numbers:
    return fit_calibration(score, windows.calibrate.y.astype(np.int64)).apply(later)


def _codes_risk(windows: Windows, learned: Learned, seed: int) -> Numbers:
    early, late = split_at(windows.fit, round(len(windows.fit) * (1 - STOP_SHARE)))
    X, X_late = _plain(learned, early), _plain(learned, late)
    names = [f"x{n}" for n in range(X.shape[1])]
    settings = {"seed": seed, "feature_fraction": 0.8}
    stopped = boost(X, early.y, settings, names=names, stop=(X_late, late.y))
    rounds = max(round(stopped.best_iteration * 1.1), 10)
    booster = boost(
        _plain(learned, windows.fit), windows.fit.y, settings, names=names, rounds=rounds
    )
    score, later = (
        np.asarray(booster.predict(_plain(learned, rows), raw_score=True), np.float64)
        for rows in (windows.calibrate, windows.test)
    )
    return _calibrated(score, windows, later)


def _logistic_risk(windows: Windows, learned: Learned) -> Numbers:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - costs seconds

    X = [_one_hot(learned, rows) for rows in (windows.fit, windows.calibrate, windows.test)]
    fitted = LogisticRegression(C=1.0, solver="liblinear").fit(X[0], windows.fit.y)
    score, later = fitted.decision_function(X[1]), fitted.decision_function(X[2])
    return _calibrated(score, windows, later)


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
