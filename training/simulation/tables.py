"""Streams of parquet: one row group a week, so that memory does not grow with time."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


class TableStreams:
    """Parquet files that grow by a row group at a time.

    Parameters
    ----------
    folder : Path
        Where the files go.
    schemas : mapping of str to polars.Schema
        Table name to columns; every table gets a file, with or without rows.
    """

    def __init__(self, folder: Path, schemas: Mapping[str, pl.Schema]) -> None:
        self._writers = {
            name: pq.ParquetWriter(
                folder / f"{name}.parquet", _arrow(schema.to_frame()).schema,
                compression="zstd", compression_level=1, version="2.6",
                use_dictionary=True, write_statistics=True,
            )
            for name, schema in schemas.items()
        }  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Add rows to a table.

        Parameters
        ----------
        name : str
            The table.
        frame : polars.DataFrame
            Rows with the columns of its schema; nothing is written for none.
        """
        if len(frame):
            self._writers[name].write_table(_arrow(frame), row_group_size=len(frame))


def _arrow(frame: pl.DataFrame) -> pa.Table:
    return frame.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
