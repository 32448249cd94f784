"""The files of a history, read a few rows at a time."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from features.errors import InvalidTable
from features.records import TABLES

ROWS_AT_ONCE = 2_000
"""Rows in memory at a time, whatever the size of the file."""

FILES = ("items", "decisions", "inspections", "signals", "outcomes")
"""Tables that are loaded, in this order: most of them refer to items."""


class Chunk(NamedTuple):
    """Rows of a file that follow each other.

    Parameters
    ----------
    where : str
        Name of the file.
    first_row : int
        Number of the first of them in the file, from 1.
    rows : list of dict
        Column to value.
    """

    where: str
    first_row: int
    rows: list[dict[str, Any]]

    def place(self, offset: int) -> str:
        """Name the row at an offset, as an error does.

        Parameters
        ----------
        offset : int
            Its position in `rows`.

        Returns
        -------
        str
            Such as `items.parquet row 7`.
        """
        return f"{self.where} row {self.first_row + offset}"


def find_tables(folder: Path) -> Mapping[str, Path]:
    """Find the tables of a history.

    Parameters
    ----------
    folder : pathlib.Path
        Holds some of the `FILES` as `.parquet`.

    Returns
    -------
    mapping of str to pathlib.Path
        Those that are there, in the order in which they are loaded.

    Raises
    ------
    InvalidTable
        If there is none of them.
    """
    paths = {name: folder / f"{name}.parquet" for name in FILES}
    there = {name: path for name, path in paths.items() if path.is_file()}
    if not there:
        raise InvalidTable(f"{folder} has none of {', '.join(FILES)} as .parquet; name another")
    return there


def count_rows(name: str, path: Path) -> int:
    """Count the rows of a file that has the columns of its table.

    Parameters
    ----------
    name : str
        The table.
    path : pathlib.Path
        The file.

    Returns
    -------
    int
        How many rows it has.

    Raises
    ------
    InvalidTable
        If it is not parquet, or a column is missing, unknown or of another type.
    """
    try:
        table = pl.scan_parquet(path)
        TABLES[name].check(pl.DataFrame(schema=table.collect_schema()), where=path.name)
        return int(table.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as failed:
        raise _unreadable(path, failed) from None


def chunks(path: Path) -> Iterator[Chunk]:
    """Read a file in order.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Yields
    ------
    Chunk
        At most `ROWS_AT_ONCE` rows.

    Raises
    ------
    InvalidTable
        If the file is damaged further on.
    """
    first_row = 1
    try:
        batches = pl.scan_parquet(path).collect_batches(
            chunk_size=ROWS_AT_ONCE, maintain_order=True, lazy=True
        )
        for batch in batches:
            for part in batch.iter_slices(ROWS_AT_ONCE):
                yield Chunk(path.name, first_row, part.to_dicts())
                first_row += part.height
    except (pl.exceptions.PolarsError, OSError) as failed:
        raise _unreadable(path, failed) from None


def _unreadable(path: Path, failed: Exception) -> InvalidTable:
    return InvalidTable(
        f"{path.name} is not a parquet file that can be read: {failed}", field=path.name
    )
