"""Cells as numbers and moments, with the row named where one cannot be read."""

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import InvalidTable
from training.foreign.mapping import Writing

Numbers = npt.NDArray[np.float64]
Moments = npt.NDArray[np.int64]

ABSENT = ("", "na", "n/a", "nan", "null", "none", "-")
"""Cells that say that there is nothing, in any case."""

TIME_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d",
    "%Y%m%d",
)
"""How times may be written without `time_format`: year first, so that there is one reading."""


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


def as_moments(
    column: pl.Series, time_format: str | None, where: str, *, required: bool = True
) -> Moments:
    """Read a column of times; a time without zone is UTC.

    Parameters
    ----------
    column : polars.Series
        Text.
    time_format : str, optional
        How they are written; without it the formats of `TIME_FORMATS` are tried.
    where : str
        The file, for the error.
    required : bool
        Whether every cell must hold a time.

    Returns
    -------
    array of int, shape (n,)
        Seconds since the epoch; the lowest number where there is nothing.

    Raises
    ------
    InvalidTable
        If a cell is no time; the error names column and row.
    """
    absent = pl.Series([False]).new_from_index(0, len(column))
    if not required:
        absent = column.str.to_lowercase().is_in(ABSENT)
    best, fewest = None, len(column) + 1
    for form in (time_format,) if time_format else TIME_FORMATS:
        times = _parsed(column, form, where)
        n_wrong = int((times.is_null() & ~absent).sum())
        if n_wrong < fewest:
            best, fewest = times, n_wrong
        if not fewest:
            break
    assert best is not None  # noqa: S101 - there is at least one format
    if fewest:
        row = int((best.is_null() & ~absent).arg_true()[0])
        raise InvalidTable(
            f"{where}: column {column.name!r} has {column[row]!r} in row {row + 1}, which is no"
            f" time as {'time_format' if time_format else 'YYYY-MM-DD'} has it; set"
            ' [table] time_format = "%d/%m/%Y", say',
            field=column.name,
        )
    return best.dt.epoch("s").fill_null(np.iinfo(np.int64).min).to_numpy()


def _parsed(column: pl.Series, form: str, where: str) -> pl.Series:
    timed = any(sign in form for sign in ("%H", "%T", "%I", "%s", "%R"))
    try:
        if timed:
            return column.str.to_datetime(form, strict=False, time_unit="us")
        return column.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    except pl.exceptions.PolarsError as error:
        raise InvalidTable(
            f"{where}: time_format {form!r} is no format: {error}", field="time_format"
        ) from error
