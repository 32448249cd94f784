"""Cells as numbers, with the row named where one cannot be read."""

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import InvalidTable
from training.foreign.mapping import Writing

Numbers = npt.NDArray[np.float64]

ABSENT = ("", "na", "n/a", "nan", "null", "none", "-")
"""Cells that say that there is nothing, in any case."""


def as_numbers(column: pl.Series, writing: Writing, where: str) -> Numbers:
    """Read a column of numbers.

    Parameters
    ----------
    column : polars.Series
        Text.
    writing : Writing
        Decimal sign and thousands.
    where : str
        The file, for the error.

    Returns
    -------
    array of float, shape (n,)
        NaN where there is nothing.

    Raises
    ------
    InvalidTable
        If a cell is no number; the error names column and row.

    Examples
    --------
    >>> as_numbers(pl.Series("kg", ["1.234,5", "-"]), Writing(decimal=",", thousands="."), "t.csv")
    array([1234.5,    nan])
    """
    text = column
    if writing.thousands:
        text = text.str.replace_all(writing.thousands, "", literal=True)
    if writing.decimal == ",":
        text = text.str.replace(",", ".", literal=True)
    absent = column.str.to_lowercase().is_in(ABSENT)
    numbers = text.str.strip_chars().cast(pl.Float64, strict=False)
    wrong = (~absent & (numbers.is_null() | ~numbers.is_finite().fill_null(value=False))).arg_true()
    if len(wrong):
        raise InvalidTable(
            f"{where}: column {column.name!r} has {column[wrong[0]]!r} in row {wrong[0] + 1}, which"
            " is no number; give the column another kind, or set [csv] decimal and thousands",
            field=column.name,
        )
    return numbers.fill_null(float("nan")).to_numpy()
