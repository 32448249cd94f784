"""The tables of a data folder, read with their contract checked."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from features.errors import InvalidTable
from features.records import DECISIONS, INSPECTIONS, ITEMS, SIGNALS, Table


@dataclass(frozen=True)
class Tables:
    """What fitting and scoring may see of a data folder: never the truth.

    Parameters
    ----------
    items, inspections, decisions, signals : polars.DataFrame
        The tables of those names in `features.records`.
    """

    items: pl.DataFrame
    inspections: pl.DataFrame
    decisions: pl.DataFrame
    signals: pl.DataFrame

    def known_before(self, until: datetime) -> "Tables":
        """Keep what was presented and recorded before a moment.

        Parameters
        ----------
        until : datetime
            The moment, UTC; what happened at it is left out.

        Returns
        -------
        Tables
            Items presented and received before it, decisions taken, inspections recorded and
            signals known before it.
        """
        early = (pl.col("presented_at") < until) & (pl.col("received_at") < until)
        return Tables(
            self.items.filter(early),
            self.inspections.filter(pl.col("recorded_at") < until),
            self.decisions.filter(pl.col("decided_at") < until),
            self.signals.filter(pl.col("known_at") < until),
        )


def read_table(folder: Path, table: Table) -> pl.DataFrame:
    """Read one table of a data folder.

    Parameters
    ----------
    folder : Path
        The data folder.
    table : Table
        Which table.

    Returns
    -------
    polars.DataFrame
        Its rows, columns in the order of the contract.

    Raises
    ------
    InvalidTable
        If the file is missing, is not parquet, or breaks the contract; the error names it.
    """
    path = folder / f"{table.name}.parquet"
    if not path.is_file():
        raise InvalidTable(
            f"{path} is missing; give a folder that `weir-train simulate` wrote",
            field=path.name,
        )
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidTable(f"{path} cannot be read as parquet: {error}", field=path.name) from error
    return table.check(frame, where=path.name)


def _read_if_there(folder: Path, table: Table) -> pl.DataFrame:
    there = (folder / f"{table.name}.parquet").exists()
    return read_table(folder, table) if there else pl.DataFrame(schema=table.schema)


def read_tables(folder: Path) -> Tables:
    """Read what fitting and scoring may see of a data folder.

    Parameters
    ----------
    folder : Path
        The data folder.

    Returns
    -------
    Tables
        Items, inspections, decisions and signals; no signals where the folder has no file of
        them, for not everybody is told any.

    Raises
    ------
    InvalidTable
        If a file is missing or breaks the contract; the error names file and column.
    """
    return Tables(
        items=read_table(folder, ITEMS),
        inspections=read_table(folder, INSPECTIONS),
        decisions=read_table(folder, DECISIONS),
        signals=_read_if_there(folder, SIGNALS),
    )
