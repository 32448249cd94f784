"""Readings: how one integer is read from records and from a table, side by side."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
MISSING = -1
"""Stands for "not given" in every encoded column; no real code, count or time is negative."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Count whole microseconds since the epoch, exactly.

    Parameters
    ----------
    moment : datetime
        An aware time.

    Returns
    -------
    int
        Microseconds since 1970-01-01T00:00Z.

    Examples
    --------
    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - _EPOCH) // _MICROSECOND


def grams(weight_kg: float) -> int:
    """Round a weight to whole grams, halves up, as the table reading does.

    Parameters
    ----------
    weight_kg : float
        Kilograms, 0 or more.

    Returns
    -------
    int
        Grams.

    Examples
    --------
    >>> grams(0.0015)
    2
    """
    return math.floor(weight_kg * 1000 + 0.5)


@dataclass(frozen=True)
class Reading:
    """One encoded column and how it is read from records and from a table.

    Parameters
    ----------
    name : str
        Name of the column.
    fields : tuple of str
        Fields of the record that it is read from, with the way into them: `filing.itn`.
    read : callable
        Takes the values of the field, one per record (of several fields, tuples of them),
        and gives one integer for each.
    table : polars.Expr
        Gives the same integers from a table of such records.
    otherwise : int
        What stands for a record that has no such field: a vehicle has no content.
    """

    name: str
    fields: tuple[str, ...]
    read: Callable[[Sequence[Any]], list[int]]
    table: pl.Expr
    otherwise: int = MISSING


def _inner(field: str) -> pl.Expr:
    outer, _, inner = field.partition(".")
    return pl.col(outer).struct.field(inner) if inner else pl.col(outer)


def coded(name: str, codes: Mapping[str, int], field: str | None = None) -> Reading:
    """Read a word as its code, `MISSING` if it is not given or has none.

    Parameters
    ----------
    name : str
        Name of the column.
    codes : mapping of str to int
        Word to code.
    field : str, optional
        The field, if its name is another.

    Returns
    -------
    Reading
        The two readings.
    """
    whence = field or name
    return Reading(
        name,
        (whence,),
        lambda values: [codes.get(value, MISSING) for value in values],
        _inner(whence).replace_strict(codes, default=MISSING, return_dtype=pl.Int64),
    )


def number(name: str) -> Reading:
    """Read a whole number or a flag.

    Parameters
    ----------
    name : str
        Name of the column and of the field.

    Returns
    -------
    Reading
        The two readings.
    """
    return Reading(
        name,
        (name,),
        lambda values: [MISSING if value is None else int(value) for value in values],
        pl.col(name).cast(pl.Int64).fill_null(MISSING),
    )


def time(name: str) -> Reading:
    """Read a time as microseconds since the epoch.

    Parameters
    ----------
    name : str
        Name of the column and of the field.

    Returns
    -------
    Reading
        The two readings.
    """
    return Reading(
        name,
        (name,),
        lambda values: [MISSING if value is None else microseconds(value) for value in values],
        pl.col(name).dt.epoch("us").fill_null(MISSING),
    )


def weight(name: str, field: str) -> Reading:
    """Read a weight in whole grams.

    Parameters
    ----------
    name : str
        Name of the column.
    field : str
        The field, in kilograms.

    Returns
    -------
    Reading
        The two readings.
    """
    return Reading(
        name,
        (field,),
        lambda values: [grams(value) for value in values],
        (pl.col(field) * 1000 + 0.5).floor().cast(pl.Int64).fill_null(MISSING),
    )


def given(field: str) -> Reading:
    """Read whether a field was given, as a column `has_` and its name.

    Parameters
    ----------
    field : str
        The field.

    Returns
    -------
    Reading
        The two readings; 0 for a record that has no such field.
    """
    return Reading(
        f"has_{field}",
        (field,),
        lambda values: [int(value is not None) for value in values],
        pl.col(field).is_not_null().cast(pl.Int64),
        otherwise=0,
    )


def judged(name: str, fields: tuple[str, ...], judge: Callable[..., int]) -> Reading:
    """Read an integer that one function makes of fields of text, once for each value of them.

    Both readings call the function itself, so they cannot differ.

    Parameters
    ----------
    name : str
        Name of the column.
    fields : tuple of str
        The fields, in the order of the function's parameters; not nested.
    judge : callable
        Takes the values of the fields, returns an integer. Pure.

    Returns
    -------
    Reading
        The two readings.
    """

    def read(values: Sequence[Any]) -> list[int]:
        if len(fields) == 1:
            return [judge(value) for value in values]
        return [judge(*row) for row in values]

    def read_table(columns: pl.Series) -> pl.Series:
        rows = columns.struct.unnest()
        distinct = rows.unique()
        found = pl.Series(name, [judge(*row) for row in distinct.iter_rows()], dtype=pl.Int64)
        joined = rows.join(
            distinct.with_columns(found.alias("_judged")),
            on=list(fields),
            how="left",
            nulls_equal=True,
            maintain_order="left",
        )
        return joined["_judged"]

    table = pl.struct(*fields).map_batches(read_table, return_dtype=pl.Int64)
    return Reading(name, fields, read, table)
