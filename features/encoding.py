"""Items as arrays: every column has its two readings, from an item and from a table, side by side.

What follows in `features.item_features` works on these arrays only, so a feature cannot be one
thing in training and another in the lane: the readings are all that could differ, they yield
integers, and a property test holds them equal.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar, cast, get_args

import numpy as np
import polars as pl

from features.items import Body, Content, Shipment, ShipmentMode, Vehicle, VehicleMode
from features.line_readings import LINE_READINGS
from features.reading import (
    MISSING,
    Flags,
    Integers,
    Numbers,
    Reading,
    coded,
    given,
    microseconds,
    number,
    time,
    weight,
)
from features.reference.tables import countries, exemptions, ports

__all__ = ["MISSING", "Encoded", "Flags", "Integers", "Numbers", "microseconds"]


T = TypeVar("T")


def _codes(values: Sequence[str]) -> dict[str, int]:
    return {value: code for code, value in enumerate(values)}


MODES = _codes(list(dict.fromkeys((*get_args(VehicleMode), *get_args(ShipmentMode)))))
BODIES = _codes(get_args(Body))
CONTENTS = _codes(get_args(Content))
OPTIONS = _codes(("predeparture", "postdeparture"))
PORTS = _codes(sorted(ports()))
COUNTRIES = _codes(sorted(countries()))
EXEMPTIONS = _codes(sorted(exemptions()))
STATES = _codes(sorted({port.state for port in ports().values()}))
ZONES = tuple(sorted({port.time_zone for port in ports().values()}))
PORT_ZONES = np.array([ZONES.index(ports()[code].time_zone) for code in PORTS], dtype=np.int64)

ITEM_READINGS: tuple[Reading, ...] = (
    time("presented_at"),
    time("departs_at"),
    coded("mode", MODES),
    coded("port", PORTS),
    coded("destination", COUNTRIES),
    coded("plate_state", STATES),
    given("plate_state"),
    coded("body", BODIES),
    number("model_year"),
    number("occupants"),
    number("form_4457"),
    given("trailer"),
    coded("content", CONTENTS),
    number("packages"),
    weight("gross_grams", "gross_weight_kg"),
    number("routed"),
    Reading(
        "has_itn",
        ("filing.itn",),
        lambda values: [int(value is not None) for value in values],
        pl.when(pl.col("kind") == "shipment")
        .then(pl.col("filing").struct.field("itn").is_not_null().cast(pl.Int64))
        .otherwise(MISSING),
    ),
    coded("exemption", EXEMPTIONS, "filing.exemption"),
    coded("option", OPTIONS, "filing.option"),
    given("forwarder"),
    given("container"),
)
"""What is read from each item."""


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
    _shared: dict[Callable[..., Any], Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.item_ids)

    def shared(self, compute: "Callable[[Encoded], T]") -> T:
        """Give what a function makes of these arrays, computed once for all who ask.

        Parameters
        ----------
        compute : callable
            Takes `Encoded`; a function with a name, so that it is known again.

        Returns
        -------
        object
            What it returned the first time; nobody may change it.
        """
        if compute not in self._shared:
            self._shared[compute] = compute(self)
        return cast("T", self._shared[compute])


def _columns(records: Sequence[Any], readings: Sequence[Reading]) -> list[list[int]]:
    fields = list(dict.fromkeys(name for reading in readings for name in reading.fields))
    values = dict(zip(fields, zip(*map(attrgetter(*fields), records), strict=True), strict=True))
    return [
        reading.read(
            values[reading.fields[0]]
            if len(reading.fields) == 1
            else list(zip(*(values[name] for name in reading.fields), strict=True))
        )
        for reading in readings
    ]


def _readings_of(model: type[Vehicle | Shipment]) -> tuple[Integers, tuple[Reading, ...]]:
    rows = [
        (row, reading)
        for row, reading in enumerate(ITEM_READINGS)
        if reading.fields[0].partition(".")[0] in model.model_fields
    ]
    return np.array([[row] for row, _ in rows]), tuple(reading for _, reading in rows)


_KINDS = {model: _readings_of(model) for model in (Vehicle, Shipment)}
_OTHERWISE = np.array([[reading.otherwise] for reading in ITEM_READINGS], dtype=np.int64)


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
    columns = np.repeat(_OTHERWISE, len(items), axis=1)
    for model, (rows, readings) in _KINDS.items():
        places = [place for place, item in enumerate(items) if isinstance(item, model)]
        if places:
            block = _columns([items[place] for place in places], readings)
            columns[rows, np.array(places)] = np.array(block, dtype=np.int64)
    owners, lines = _lines_of(items)
    return Encoded(
        item_ids=[item.item_id for item in items],
        items={reading.name: columns[row] for row, reading in enumerate(ITEM_READINGS)},
        lines=lines,
        line_item=owners,
    )


def _lines_of(items: Sequence[Vehicle | Shipment]) -> tuple[Integers, dict[str, Integers]]:
    lines = [
        (place, line)
        for place, item in enumerate(items)
        if isinstance(item, Shipment)
        for line in item.lines
    ]
    columns = np.empty((len(LINE_READINGS), len(lines)), dtype=np.int64)
    if lines:
        columns[:] = _columns([line for _, line in lines], LINE_READINGS)
    owners = np.array([place for place, _ in lines], dtype=np.int64)
    return owners, {reading.name: columns[row] for row, reading in enumerate(LINE_READINGS)}


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
    return _encode(frame, ITEM_READINGS, LINE_READINGS)


def encode_columns(frame: pl.DataFrame, wanted: Collection[str]) -> Encoded:
    """Encode some columns only, which is much cheaper than all.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows of `features.records.ITEMS`, one per item.
    wanted : collection of str
        Names of readings, of items or of lines.

    Returns
    -------
    Encoded
        Those columns, in the order of the rows.
    """
    items, lines = (
        [reading for reading in readings if reading.name in wanted]
        for readings in (ITEM_READINGS, LINE_READINGS)
    )
    return _encode(frame, items, lines)


def _encode(frame: pl.DataFrame, items: Sequence[Reading], lines: Sequence[Reading]) -> Encoded:
    columns = frame.select(reading.table.alias(reading.name) for reading in items)
    exploded = (
        frame.select("lines")
        .with_row_index("_item")
        .filter(pl.col("lines").list.len() > 0)
        .explode("lines")
        .unnest("lines")
    )
    of_lines = exploded.select(
        pl.col("_item").cast(pl.Int64),
        *(reading.table.alias(reading.name) for reading in lines),
    )
    return Encoded(
        item_ids=frame["item_id"].to_list(),
        items={name: columns[name].to_numpy() for name in columns.columns},
        lines={reading.name: of_lines[reading.name].to_numpy() for reading in lines},
        line_item=of_lines["_item"].to_numpy(),
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
