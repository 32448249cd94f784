"""Items as arrays: every column has its two readings, from an item and from a table, side by side.

What follows in `features.item_features` works on these arrays only, so a feature cannot be one
thing in training and another in the lane: the readings are all that could differ, they yield
integers, and a property test holds them equal.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard, get_args

import numpy as np
import numpy.typing as npt
import polars as pl

from features.items import Body, Content, Line, Shipment, ShipmentMode, Vehicle, VehicleMode
from features.reference.tables import countries, exemptions, ports

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
MISSING = -1
"""Stands for "not given" in every encoded column; no real code, count or time is negative."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _codes(values: Sequence[str]) -> dict[str, int]:
    return {value: code for code, value in enumerate(values)}


MODES = _codes(list(dict.fromkeys((*get_args(VehicleMode), *get_args(ShipmentMode)))))
BODIES = _codes(get_args(Body))
CONTENTS = _codes(get_args(Content))
OPTIONS = _codes(("predeparture", "postdeparture"))
PORTS = _codes(sorted(ports()))
COUNTRIES = _codes(sorted(countries()))
EXEMPTIONS = _codes(sorted(exemptions()))
ZONES = tuple(sorted({port.time_zone for port in ports().values()}))
PORT_ZONES = np.array([ZONES.index(ports()[code].time_zone) for code in PORTS], dtype=np.int64)


def microseconds(moment: datetime) -> int:
    """Count whole microseconds since the epoch, exactly.

    Parameters
    ----------
    moment : datetime
        An aware time.

    Returns
    -------
    int
        Microseconds since 1970-01-01T00:00Z.

    Examples
    --------
    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (moment - _EPOCH) // _MICROSECOND


def grams(weight_kg: float) -> int:
    """Round a weight to whole grams, halves up, as the table reading does.

    Parameters
    ----------
    weight_kg : float
        Kilograms, 0 or more.

    Returns
    -------
    int
        Grams.

    Examples
    --------
    >>> grams(0.0015)
    2
    """
    return math.floor(weight_kg * 1000 + 0.5)


def _table_grams(column: str) -> pl.Expr:
    return (pl.col(column) * 1000 + 0.5).floor().cast(pl.Int64)


def _table_code(column: str, codes: Mapping[str, int]) -> pl.Expr:
    return pl.col(column).replace_strict(codes, default=MISSING, return_dtype=pl.Int64)


@dataclass(frozen=True)
class Reading:
    """One encoded column and how it is read from an item or line and from a table.

    Parameters
    ----------
    name : str
        Name of the column.
    record : callable
        Reads the integer from one item (or one line).
    table : polars.Expr
        Reads the integers from a table of items (or of lines).
    """

    name: str
    record: Callable[[Any], int]
    table: pl.Expr


def _coded(name: str, codes: Mapping[str, int]) -> Reading:
    return Reading(
        name,
        lambda item: codes.get(getattr(item, name, None) or "", MISSING),
        _table_code(name, codes),
    )


def _number(name: str) -> Reading:
    def read(item: object) -> int:
        value = getattr(item, name, None)
        return MISSING if value is None else int(value)

    return Reading(name, read, pl.col(name).cast(pl.Int64).fill_null(MISSING))


def _time(name: str) -> Reading:
    def read(item: object) -> int:
        value = getattr(item, name, None)
        return MISSING if value is None else microseconds(value)

    return Reading(name, read, pl.col(name).dt.epoch("us").fill_null(MISSING))


def _given(name: str) -> Reading:
    return Reading(
        f"has_{name}",
        lambda item: int(getattr(item, name, None) is not None),
        pl.col(name).is_not_null().cast(pl.Int64),
    )


def _filed(name: str, codes: Mapping[str, int]) -> Reading:
    def read(item: Vehicle | Shipment) -> int:
        return codes.get(getattr(item.filing, name) or "", MISSING) if _ships(item) else MISSING

    inner = pl.col("filing").struct.field(name)
    table = inner.replace_strict(codes, default=MISSING, return_dtype=pl.Int64)
    return Reading(name, read, table)


def _ships(item: Vehicle | Shipment) -> TypeGuard[Shipment]:
    return isinstance(item, Shipment)


STATES = _codes(sorted({port.state for port in ports().values()}))

ITEM_READINGS: tuple[Reading, ...] = (
    _time("presented_at"),
    _time("departs_at"),
    _coded("mode", MODES),
    _coded("port", PORTS),
    _coded("destination", COUNTRIES),
    _coded("plate_state", STATES),
    _coded("body", BODIES),
    _number("model_year"),
    _number("occupants"),
    _number("form_4457"),
    _given("trailer"),
    _given("driver"),
    _coded("content", CONTENTS),
    _number("packages"),
    Reading(
        "gross_grams",
        lambda item: grams(item.gross_weight_kg) if _ships(item) else MISSING,
        _table_grams("gross_weight_kg").fill_null(MISSING),
    ),
    _number("routed"),
    Reading(
        "has_itn",
        lambda item: int(item.filing.itn is not None) if _ships(item) else MISSING,
        pl.when(pl.col("kind") == "shipment")
        .then(pl.col("filing").struct.field("itn").is_not_null().cast(pl.Int64))
        .otherwise(MISSING),
    ),
    _filed("exemption", EXEMPTIONS),
    _filed("option", OPTIONS),
    _given("forwarder"),
    _given("consignee_address"),
    _given("phone"),
    _given("container"),
)
"""What is read from each item."""


def _heading(digits: int) -> Reading:
    def read(line: Line) -> int:
        return int(line.schedule_b[:digits]) if len(line.schedule_b) >= digits else MISSING

    number = pl.col("schedule_b")
    table = (
        pl.when(number.str.len_chars() >= digits)
        .then(number.str.slice(0, digits).cast(pl.Int64))
        .otherwise(MISSING)
    )
    return Reading(f"heading_{digits}", read, table)


LINE_READINGS: tuple[Reading, ...] = (
    Reading(
        "value_cents",
        lambda line: int(line.value_usd * 100),
        (pl.col("value_usd") * 100).cast(pl.Int64),
    ),
    _number("quantity"),
    Reading("grams", lambda line: grams(line.weight_kg), _table_grams("weight_kg")),
    _heading(4),
    _heading(6),
    _given("eccn"),
    _given("license"),
    Reading(
        "description_length",
        lambda line: len(line.description),
        pl.col("description").str.len_chars().cast(pl.Int64),
    ),
)
"""What is read from each line of a shipment."""


@dataclass(frozen=True)
class Encoded:
    """Items and their lines as integer arrays.

    Parameters
    ----------
    item_ids : list of str
        The n items.
    items : mapping of str to array of int, shape (n,)
        The columns of `ITEM_READINGS`; `MISSING` where a value was not given.
    lines : mapping of str to array of int, shape (m,)
        The columns of `LINE_READINGS`, lines of one item together and in their order.
    line_item : array of int, shape (m,)
        Position of the item that each line belongs to, ascending.
    """

    item_ids: list[str]
    items: Mapping[str, Integers]
    lines: Mapping[str, Integers]
    line_item: Integers

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.item_ids)


def encode_items(items: Sequence[Vehicle | Shipment]) -> Encoded:
    """Encode validated items, as the service has them.

    Parameters
    ----------
    items : sequence of Vehicle or Shipment
        The n items.

    Returns
    -------
    Encoded
        Their columns.
    """
    lines = [
        (position, line)
        for position, item in enumerate(items)
        if _ships(item)
        for line in item.lines
    ]
    return Encoded(
        item_ids=[item.item_id for item in items],
        items={
            reading.name: np.array([reading.record(item) for item in items], dtype=np.int64)
            for reading in ITEM_READINGS
        },
        lines={
            reading.name: np.array([reading.record(line) for _, line in lines], dtype=np.int64)
            for reading in LINE_READINGS
        },
        line_item=np.array([position for position, _ in lines], dtype=np.int64),
    )


def encode_table(frame: pl.DataFrame) -> Encoded:
    """Encode rows of the `items` table, as training has them.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows of `features.records.ITEMS`, one per item.

    Returns
    -------
    Encoded
        Their columns, in the order of the rows.
    """
    columns = frame.select(reading.table.alias(reading.name) for reading in ITEM_READINGS)
    exploded = (
        frame.select("lines")
        .with_row_index("_item")
        .filter(pl.col("lines").list.len() > 0)
        .explode("lines")
        .unnest("lines")
    )
    lines = exploded.select(
        pl.col("_item").cast(pl.Int64),
        *(reading.table.alias(reading.name) for reading in LINE_READINGS),
    )
    return Encoded(
        item_ids=frame["item_id"].to_list(),
        items={name: columns[name].to_numpy() for name in columns.columns},
        lines={reading.name: lines[reading.name].to_numpy() for reading in LINE_READINGS},
        line_item=lines["_item"].to_numpy(),
    )


def numbers(values: Integers) -> Numbers:
    """Turn encoded integers into numbers, NaN where nothing was given.

    Parameters
    ----------
    values : array of int, shape (n,)
        An encoded column.

    Returns
    -------
    array of float, shape (n,)
        The same numbers; NaN for `MISSING`.
    """
    return np.where(values == MISSING, np.nan, values.astype(np.float64))
