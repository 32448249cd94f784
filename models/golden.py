"""Golden rows: inputs with the answers that the fitted model gave, to hold a loaded one against."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.calibration import Calibration
from models.errors import BundleRefused
from models.risk import contributions, raw_scores

if TYPE_CHECKING:
    from lightgbm import Booster

GOLDEN = "golden.parquet"
MOST_GOLDEN_ROWS = 256
TOLERANCE = 1e-9
"""Most that an answer may differ, absolute below 1 and relative above."""


def choose_golden(booster: "Booster", X: NDArray[np.float32], n: int = 32) -> NDArray[np.float32]:
    """Choose rows that between them visit as many leaves as few rows can.

    Parameters
    ----------
    booster : lightgbm.Booster
        The trees.
    X : ndarray of float32, shape (m, f)
        Rows to choose from; a thousand are plenty.
    n : int
        How many to choose at most.

    Returns
    -------
    ndarray of float32, shape (up to n, f)
        Rows of X, the greediest cover first.
    """
    leaves = np.asarray(booster.predict(X, pred_leaf=True, num_threads=1)).reshape(len(X), -1)
    unseen = np.ones(leaves.shape, dtype=bool)
    chosen: list[int] = []
    while len(chosen) < min(n, len(X)):
        gains = unseen.sum(axis=1)
        gains[chosen] = -1
        best = int(gains.argmax())
        chosen.append(best)
        unseen &= leaves != leaves[best]
    return X[chosen]


def write_golden(booster: "Booster", calibration: Calibration, X: NDArray[np.float32]) -> bytes:
    """Write `golden.parquet`.

    Parameters
    ----------
    booster : lightgbm.Booster
        The fitted trees.
    calibration : Calibration
        From score to risk.
    X : ndarray of float32, shape (n, f)
        1 to 256 rows.

    Returns
    -------
    bytes
        Parquet with columns `f0..` (the row), `raw_score`, `risk`, and `c0..` (the
        contributions, base last).

    Raises
    ------
    ValueError
        If there are no rows or too many.
    """
    if not 1 <= len(X) <= MOST_GOLDEN_ROWS:
        raise ValueError(f"give 1 to {MOST_GOLDEN_ROWS} golden rows, not {len(X)}")
    answers = _answers(booster, calibration, np.asarray(X, np.float32))
    columns = {f"f{j}": np.asarray(X[:, j], np.float32) for j in range(X.shape[1])}
    file = BytesIO()
    pl.DataFrame(columns | answers).write_parquet(file, statistics=False)
    return file.getvalue()


def check_golden(
    data: bytes, booster: "Booster", calibration: Calibration, n_features: int
) -> None:
    """Hold a loaded model against its golden rows.

    Parameters
    ----------
    data : bytes
        `golden.parquet`.
    booster : lightgbm.Booster
        The loaded trees.
    calibration : Calibration
        The loaded calibration.
    n_features : int
        Columns of X.

    Raises
    ------
    BundleRefused
        If the table is not as `write_golden` writes it, or an answer differs.
    """
    X, stated = read_golden(data, n_features)
    for name, answer in _answers(booster, calibration, X).items():
        require_near(name, answer, stated[name])


def read_golden(
    data: bytes, n_features: int
) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float64]]]:
    """Read `golden.parquet`. The reader of parquet can die of damaged bytes.

    Parameters
    ----------
    data : bytes
        `golden.parquet`.
    n_features : int
        Columns of X.

    Returns
    -------
    X : ndarray of float32, shape (n, f)
        The rows.
    stated : dict of str to ndarray of float64, shape (n,)
        `raw_score`, `risk`, and `c0..`.

    Raises
    ------
    BundleRefused
        If the table is not as `write_golden` writes it.
    """
    table = pl.read_parquet(BytesIO(data))
    names = [f"f{j}" for j in range(n_features)]
    answers = dict(_answer_types(n_features))
    if dict(table.schema) != dict.fromkeys(names, pl.Float32()) | answers or not (
        1 <= len(table) <= MOST_GOLDEN_ROWS
    ):
        raise BundleRefused(GOLDEN, "its columns or number of rows are not those of golden rows")
    if any(column.null_count() for column in table):
        raise BundleRefused(GOLDEN, "it has empty cells")
    X = np.ascontiguousarray(table.select(names).to_numpy(), np.float32)
    return X, {name: table[name].to_numpy() for name in answers}


def require_near(name: str, answer: NDArray[np.float64], stated: NDArray[np.float64]) -> None:
    """Hold answers against the stated ones.

    Parameters
    ----------
    name : str
        What is answered, for the error.
    answer, stated : ndarray of float64, shape (n,)
        What the loaded model gives and what the fitted one gave.

    Raises
    ------
    BundleRefused
        If one differs by more than `TOLERANCE`, or is not a number.
    """
    # written so that NaN fails
    if not (np.abs(answer - stated) <= TOLERANCE * np.maximum(1, np.abs(stated))).all():
        raise BundleRefused(GOLDEN, f"the model does not give the stated {name}")


def _answer_types(n_features: int) -> Iterator[tuple[str, pl.DataType]]:
    for name in ("raw_score", "risk", *(f"c{j}" for j in range(n_features + 1))):
        yield name, pl.Float64()


def _answers(
    booster: "Booster", calibration: Calibration, X: NDArray[np.float32]
) -> dict[str, NDArray[np.float64]]:
    raw = raw_scores(booster, X)
    shares = contributions(booster, X)
    answers = {"raw_score": raw, "risk": calibration.apply(raw)}
    return answers | {f"c{j}": shares[:, j] for j in range(shares.shape[1])}
