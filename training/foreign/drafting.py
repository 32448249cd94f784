"""A first mapping, drafted from what a file looks like, for a person to correct."""

import codecs
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from features.errors import InvalidTable
from training.foreign.cells import ABSENT, as_numbers
from training.foreign.mapping import Kind, Writing
from training.foreign.moments import (
    DOUBTFUL_FORMATS,
    EXCEL,
    TIME_FORMATS,
    Moments,
    as_moments,
    format_of,
)
from training.foreign.table import read_table

FIT_SHARE, CALIBRATE_SHARE = 0.65, 0.15
"""How much of the rows, by time, the drafted split gives to fit and to calibrate."""

MOST_SAMPLED = 20_000
_LABELS = re.compile(
    r"fraud|label|illicit|target|fraude|etiqueta|적발|위반|우범|부정|불법", re.IGNORECASE
)
_WORDS_PER_TEXT = 3.0
_ENCODINGS = ("utf-8", "cp949", "cp1252")
_SEPARATORS = (",", ";", "\t", "|")
_TIMES = re.compile(r"date|time|fecha|일자|일시|날짜", re.IGNORECASE)
_POSITIVE = re.compile(
    r"1|1\.0+|y|yes|t|true|fraud|illicit|positive|s|sí|si|fraude|적발|위반|우범|부정|불법",
    re.IGNORECASE,
)
_CODE_LIKE = re.compile(
    r"\b(id|code|no|hs\d*|número|codigo|código)\b|번호|코드|부호", re.IGNORECASE
)


@dataclass(frozen=True)
class Draft:
    """A drafted mapping.

    Parameters
    ----------
    text : str
        TOML, with a comment where a person has to decide.
    n_columns : int
        Columns that it lists.
    """

    text: str
    n_columns: int


def draft_mapping(path: Path) -> Draft:
    """Draft the mapping of a table.

    The id is the first column without a repeat, the time the first that reads as times, the
    label one of two values, by name if a name says so, its find by what it says or the rarer.
    Numbers that look like names of things (whole, with leading zeros or a header that says so)
    are codes.

    Parameters
    ----------
    path : Path
        CSV or parquet.

    Returns
    -------
    Draft
        The mapping.

    Raises
    ------
    InvalidTable
        If the file cannot be read as a table in any of the usual ways.
    """
    frame, writing = _read_somehow(path)
    sample = frame.head(MOST_SAMPLED)
    time, time_format, at = _time_of(frame)
    label = _label_of(frame, {time})
    writing = _number_writing(sample, writing)
    row_id = next(
        (c for c in frame.columns if c not in {time, label} and _names_rows(frame[c])), None
    )
    kinds = {
        column: _kind(sample[column], writing, time_format)
        for column in frame.columns
        if column not in {row_id, time, label}
    }
    lines = ["[table]", _entry("id", row_id, "no column names each row once: add one")]
    if time is not None:
        lines.append(_entry("time", time, ""))
    if time_format is not None:
        lines.append(f"time_format = {_quoted(time_format)}  # check it")
    lines.append(_entry("label", label, "no column has two values: name the label"))
    lines.append(f"positive = [{_quoted(_positive(frame[label])) if label else ''}]  # check it")
    lines += ["", "[columns]", *(f'{_quoted(c)} = "{kind}"' for c, kind in kinds.items())]
    lines += ["", "[split]", *_split_lines(at), *_csv_lines(path, writing)]
    return Draft("\n".join(lines) + "\n", len(kinds))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _entry(key: str, column: str | None, missing: str) -> str:
    return f'{key} = ""  # {missing}' if column is None else f"{key} = {_quoted(column)}"


def _read_somehow(path: Path) -> tuple[pl.DataFrame, Writing]:
    if path.suffix == ".parquet":
        return read_table(path), Writing()
    faults: list[InvalidTable] = []
    best: tuple[pl.DataFrame, Writing] | None = None
    two_bytes = path.is_file() and path.read_bytes()[:2] in {
        codecs.BOM_UTF16_LE,
        codecs.BOM_UTF16_BE,
    }
    for encoding in ("utf-16",) if two_bytes else _ENCODINGS:
        for separator in _SEPARATORS:
            writing = Writing(separator=separator, encoding=encoding)
            try:
                frame = read_table(path, writing)
            except InvalidTable as fault:
                faults.append(fault)
                continue
            if best is None or frame.width > best[0].width:
                best = frame, writing
        if best is not None:
            return best
    raise faults[0]


def _has_two_bytes(path: Path) -> bool:
    marks = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
    return path.is_file() and path.read_bytes()[:2] in marks


def _time_of(frame: pl.DataFrame) -> tuple[str | None, str | None, Moments | None]:
    for forms in (TIME_FORMATS, DOUBTFUL_FORMATS, (EXCEL,)):
        for column in frame.columns:
            if forms == (EXCEL,) and not _TIMES.search(column):
                continue
            form = format_of(frame[column], forms)
            if form is None or not (frame[column] != "").all():
                continue
            at = as_moments(frame[column], form, "")
            if _are_dates(at) and len(np.unique(at)) > 1:
                return column, None if forms == TIME_FORMATS else form, at
    return None, None, None


def _are_dates(at: Moments) -> bool:
    years = at.astype("datetime64[s]").astype("datetime64[Y]").astype(int) + 1970
    return bool(((years > 1950) & (years < 2100)).all())  # noqa: PLR2004 - dates, not codes


def _label_of(frame: pl.DataFrame, taken: set[str | None]) -> str | None:
    two = [c for c in frame.columns if c not in taken and len(_outcomes(frame[c])) == 2]  # noqa: PLR2004
    named = [c for c in two if _LABELS.search(c)]
    return named[0] if named else two[-1] if two else None


def _outcomes(column: pl.Series) -> list[str]:
    """Give the values of a column, the rarest first."""
    there = column.filter(~column.str.to_lowercase().is_in(ABSENT))
    return [str(one) for one in there.value_counts().sort("count")[column.name]]


def _positive(column: pl.Series) -> str:
    outcomes = _outcomes(column)
    if "2" in outcomes:
        return outcomes[0]
    return next((one for one in outcomes if _POSITIVE.fullmatch(one)), outcomes[0])


def _names_rows(column: pl.Series) -> bool:
    return column.n_unique() == len(column) and bool((column != "").all())


def _number_writing(sample: pl.DataFrame, writing: Writing) -> Writing:
    decimal_comma = any(
        _all_match(sample[c], r"^-?(\d+|\d{1,3}(\.\d{3})+),\d+$", some=True) for c in sample.columns
    )
    if decimal_comma and writing.separator != ",":
        return writing.model_copy(update={"decimal": ",", "thousands": "."})
    grouped = any(
        _all_match(sample[c], r"^-?\d{1,3}(,\d{3})+(\.\d+)?$", some=True) for c in sample.columns
    )
    return writing.model_copy(update={"thousands": ","}) if grouped else writing


def _all_match(column: pl.Series, pattern: str, *, some: bool) -> bool:
    """Tell whether cells with a comma are all of a pattern, and whether there are any."""
    with_comma = column.filter(column.str.contains(",", literal=True))
    return (len(with_comma) > 0 or not some) and bool(with_comma.str.contains(pattern).all())


def _kind(column: pl.Series, writing: Writing, time_format: str | None) -> Kind:
    there = column.filter(~column.str.to_lowercase().is_in(ABSENT))
    if there.n_unique() <= 1:
        return "ignore"
    form = format_of(there, (time_format,) if time_format else TIME_FORMATS)
    if form is not None and _are_dates(as_moments(there, form, "")):
        return "time"
    try:
        numbers = as_numbers(column, writing, "")
    except InvalidTable:
        words = there.str.count_matches(r"\s+").mean()
        many = there.n_unique() > len(there) / 2
        return "text" if many and float(str(words or 0)) + 1 >= _WORDS_PER_TEXT else "code"
    leading_zero = bool(there.str.contains(r"^0\d").any())
    whole = bool((numbers[~np.isnan(numbers)] % 1 == 0).all())
    wide = bool((there.str.len_chars() >= 6).all()) and whole  # noqa: PLR2004 - numbers of things
    return (
        "code" if leading_zero or (whole and (wide or _CODE_LIKE.search(column.name))) else "number"
    )


def _split_lines(at: Moments | None) -> list[str]:
    if at is None:
        return ['test_table = ""  # no column of times: name a file with rows to test on']
    cuts = np.quantile(at, [FIT_SHARE, FIT_SHARE + CALIBRATE_SHARE])
    days = [datetime.fromtimestamp(float(cut), UTC).date().isoformat() for cut in cuts]
    return [
        f'fit_until = "{days[0]}"  # rows before it fit; rows between the two calibrate',
        f'test_from = "{days[1]}"  # rows from it test',
    ]


def _csv_lines(path: Path, writing: Writing) -> list[str]:
    changed = writing.model_dump(exclude_defaults=True)
    if path.suffix == ".parquet" or not changed:
        return []
    return ["", "[csv]", *(f"{key} = {_quoted(value)}" for key, value in changed.items())]
