"""The columns that a predicate may name, and how each is read from an item and from a table.

Identifiers of entities are left out: the store knows them as tokens, and a rule about one entity
is a lookout. Free text of declarations is in, personal attributes never were.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import methodcaller
from typing import Any

import polars as pl

from features.catalogue import FEATURES
from models.predicates.tree import Column, Kind

Fields = Mapping[str, Any]
"""Fields of an item or a line by name, as its record has them."""


@dataclass(frozen=True)
class Readable:
    """A column that a predicate may name.

    Parameters
    ----------
    column : Column
        What the predicate calls it, and the kind of its values.
    meaning : str
        One line for whoever writes rules.
    read : callable
        Takes the fields of a record and gives the value, None where there is none.
    table : polars.Expr
        Gives the same values from the columns of a table.
    needs : str
        The column of the table that it is read from.
    """

    column: Column
    meaning: str
    read: Callable[[Fields], Any]
    table: pl.Expr
    needs: str


def _plain(name: str) -> Callable[[Fields], Any]:
    return methodcaller("get", name)


def _number(name: str) -> Callable[[Fields], float | None]:
    def read(fields: Fields) -> float | None:
        value: Decimal | float | None = fields.get(name)
        return None if value is None else float(value)

    return read


def _inner(outer: str, name: str) -> Callable[[Fields], Any]:
    def read(fields: Fields) -> Any:  # noqa: ANN401 - a field of any type
        holder = fields.get(outer)
        return None if holder is None else getattr(holder, name)

    return read


def _column(name: str, kind: Kind, meaning: str) -> Readable:
    read = _number(name) if kind == "number" else _plain(name)
    plain = pl.col(name)
    table = plain.cast(pl.Float64) if kind == "number" else plain
    return Readable(Column("item", name, kind), meaning, read, table, name)


def _filing(name: str, meaning: str) -> Readable:
    return Readable(
        Column("item", f"filing_{name}", "text"),
        meaning,
        _inner("filing", name),
        pl.col("filing").struct.field(name),
        "filing",
    )


def _line(name: str, kind: Kind, meaning: str) -> Readable:
    read = _number(name) if kind == "number" else _plain(name)
    plain = pl.col(name)
    table = plain.cast(pl.Float64) if kind == "number" else plain
    return Readable(Column("line", name, kind), meaning, read, table, name)


def _named(*columns: Readable) -> Mapping[str, Readable]:
    return {each.column.name: each for each in columns}


ITEM_COLUMNS: Mapping[str, Readable] = _named(
    _column("kind", "text", "'vehicle' or 'shipment'."),
    _column("mode", "text", "'pov', 'bus', 'truck', 'air', 'ocean', 'express' or 'mail'."),
    _column("port", "text", "Schedule D code of the port of exit, such as '2304'."),
    _column("destination", "text", "ISO 3166-1 alpha-2 country, such as 'MX'."),
    _column("plate_state", "text", "State or province that issued the plate."),
    _column("body", "text", "'car', 'suv', 'pickup', 'van', ...; vehicles only."),
    _column("model_year", "number", "Vehicles only."),
    _column("occupants", "number", "Persons in the vehicle."),
    _column("lane", "text", "Lane of the port."),
    _column("form_4457", "bool", "Whether a CBP Form 4457 was shown."),
    _filing("itn", "Internal Transaction Number; null without a filing."),
    _filing("exemption", "Exemption claimed instead, such as '30.37(a)'."),
    _filing("option", "'predeparture' or 'postdeparture'."),
    _column("routed", "bool", "Whether it is a routed export transaction."),
    _column("content", "text", "'merchandise', 'gift', 'household_goods', ...; shipments only."),
    _column("packages", "number", "Packages of the shipment."),
    _column("gross_weight_kg", "number", "Gross weight of the shipment."),
)
"""Columns of items, by name."""

LINE_COLUMNS: Mapping[str, Readable] = _named(
    _line("schedule_b", "text", "Schedule B number, digits only, such as '852872'."),
    _line("description", "text", "Description of the goods as declared."),
    _line("value_usd", "number", "Declared value of the line."),
    _line("quantity", "number", "Declared quantity of the line."),
    _line("weight_kg", "number", "Weight of the line."),
    _line("eccn", "text", "Export control classification, such as '0A501.a'."),
    _line("license", "text", "Licence number or exception symbol, such as 'BAG'."),
)
"""Columns of a line, by name; only `any_line` sees them."""

FEATURE_COLUMNS: Mapping[str, Column] = {
    feature.name: Column("feature", feature.name, "number")
    for feature in FEATURES
    if feature.name not in ITEM_COLUMNS
}
"""Features of the catalogue, all numbers; null where there is nothing to compute them from."""


def find_column(name: str, *, of_line: bool) -> Column | None:
    """Find what a name means: a column of the line, else of the item, else a feature.

    Parameters
    ----------
    name : str
        As written.
    of_line : bool
        Whether it stands inside `any_line`.

    Returns
    -------
    Column or None
        None if there is no such column.
    """
    if of_line and name in LINE_COLUMNS:
        return LINE_COLUMNS[name].column
    if name in ITEM_COLUMNS:
        return ITEM_COLUMNS[name].column
    return FEATURE_COLUMNS.get(name)
