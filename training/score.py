"""Scoring tables in bulk."""

import os
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from features.catalogue import catalogue_hash
from features.errors import InvalidTable
from features.matrix import Matrix, matrix_from_tables
from models.bundle import VerifiedBundle, load_bundle, verify_bundle
from models.errors import BundleRefused
from models.risk import RiskModel
from models.signing import TrustedKeys
from training.batch import GROUP_ROWS
from training.tables import read_tables

Told = TypeVar("Told")


def verify_for_items(folder: Path, trusted: TrustedKeys) -> VerifiedBundle:
    """Verify a bundle and hold its catalogue against this code's.

    Parameters
    ----------
    folder : Path
        The bundle.
    trusted : TrustedKeys
        Whose bundles are believed.

    Returns
    -------
    VerifiedBundle
        For the matrix of this code.

    Raises
    ------
    BundleRefused
        If it does not verify or was fitted on other features.
    """
    verified = verify_bundle(folder, trusted)
    if verified.manifest.subject != "items":
        raise BundleRefused(
            "manifest.json", "it scores rows of a table; use `weir-train score --table`"
        )
    if verified.manifest.catalogue_hash != catalogue_hash():
        raise BundleRefused(
            "manifest.json",
            "it was fitted on another feature catalogue than this version computes; fit again",
        )
    return verified


def open_bundle(folder: Path, trusted: TrustedKeys) -> RiskModel:
    """Verify a bundle as `verify_for_items` does, and load it.

    Parameters
    ----------
    folder : Path
        The bundle.
    trusted : TrustedKeys
        Whose bundles are believed.

    Returns
    -------
    RiskModel
        Ready to score the matrix of this code.
    """
    return load_bundle(verify_for_items(folder, trusted))


def write_whole(frame: pl.DataFrame, out: Path) -> None:
    """Write a file whole or not at all: CSV if its name ends in `.csv`, else parquet.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows.
    out : Path
        The file; an earlier one is replaced.

    Raises
    ------
    InvalidTable
        If the folder does not exist or cannot be written.
    """
    if out.suffix == ".csv":
        write_aside(frame.write_csv, out)
    else:
        write_aside(partial(frame.write_parquet, row_group_size=GROUP_ROWS), out)


def write_text_whole(text: str, out: Path) -> None:
    """Write a text file whole or not at all, in UTF-8.

    Parameters
    ----------
    text : str
        Its content.
    out : Path
        The file; an earlier one is replaced.

    Raises
    ------
    InvalidTable
        If the folder does not exist or cannot be written.
    """
    write_aside(lambda aside: aside.write_text(text, encoding="utf-8"), out)


def write_aside(write: Callable[[Path], Told], out: Path) -> Told:
    """Write a file beside its place, and move it there once it is whole.

    Parameters
    ----------
    write : callable
        Writes to the path that it is given.
    out : Path
        The file; an earlier one is replaced.

    Returns
    -------
    object
        What `write` gave.

    Raises
    ------
    InvalidTable
        If the folder does not exist or cannot be written.
    """
    require_file_place(out)
    aside = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        told = write(aside)
        aside.replace(out)
    except OSError as error:
        raise _unwritable(out, error.strerror or str(error)) from error
    finally:
        aside.unlink(missing_ok=True)
    return told


def require_file_place(out: Path) -> None:
    """Refuse a place where no file can be written, before the work of filling it.

    Parameters
    ----------
    out : Path
        The file; an earlier one may be replaced.

    Raises
    ------
    InvalidTable
        If it is a folder, or the folder that it would be in is not there or not writable.
    """
    if out.is_dir():
        raise _unwritable(out, "it is a folder")
    if not out.parent.is_dir():
        raise _unwritable(out, f"there is no folder {out.parent}")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise _unwritable(out, f"{out.parent} may not be written")


def _unwritable(out: Path, reason: str) -> InvalidTable:
    return InvalidTable(
        f"{out} cannot be written: {reason}; name a file in a folder that is there",
        field=str(out),
    )


def compute_matrix(
    folder: Path, *, since: datetime | None = None, until: datetime | None = None
) -> Matrix:
    """Compute X for a data folder; no bundle is needed and nothing is fitted.

    Parameters
    ----------
    folder : Path
        The data folder.
    since : datetime, optional
        Rows only for items presented at or after this moment.
    until : datetime, optional
        Read only what was presented and recorded before this moment.

    Returns
    -------
    Matrix
        One row per item.
    """
    tables = read_tables(folder)
    if until is not None:
        tables = tables.known_before(until)
    where = None if since is None else pl.col("presented_at") >= since
    return matrix_from_tables(tables.items, tables.inspections, tables.signals, where=where)


def score_folder(folder: Path, model: RiskModel, *, since: datetime | None = None) -> pl.DataFrame:
    """Score the items of a data folder, each as of its own moment.

    Parameters
    ----------
    folder : Path
        The data folder.
    model : RiskModel
        A loaded bundle.
    since : datetime, optional
        Rows only for items presented at or after this moment.

    Returns
    -------
    polars.DataFrame
        `item_id, risk`, one row per item.
    """
    matrix = compute_matrix(folder, since=since)
    return pl.DataFrame({"item_id": matrix.item_ids, "risk": model.risk(matrix.X)})
