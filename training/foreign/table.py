"""Reading somebody else's table: CSV or parquet, any headers, every cell as its text."""

import csv
import io
from pathlib import Path

import polars as pl

from features.errors import InvalidTable
from training.foreign.mapping import Mapping, Writing


def read_table(path: Path, writing: Writing = Writing()) -> pl.DataFrame:  # noqa: B008 - frozen
    """Read a file with every cell as text, numbers spelled one way.

    Parameters
    ----------
    path : Path
        A `.parquet` file, or CSV of any other name.
    writing : Writing
        How a CSV file is written.

    Returns
    -------
    polars.DataFrame
        Text columns in the order of the file; what is missing is empty text.

    Raises
    ------
    InvalidTable
        If it cannot be read, is empty, repeats a header, or a row has too few or too many
        cells; the error names row or column.
    """
    try:
        frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path, writing)
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidTable(f"{path} cannot be read: {reason}", field=str(path)) from error
    if frame.height == 0:
        raise InvalidTable(f"{path} has no rows", field=str(path))
    return frame


def check_columns(frame: pl.DataFrame, mapping: Mapping, path: Path, *, labelled: bool) -> None:
    """Hold the columns of a file against the mapping.

    Parameters
    ----------
    frame : polars.DataFrame
        The file.
    mapping : Mapping
        What its columns are.
    path : Path
        The file, for errors.
    labelled : bool
        Whether the label must be there; a table to be scored need not have it, nor what is
        ignored.

    Raises
    ------
    InvalidTable
        If a column is missing or not listed; the error names every one.
    """
    ignored = {name for name, kind in mapping.columns.items() if kind == "ignore"}
    may_lack = set() if labelled else {mapping.table.label} | (ignored - {mapping.table.id})
    missing = sorted(mapping.named - set(frame.columns) - may_lack)
    if missing:
        raise InvalidTable(
            f"{path} has no column {_listed(missing)}; it has {_listed(frame.columns)}",
            field=missing[0],
        )
    unlisted = sorted(set(frame.columns) - mapping.named)
    if unlisted:
        raise InvalidTable(
            f"{path} has columns that the mapping does not list: {_listed(unlisted)}; give each a"
            " kind under [columns], `ignore` if there is nothing to learn from it",
            field=unlisted[0],
        )
    _check_ids(frame[mapping.table.id], path)


def _check_ids(ids: pl.Series, path: Path) -> None:
    empty = (ids == "").arg_true()
    if len(empty):
        raise InvalidTable(
            f"{path}: column {ids.name!r} is empty in row {empty[0] + 1}", field=ids.name
        )
    repeated = ids.is_duplicated().arg_true()
    if len(repeated):
        value = ids[repeated[0]]
        first, second = (ids == value).arg_true().head(2) + 1
        raise InvalidTable(
            f"{path}: column {ids.name!r} has {value!r} in rows {first} and {second}; an id names"
            " one row",
            field=ids.name,
        )


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _read_csv(path: Path, writing: Writing) -> pl.DataFrame:
    data = path.read_bytes()
    encoding = "utf-8-sig" if writing.encoding.lower() in {"utf-8", "utf8"} else writing.encoding
    try:
        text = data.decode(encoding)
    except LookupError:
        raise InvalidTable(
            f"[csv] encoding {writing.encoding!r} is not known; write utf-8, cp949, latin-1",
            field="csv.encoding",
        ) from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidTable(
            f"{path}: line {line} is not {writing.encoding}; name the encoding in the mapping:"
            ' [csv] encoding = "cp949", say',
            field="csv.encoding",
        ) from error
    text = text.removeprefix("\ufeff")
    header = _check_shape(text, path, writing.separator)
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode()),
            infer_schema=False,
            separator=writing.separator,
            new_columns=header,
        )
    except pl.exceptions.PolarsError as error:
        raise InvalidTable(f"{path} cannot be read as CSV: {error}", field=str(path)) from error
    blank = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return frame.filter(~blank).select(pl.all().fill_null("").str.strip_chars())


def _check_shape(text: str, path: Path, separator: str) -> list[str]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = _header(next(rows, []), path)
        for number, row in enumerate(rows, 1):
            if len(row) != len(header) and row:
                raise InvalidTable(
                    f"{path}: row {number} has {len(row)} cells where the header has"
                    f" {len(header)}; is the separator {separator!r} right?",
                    field=f"row {number}",
                )
    except csv.Error as error:
        raise InvalidTable(
            f"{path}: line {rows.line_num} cannot be read: {error}", field=str(path)
        ) from error
    return header


def _header(cells: list[str], path: Path) -> list[str]:
    """Name columns without a name by their place: a written index has none."""
    if not cells:
        raise InvalidTable(f"{path} is empty: it has no header", field=str(path))
    names = [name if name.strip() else f"column {place}" for place, name in enumerate(cells, 1)]
    for place, name in enumerate(names, 1):
        if name in names[: place - 1]:
            raise InvalidTable(f"{path}: column {place} {name!r} is there twice", field=name)
    return names


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path)
    except pl.exceptions.PolarsError as error:
        raise InvalidTable(f"{path} cannot be read as parquet: {error}", field=str(path)) from error
    return frame.select(_spelled(name, kind, path) for name, kind in frame.schema.items())


def _spelled(name: str, kind: pl.DataType, path: Path) -> pl.Expr:
    column = pl.col(name)
    if kind.is_float():
        whole = (column == column.floor()) & (column.abs() < 1e15)  # noqa: PLR2004 - exact in a double
        exact = pl.when(whole).then(column.cast(pl.Int64, strict=False).cast(pl.String))
        text = exact.otherwise(column.fill_nan(None).cast(pl.String))
    elif isinstance(kind, pl.Datetime):
        text = column.dt.strftime("%Y-%m-%d %H:%M:%S")
    elif kind == pl.Duration:
        text = (column.dt.total_milliseconds() / 1000).cast(pl.String)
    elif kind.is_nested() or kind == pl.Binary:
        raise InvalidTable(f"{path}: column {name!r} is of type {kind}; flatten it", field=name)
    else:
        text = column.cast(pl.String)
    return text.fill_null("").str.strip_chars().alias(name)
