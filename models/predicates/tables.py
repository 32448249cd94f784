"""Predicates run by Polars over a table of items, column by column."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from features.errors import InvalidTable
from models.predicates.columns import ITEM_COLUMNS, LINE_COLUMNS
from models.predicates.parse import Predicate
from models.predicates.texts import like, lower
from models.predicates.tree import Column, Constant, Kind, Node, Operation, Operator

_TYPES: Mapping[Kind, pl.DataType] = {
    "number": pl.Float64(),
    "text": pl.String(),
    "bool": pl.Boolean(),
}


def holds(predicate: Predicate, frame: pl.DataFrame) -> pl.Series:
    """Tell for each item of a table whether a predicate holds.

    Each operator is one call on whole columns: nested expressions make Polars' optimiser slow.

    Parameters
    ----------
    predicate : Predicate
        What was parsed.
    frame : polars.DataFrame
        Columns of the `items` table and of features, those that the predicate reads at least,
        n rows.

    Returns
    -------
    polars.Series
        Booleans, n of them, never null: an unknown answer (SQL's null) is no.

    Raises
    ------
    InvalidTable
        If the table lacks a column that the predicate reads; names it.
    """
    needed = needed_columns(predicate)
    for name in sorted(needed):
        if name not in frame.columns:
            raise InvalidTable(f"column {name!r} is missing; the predicate reads it", field=name)
    return _Rows(frame).run(predicate.root).fill_null(value=False)


def needed_columns(predicate: Predicate) -> frozenset[str]:
    """Name the columns of a table that a predicate reads.

    Parameters
    ----------
    predicate : Predicate
        What was parsed.

    Returns
    -------
    frozenset of str
        Columns of the `items` table, and features.
    """
    named = {_source(column) for column in predicate.columns}
    return frozenset(named | ({"lines"} if _looks_at_lines(predicate.root) else set()))


def _source(column: Column) -> str:
    if column.scope == "line":
        return "lines"
    return ITEM_COLUMNS[column.name].needs if column.scope == "item" else column.name


def _looks_at_lines(node: Node) -> bool:
    if not isinstance(node, Operation):
        return False
    return node.operator == "any_line" or any(map(_looks_at_lines, node.operands))


class _Rows:
    """Rows for which an expression is computed: items, or lines with the item of each.

    Parameters
    ----------
    items : polars.DataFrame
        The table.
    lines : polars.DataFrame, optional
        Lines, one per row, with `_item`, the row of the item that each belongs to.
    """

    def __init__(self, items: pl.DataFrame, lines: pl.DataFrame | None = None) -> None:
        self._items = items
        self._lines = lines
        self._height = items.height if lines is None else lines.height

    def run(self, node: Node) -> pl.Series:
        """Give the values of an expression, one per row."""
        if isinstance(node, Constant):
            return pl.repeat(node.value, self._height, dtype=_TYPES[node.kind], eager=True)
        if isinstance(node, Column):
            return self._column(node)
        if node.operator == "any_line":
            return self._any_line(node.operands[0])
        if node.operator in _OF_CONSTANTS:
            return _OF_CONSTANTS[node.operator](self.run(node.operands[0]), _constants(node))
        return _OPERATIONS[node.operator](*map(self.run, node.operands))

    def _column(self, column: Column) -> pl.Series:
        if column.scope == "line" and self._lines is not None:
            return self._lines.select(LINE_COLUMNS[column.name].table).to_series()
        if column.scope == "item":
            values = self._items.select(ITEM_COLUMNS[column.name].table).to_series()
        else:
            values = _finite(self._items[column.name].cast(pl.Float64))
        return values if self._lines is None else values.gather(self._lines["_item"])

    def _any_line(self, condition: Node) -> pl.Series:
        each = self._items.select(pl.int_range(pl.len()).alias("_item"), "lines").explode("lines")
        lines = each.filter(pl.col("lines").is_not_null()).unnest("lines")
        found = lines["_item"].filter(_Rows(self._items, lines).run(condition))
        return pl.int_range(self._height, eager=True).is_in(found.unique().implode())


def _constants(node: Operation) -> list[Any]:
    return [each.value for each in node.operands[1:] if isinstance(each, Constant)]


def _finite(values: pl.Series) -> pl.Series:
    name = values.name
    return (
        values.to_frame().select(pl.when(pl.col(name).is_finite()).then(pl.col(name))).to_series()
    )


def _distinct(values: pl.Series, function: Callable[[str], Any], dtype: pl.DataType) -> pl.Series:
    """Call a function once for each text that occurs."""
    known = values.drop_nulls().unique()
    results = [function(text) for text in known.to_list()]
    return values.replace_strict(known, pl.Series(results, dtype=dtype), default=None)


def _in(values: pl.Series, members: Sequence[Any]) -> pl.Series:
    return values.is_in(list(members))


def _like(values: pl.Series, members: Sequence[Any]) -> pl.Series:
    return _distinct(values, like(members[0]), pl.Boolean())


def _all_of(*operands: pl.Series) -> pl.Series:
    return _joined(operands, pl.Series.__and__)


def _any_of(*operands: pl.Series) -> pl.Series:
    return _joined(operands, pl.Series.__or__)


def _joined(
    operands: Sequence[pl.Series], join: Callable[[pl.Series, pl.Series], pl.Series]
) -> pl.Series:
    result = operands[0]
    for operand in operands[1:]:
        result = join(result, operand)
    return result


def _coalesce(*operands: pl.Series) -> pl.Series:
    names = [f"_{place}" for place in range(len(operands))]
    frame = pl.DataFrame(dict(zip(names, operands, strict=True)))
    return frame.select(pl.coalesce(names)).to_series()


_OF_CONSTANTS: Mapping[Operator, Callable[[pl.Series, Sequence[Any]], pl.Series]] = {
    "in": _in,
    "like": _like,
}
_OPERATIONS: Mapping[Operator, Callable[..., pl.Series]] = {
    "and": _all_of,
    "or": _any_of,
    "not": pl.Series.__invert__,
    "=": pl.Series.eq,
    "<>": pl.Series.ne,
    "<": pl.Series.lt,
    "<=": pl.Series.le,
    ">": pl.Series.gt,
    ">=": pl.Series.ge,
    "+": lambda left, right: _finite(left + right),
    "-": lambda left, right: _finite(left - right),
    "*": lambda left, right: _finite(left * right),
    "/": lambda left, right: _finite(left / right),
    "negate": lambda values: -values,
    "is_null": pl.Series.is_null,
    "lower": lambda texts: _distinct(texts, lower, pl.String()),
    "length": lambda texts: texts.str.len_chars().cast(pl.Float64),
    "abs": pl.Series.abs,
    "coalesce": _coalesce,
}
