"""The mapping: which column of somebody's table is what, and where its rows are cut."""

import json
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from features.errors import InvalidTable

Kind = Literal["number", "code", "text", "time", "ignore"]
"""A quantity, a name for something, words, a moment, or nothing to learn from."""


def _words(value: object) -> object:
    """Let `positive = [1, true]` mean what a file of text would say."""
    if not isinstance(value, list):
        return value
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in value)


def _moment(value: object) -> object:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value


Name = Annotated[str, Field(min_length=1)]
Moment = Annotated[datetime, BeforeValidator(_moment)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableNames(_Part):
    """The columns that have a part of their own; none of them is learned from but `value`.

    Parameters
    ----------
    id : str
        Names each row, once.
    time : str, optional
        When the row came to be known. Without it `split.test_table` is needed, and rows are
        taken to be in no order.
    label : str
        What became of it.
    positive : tuple of str
        The labels that are finds; every other is not.
    value : str, optional
        What a find is worth, for the share of value captured.
    time_format : str, optional
        How times are written, as for `strptime`, where that could be read in two ways; `excel`
        for the days that spreadsheets count.
    """

    id: Name
    time: Name | None = None
    label: Name
    positive: Annotated[tuple[str, ...], BeforeValidator(_words), Field(min_length=1)]
    value: Name | None = None
    time_format: str | None = None


class Cuts(_Part):
    """Where the rows are cut.

    Parameters
    ----------
    fit_until : datetime, optional
        Rows before it fit; rows from it on, and before the test, calibrate. Without it the last
        part of what comes before the test calibrates.
    test_from : datetime, optional
        Rows from it on test.
    test_table : str, optional
        A file of its own with the rows that test, relative to the mapping; instead of
        `test_from`.
    """

    fit_until: Moment | None = None
    test_from: Moment | None = None
    test_table: Name | None = None

    @model_validator(mode="after")
    def _is_one_way(self) -> Self:
        if (self.test_from is None) == (self.test_table is None):
            raise ValueError("give either test_from or test_table")
        if self.fit_until and self.test_from and self.fit_until > self.test_from:
            raise ValueError("fit_until must not be later than test_from")
        return self


class Writing(_Part):
    """How a CSV file is written; parquet needs none of it.

    Parameters
    ----------
    separator, decimal, thousands : str
        Between cells, before the fraction, between thousands (empty: none).
    encoding : str
        Such as `utf-8`, `cp949`, `latin-1`; a byte-order mark is skipped.
    """

    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    encoding: str = "utf-8"

    @model_validator(mode="after")
    def _are_apart(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands must differ")
        return self


class Mapping(_Part):
    """What the columns of a table are.

    Parameters
    ----------
    table : TableNames
        Columns with a part of their own.
    columns : dict of str to str
        Column to its kind. Every column of the file must be listed here or in `table`.
    split : Cuts
        Where the rows are cut.
    csv : Writing
        How a CSV file is written.
    """

    table: TableNames
    columns: dict[str, Kind]
    split: Cuts
    csv: Writing = Writing()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = self.table
        if names.time is None and (self.split.test_from or self.split.fit_until):
            raise ValueError("split by dates needs table.time; name it, or give test_table")
        if self.columns.get(names.label, "ignore") != "ignore":
            raise ValueError(f"{names.label!r} is the label; it cannot be learned from as well")
        if names.value is not None and self.columns.get(names.value) != "number":
            raise ValueError(f"table.value {names.value!r} must be a column of kind number")
        if not self.learned:
            raise ValueError("columns names nothing to learn from: no number, code, text or time")
        return self

    @property
    def learned(self) -> dict[str, Kind]:
        """Columns that are learned from, in the mapping's order, and their kinds."""
        apart = {self.table.id, self.table.time, self.table.label}
        return {
            name: kind
            for name, kind in self.columns.items()
            if name not in apart and kind != "ignore"
        }

    @property
    def named(self) -> set[str]:
        """Every column that the mapping speaks of."""
        names = {self.table.id, self.table.label, *self.columns}
        return names | ({self.table.time} if self.table.time else set())


def mapping_text(mapping: Mapping) -> str:
    """Write a mapping as TOML; `read_mapping` gives it back.

    Parameters
    ----------
    mapping : Mapping
        The mapping.

    Returns
    -------
    str
        TOML, defaults left out.
    """
    document = mapping.model_dump(mode="json", exclude_defaults=True)
    sections = (
        "\n".join([f"[{section}]", *(_line(key, value) for key, value in entries.items())])
        for section, entries in document.items()
    )
    return "\n\n".join(sections) + "\n"


def _line(key: str, value: object) -> str:
    # a text or a list of texts is spelled in TOML as in JSON
    return f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}"


def read_mapping(path: Path) -> Mapping:
    """Read a mapping.

    Parameters
    ----------
    path : Path
        A TOML file.

    Returns
    -------
    Mapping
        What it says.

    Raises
    ------
    InvalidTable
        If it cannot be read, or an entry is missing, unknown or wrong; the error names it.
    """
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise InvalidTable(
            f"{path} cannot be read ({error.strerror}); `weir-train map TABLE` drafts a mapping",
            field=str(path),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidTable(f"{path} is not TOML in UTF-8: {error}", field=str(path)) from error
    try:
        return Mapping.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "mapping"
        words = first["msg"].removeprefix("Value error, ")
        raise InvalidTable(f"{path}: {field}: {words}", field=field) from error
