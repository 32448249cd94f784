from collections.abc import Callable
from io import BytesIO

import numpy as np
import polars as pl
import pytest

from models.calibration import Calibration
from models.errors import BundleRefused
from models.golden import MOST_GOLDEN_ROWS, check_golden, choose_golden, write_golden
from tests.bundles import Fitted


@pytest.fixture(scope="session")
def golden(fitted: Fitted, calibration: Calibration) -> bytes:
    return write_golden(fitted.booster, calibration, fitted.X[:9])


def test_a_model_agrees_with_its_own_golden_rows(
    fitted: Fitted, calibration: Calibration, golden: bytes
) -> None:
    check_golden(golden, fitted.booster, calibration, 5)
    table = pl.read_parquet(BytesIO(golden))
    assert table.columns[:7] == ["f0", "f1", "f2", "f3", "f4", "raw_score", "risk"]
    assert np.array_equal(table[:, :5].to_numpy(), fitted.X[:9], equal_nan=True)


def test_another_calibration_is_noticed(fitted: Fitted, golden: bytes) -> None:
    other = Calibration(kind="sigmoid", scores=(0.0,), log_odds=(0.0,), slope=1.0)
    with pytest.raises(BundleRefused, match="does not give the stated risk"):
        check_golden(golden, fitted.booster, other, 5)


CHANGES: dict[str, tuple[Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "a score": (lambda t: t.with_columns(pl.col("raw_score") + 2e-9), "the stated raw_score"),
    "a risk": (lambda t: t.with_columns(pl.col("risk") + 2e-9), "the stated risk"),
    "a contribution": (lambda t: t.with_columns(pl.col("c5") + 2e-9), "the stated c5"),
    "a risk that is no number": (lambda t: t.with_columns(risk=pl.lit(np.nan)), "stated risk"),
    "an empty cell": (
        lambda t: t.with_columns(pl.when(pl.col("f0") > 0).then("f0").alias("f0")),
        "empty cells",
    ),
    "a column too few": (lambda t: t.drop("c5"), "columns or number of rows"),
    "a column too many": (lambda t: t.with_columns(x=1), "columns or number of rows"),
    "another type": (lambda t: t.with_columns(pl.col("f0").cast(pl.Float64)), "columns or"),
    "no rows": (lambda t: t.clear(), "number of rows"),
    "too many rows": (lambda t: pl.concat([t] * 29), "number of rows"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_table_is_refused(
    fitted: Fitted, calibration: Calibration, golden: bytes, name: str
) -> None:
    change, why = CHANGES[name]
    file = BytesIO()
    change(pl.read_parquet(BytesIO(golden))).write_parquet(file)
    with pytest.raises(BundleRefused, match=why):
        check_golden(file.getvalue(), fitted.booster, calibration, 5)


@pytest.mark.parametrize("n_rows", [0, MOST_GOLDEN_ROWS + 1])
def test_too_few_or_too_many_rows_are_not_written(
    fitted: Fitted, calibration: Calibration, n_rows: int
) -> None:
    with pytest.raises(ValueError, match="golden rows"):
        write_golden(fitted.booster, calibration, fitted.X[:n_rows])


def test_chosen_rows_visit_every_leaf_that_can_be_visited(fitted: Fitted) -> None:
    chosen = choose_golden(fitted.booster, fitted.X, 40)
    visited = fitted.leaves(chosen)
    every = fitted.leaves(fitted.X)
    for tree in range(every.shape[1]):
        assert set(visited[:, tree]) == set(every[:, tree])


def test_no_row_is_chosen_twice(fitted: Fitted) -> None:
    assert len(np.unique(choose_golden(fitted.booster, fitted.X, 30), axis=0)) == 30
    assert len(choose_golden(fitted.booster, fitted.X[:3], 30)) == 3
