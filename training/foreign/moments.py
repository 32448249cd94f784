"""Cells as moments, however they are written, with the row named where one cannot be read."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import InvalidTable
from training.foreign.cells import ABSENT

Moments = npt.NDArray[np.int64]

EXCEL = "excel"
"""The `time_format` of days since the end of 1899, as spreadsheets count them."""

_EXCEL_EPOCH_DAYS = 25_569
_DAY_SECONDS = 86_400
_SAMPLE = 200
_YEAR_100 = -59_011_459_200
_CLOCKS = (
    "",
    " %H:%M:%S%.f",
    "T%H:%M:%S%.f",
    " %H:%M",
    "T%H:%M",
    "T%H:%M:%S%.f%#z",
    " %H:%M:%S%.f%#z",
    " %I:%M:%S %p",
    " %I:%M %p",
)
_ONE_READING = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y. %m. %d.", "%Y%m%d", "%Y년 %m월 %d일"),
    *("%d-%b-%Y", "%d %b %Y", "%d/%b/%Y", "%b %d, %Y", "%d-%b-%y"),
)
_TWO_READINGS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m.%d.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y"),
)

TIME_FORMATS = tuple(day + clock for clock, day in product(_CLOCKS, _ONE_READING))
"""How times may be written without `time_format`: year first or month by name."""

DOUBTFUL_FORMATS = tuple(day + clock for day, clock in product(_TWO_READINGS, _CLOCKS))
"""How they may be written otherwise: day first before month first."""


def format_of(column: pl.Series, formats: Sequence[str]) -> str | None:
    """Find how a column of times is written.

    Parameters
    ----------
    column : polars.Series
        Text; what is absent does not count.
    formats : sequence of str
        Formats, in order of preference.

    Returns
    -------
    str or None
        The first that reads every cell; None for no format or no cell.

    Examples
    --------
    >>> format_of(pl.Series(["04.03.2021", "25.03.2021"]), DOUBTFUL_FORMATS)
    '%d.%m.%Y'
    """
    there = column.filter(~_absent(column))
    first = there.head(_SAMPLE)
    for form in formats if len(there) else ():
        if all(_reads(form, part) for part in (first, there)):
            return form
    return None


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
    form = time_format or format_of(column, TIME_FORMATS) or _likeliest(column)
    try:
        times = _parsed(column, form)
    except pl.exceptions.PolarsError as error:
        raise InvalidTable(
            f"{where}: time_format {form!r} is no format: {error}", field="time_format"
        ) from error
    wrong = times.is_null() if required else times.is_null() & ~_absent(column)
    if wrong.any():
        row = int(wrong.arg_true()[0])
        raise InvalidTable(
            f"{where}: column {column.name!r} has {column[row]!r} in row {row + 1}, which is no"
            f" time as {'time_format' if time_format else 'YYYY-MM-DD'} has it; set"
            ' [table] time_format = "%d/%m/%Y", say',
            field=column.name,
        )
    return times.fill_null(np.iinfo(np.int64).min).to_numpy()


def _reads(form: str, column: pl.Series) -> bool:
    times = _parsed(column, form)
    # a year of two digits is no year of the first century
    return not times.has_nulls() and bool((times > _YEAR_100).all())


def _absent(column: pl.Series) -> pl.Series:
    return column.str.to_lowercase().is_in(ABSENT)


def _likeliest(column: pl.Series) -> str:
    first = column.filter(~_absent(column)).head(_SAMPLE)
    return min(TIME_FORMATS, key=lambda form: _parsed(first, form).null_count())


def _parsed(column: pl.Series, form: str) -> pl.Series:
    if form == EXCEL:
        days = column.cast(pl.Float64, strict=False)
        days = days.set(~days.is_finite().fill_null(value=False), None)
        return ((days - _EXCEL_EPOCH_DAYS) * _DAY_SECONDS).round().cast(pl.Int64, strict=False)
    if any(sign in form for sign in ("%H", "%T", "%I", "%s", "%R")):
        return column.str.to_datetime(form, strict=False, time_unit="us").dt.epoch("s")
    return column.str.to_date(form, strict=False).cast(pl.Datetime("us")).dt.epoch("s")
