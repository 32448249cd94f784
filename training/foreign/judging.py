"""Judging on the test window: figures, what simpler learners reach, and rows seen before."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from training.foreign.baselines import codes_risk, logistic_risk
from training.foreign.learning import Learned, table_of
from training.foreign.plan import Table
from training.foreign.rows import OF_THE_ROW, Rows
from training.foreign.views import View
from training.foreign.windows import Windows
from training.metrics import expected_calibration_error, figures, random_figures

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


def repeated_rows(windows: Windows, views: tuple[View, ...]) -> Repeats:
    """Find the test rows whose codes were all seen together before.

    Parameters
    ----------
    windows : Windows
        Fit and calibrate windows are what was seen.
    views : tuple of View
        Compared are codes, words, and numbers that often repeat; where there are none of these,
        numbers by their bins.

    Returns
    -------
    Repeats
        By test row.
    """
    before = pl.concat([_key(part, views) for part in (windows.fit, windows.calibrate)])
    test = _key(windows.test, views)
    columns = [name for name in test.columns if name != "y"]
    seen = (
        test.select(columns)
        .to_struct()
        .is_in(before.select(columns).unique().to_struct().implode())
    )
    same = test.to_struct().is_in(before.unique().to_struct().implode())
    return Repeats(seen.to_numpy(), same.to_numpy())


def _key(rows: Rows, views: tuple[View, ...]) -> pl.DataFrame:
    whole = [view for view in views if view.how == "value" and view.column not in OF_THE_ROW]
    named = {f"c{n}": view.of(rows) for n, view in enumerate(whole or views)}
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


def judge(
    windows: Windows, learned: Learned, seed: int, n_trials: int = 1
) -> dict[str, dict[str, float]]:
    """State figures of the model and of simpler learners on the test window.

    Parameters
    ----------
    windows : Windows
        All three.
    learned : Learned
        The model.
    seed : int
        Of the learners beside it.
    n_trials : int
        Settings tried for LightGBM on integer codes.

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
        "codes": codes_risk(windows, learned, seed, n_trials),
        "logistic": logistic_risk(windows, learned),
    }
    stated = {name: _figures(risk, test) for name, risk in risks.items()}
    stated["random"] = random_figures(test.y.astype(np.int8), np.ones(len(test)))
    unseen = np.flatnonzero(~repeated_rows(windows, plan.views).seen)
    if 0 < len(unseen) < len(test):
        rest = test.take(unseen)
        for name in ("model", "codes"):
            stated[f"{name}, unseen"] = _figures(risks[name][unseen], rest)
    return stated


def _figures(risk: Numbers, rows: Rows) -> dict[str, float]:
    y = rows.y.astype(np.int8)
    stated = figures(risk, y, np.ones(len(rows)))
    if "ece" in stated:
        stated["ece_by_chance"] = ece_by_chance(risk)
    if rows.value is not None and "auc" in stated:
        value = np.nan_to_num(np.maximum(rows.value, 0)) * rows.y
        if value.sum() > 0:
            stated["value_captured_at_10"] = _value_captured(risk, value)
    return stated


def ece_by_chance(risk: Numbers, n_draws: int = 50) -> float:
    """Give the calibration error to expect of risks that mean exactly what they say.

    Parameters
    ----------
    risk : array of float, shape (n,)
        Risks.
    n_draws : int
        Outcomes drawn by the risks, over which the error is averaged.

    Returns
    -------
    float
        Below it an error says nothing.
    """
    rng, ones = np.random.default_rng(0), np.ones(len(risk))
    draws = ((rng.random(len(risk)) < risk).astype(np.int8) for _ in range(n_draws))
    return float(np.mean([expected_calibration_error(risk, y, ones) for y in draws]))


def _value_captured(risk: Numbers, value: Numbers) -> float:
    first = np.argsort(-risk, kind="stable")[: max(round(VALUE_CAPACITY * len(risk)), 1)]
    return float(value[first].sum() / value.sum())
