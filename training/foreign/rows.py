"""Rows of a table by their mapping: numbers as numbers, the rest as text, labels as 0 and 1."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import InvalidTable
from training.foreign.cells import Numbers, as_numbers
from training.foreign.mapping import Kind, Mapping
from training.foreign.moments import Moments, as_moments
from training.foreign.table import check_columns, read_table

OF_THE_ROW = ("weekday of the row", "hour of the row")
"""Numbers that are made of the time of a row."""

_DAY_SECONDS = 86_400
_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Rows:
    """Rows of a table.

    Parameters
    ----------
    ids : polars.Series
        The n ids.
    at : array of int, shape (n,)
        Seconds since the epoch; the place in the file where the mapping names no time.
    text : dict of str to polars.Series
        Code and text columns.
    numbers : dict of str to array of float
        Number columns, and what times are turned into; NaN where there is nothing.
    kinds : dict of str to str
        Kind of each column in `text`.
    y : array of float, shape (n,)
        1 for a find; empty if the table has no label.
    value : array of float, shape (n,), optional
        What a find is worth.
    """

    ids: pl.Series
    at: Moments
    text: dict[str, pl.Series]
    numbers: dict[str, Numbers]
    kinds: dict[str, Kind]
    y: Numbers
    value: Numbers | None

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, chosen: npt.NDArray[np.int64]) -> "Rows":
        """Keep some rows, in the order given.

        Parameters
        ----------
        chosen : array of int, shape (k,)
            Places.

        Returns
        -------
        Rows
            Those rows.
        """
        return Rows(
            self.ids[chosen],
            self.at[chosen],
            {name: column[chosen] for name, column in self.text.items()},
            {name: column[chosen] for name, column in self.numbers.items()},
            self.kinds,
            self.y[chosen] if len(self.y) else self.y,
            None if self.value is None else self.value[chosen],
        )


def joined(first: Rows, second: Rows) -> Rows:
    """Put labelled rows of one table after others.

    Parameters
    ----------
    first, second : Rows
        Rows with the same columns.

    Returns
    -------
    Rows
        The n rows of the first, then the m of the second.
    """
    value = None
    if first.value is not None and second.value is not None:
        value = np.concatenate([first.value, second.value])
    return Rows(
        pl.concat([first.ids, second.ids]),
        np.concatenate([first.at, second.at]),
        {name: pl.concat([first.text[name], second.text[name]]) for name in first.text},
        {
            name: np.concatenate([first.numbers[name], second.numbers[name]])
            for name in first.numbers
        },
        first.kinds,
        np.concatenate([first.y, second.y]),
        value,
    )


def read_rows(path: Path, mapping: Mapping, *, labelled: bool) -> Rows:
    """Read a table by its mapping.

    Parameters
    ----------
    path : Path
        CSV or parquet.
    mapping : Mapping
        What its columns are.
    labelled : bool
        Whether the label is needed.

    Returns
    -------
    Rows
        In the order of the file.

    Raises
    ------
    InvalidTable
        If the file does not fit the mapping; the error names column and row.
    """
    frame = read_table(path, mapping.csv)
    check_columns(frame, mapping, path, labelled=labelled)
    names, where = mapping.table, str(path)
    at = np.arange(frame.height, dtype=np.int64)
    if names.time is not None:
        at = as_moments(frame[names.time], names.time_format, where)
    numbers = _times(at, timed=names.time is not None)
    text: dict[str, pl.Series] = {}
    for column, kind in mapping.learned.items():
        if kind == "number":
            numbers[column] = as_numbers(frame[column], mapping.csv, where)
        elif kind == "time":
            other = as_moments(frame[column], names.time_format, where, required=False)
            numbers[column] = np.where(other == _NEVER, np.nan, (at - other) / _DAY_SECONDS)
        else:
            text[column] = frame[column].str.to_lowercase() if kind == "text" else frame[column]
    return Rows(
        frame[names.id],
        at,
        text,
        numbers,
        mapping.columns,
        frame[names.label].is_in(names.positive).cast(pl.Float64).to_numpy()
        if labelled
        else np.empty(0),
        numbers.get(names.value) if names.value is not None else None,
    )


def require_positive(rows: Rows, mapping: Mapping, frame_name: str) -> None:
    """Refuse rows without a find, or with nothing else.

    Parameters
    ----------
    rows : Rows
        Labelled rows.
    mapping : Mapping
        Says which labels are positive.
    frame_name : str
        What the rows are, for the error.

    Raises
    ------
    InvalidTable
        If every row has the same outcome.
    """
    n_finds = int(rows.y.sum())
    if 0 < n_finds < len(rows):
        return
    listed = ", ".join(repr(one) for one in mapping.table.positive)
    fault = f"none of {listed}" if not n_finds else f"nothing but {listed}"
    raise InvalidTable(
        f"{frame_name}: column {mapping.table.label!r} holds {fault} in {len(rows)} rows; both"
        " outcomes are needed, look at table.positive and at [split]",
        field=mapping.table.label,
    )


def _times(at: Moments, *, timed: bool) -> dict[str, Numbers]:
    if not timed:
        return {}
    days = at // _DAY_SECONDS
    return {
        OF_THE_ROW[0]: ((days + 3) % 7).astype(np.float64),
        OF_THE_ROW[1]: (at % _DAY_SECONDS) / 3_600,
    }
