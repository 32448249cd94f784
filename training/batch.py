"""Scoring matrices row group by row group: memory does not grow with the number of rows."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow.parquet as pq

from features.errors import InvalidTable
from models.risk import RiskModel

GROUP_ROWS = 16_384
"""Rows in a row group of the parquet files that are written."""

_ID = "item_id"


def matrix_files(folder: Path, columns: Sequence[str]) -> list[Path]:
    """List the matrices of a folder.

    Parameters
    ----------
    folder : Path
        Parquet files as `weir-train matrix` writes them.
    columns : sequence of str
        What each must have.

    Returns
    -------
    list of Path
        In the order of their names.

    Raises
    ------
    InvalidTable
        If there is none, or one of them lacks a column.
    """
    files = sorted(folder.glob("*.parquet"))
    if not files:
        raise InvalidTable(
            f"{folder} holds no parquet file; `weir-train matrix` writes them", field=str(folder)
        )
    for file in files:
        there = set(pq.read_schema(file).names)
        lacking = [name for name in columns if name not in there]
        if lacking:
            raise InvalidTable(
                f"{file} has no column {lacking[0]}; write it again with `weir-train matrix`",
                field=lacking[0],
            )
    return files


def score_matrices(folder: Path, model: RiskModel, out: Path, *, csv: bool = False) -> int:
    """Score matrices, one row group at a time, while the next one is read.

    Only columns that the model looks at are read.

    Parameters
    ----------
    folder : Path
        Parquet files as `weir-train matrix` writes them: `item_id` and the columns of the model;
        others are left aside.
    model : RiskModel
        A loaded bundle.
    out : Path
        The file to write: `item_id, risk` in the order of the files' names and rows; risks are
        bit for bit those of `RiskModel.risk` on the whole.
    csv : bool
        Whether to write CSV instead of parquet.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    InvalidTable
        If the folder holds no parquet file, or one of them lacks a column.
    """
    files = matrix_files(folder, [_ID, *model.feature_names])
    n_rows = 0
    with _writer(out, csv=csv) as write, ThreadPoolExecutor(1) as reader:
        groups = _groups(files, model)
        ahead = reader.submit(next, groups, None)
        while (group := ahead.result()) is not None:
            ahead = reader.submit(next, groups, None)
            item_ids, X = group
            write(pl.DataFrame({_ID: item_ids, "risk": model.risk(X)}))
            n_rows += len(X)
    return n_rows


def _groups(
    files: Sequence[Path], model: RiskModel
) -> Iterator[tuple[pl.Series, npt.NDArray[np.float32]]]:
    names = [(column, model.feature_names[column]) for column in model.used_columns]
    for file in files:
        with pq.ParquetFile(file) as parquet:
            for number in range(parquet.num_row_groups):
                table = parquet.read_row_group(
                    number, columns=[_ID, *(name for _, name in names)], use_threads=False
                )
                X = np.full((table.num_rows, len(model.feature_names)), np.nan, np.float32)
                for column, name in names:
                    X[:, column] = table[name].to_numpy()
                yield pl.Series(_ID, pl.from_arrow(table[_ID])), X


@contextmanager
def _writer(out: Path, *, csv: bool) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Open the file that scores are added to, a frame at a time."""
    none = pl.DataFrame(schema={_ID: pl.String(), "risk": pl.Float64()})
    if csv:
        with out.open("wb") as text:
            none.write_csv(text)
            yield lambda scores: scores.write_csv(text, include_header=False)
    else:
        plain = pl.CompatLevel.oldest()
        with pq.ParquetWriter(out, none.to_arrow(compat_level=plain).schema) as file:
            yield lambda scores: file.write_table(scores.to_arrow(compat_level=plain))
