"""Use case: writing the tables of the contract as files, for learning elsewhere."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from features.errors import WeirError
from features.records import TABLES
from models.disk import sync_folder
from service.clock import Clock
from service.operating import operator_did
from service.store.chain import append
from service.store.engine import Store
from service.store.exported import EXPORTED, Rows, freeze, rows_since

Progress = Callable[[str, int], None]
"""Told the table and the rows written."""


class FolderTaken(WeirError):  # noqa: N818 - named after the user's mistake
    """A folder that is there already."""


def export_data(
    store: Store, since: datetime, out: Path, clock: Clock, progress: Progress
) -> dict[str, int]:
    """Write what became known from a moment on, as of one moment, into a new folder.

    Memory does not grow with the tables. The folder appears whole, or not at all.

    Parameters
    ----------
    store : Store
        The store; that it was exported becomes a row of its audit.
    since : datetime.datetime
        Items received, decisions taken, inspections, signals and outcomes recorded and scores
        given at it or later.
    out : pathlib.Path
        The folder to make.
    clock : callable
        Tells the time.
    progress : callable
        Told how far it is.

    Returns
    -------
    dict of str to int
        Table to rows.

    Raises
    ------
    FolderTaken
        If the folder is there already.
    """
    if out.exists():
        raise FolderTaken(f"{out} is there already; name a new folder", field=str(out))
    with _aside(out) as folder:
        with store.read() as connection:
            freeze(connection)
            counts = {
                name: _write(folder, name, rows_since(connection, name, since), progress)
                for name in EXPORTED
            }
        sync_folder(folder)
        did = operator_did("records.exported", None, since=since, n_rows=counts)
        with store.write() as connection:
            append(connection, [did], clock())
        folder.rename(out)
        sync_folder(out.parent)
    return counts


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, name: str, parts: Rows, progress: Progress) -> int:
    schema = TABLES[name].schema
    n_rows = 0
    path = folder / f"{name}.parquet"
    empty = pl.DataFrame(schema=schema).to_arrow()
    with pq.ParquetWriter(path, empty.schema, compression="zstd") as writer:
        for rows in parts:
            # the order of the schema, and the types that files have
            writer.write_table(pl.DataFrame(rows, schema=schema).to_arrow())
            n_rows += len(rows)
            progress(name, n_rows)
        if not n_rows:
            writer.write_table(empty)
    _flush(path)
    return n_rows


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
