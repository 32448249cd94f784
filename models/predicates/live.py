"""Predicates compiled to plain functions, for items as they come: no table, no Polars."""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from features.items import Shipment, Vehicle
from models.predicates.columns import ITEM_COLUMNS, LINE_COLUMNS, Fields
from models.predicates.parse import Predicate
from models.predicates.texts import like, lower
from models.predicates.tree import Column, Constant, Node, Operation, Operator, Value

_Run = Callable[[Fields, Sequence[float], Fields], Any]
"""Takes the fields of an item, its features, and the fields of a line; None is SQL's null."""

Test = Callable[[Vehicle | Shipment, Sequence[float]], bool]
"""Takes an item and the values of features, tells whether the predicate holds for it."""

_NO_LINE: Fields = {}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALCULATE: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def compile_predicate(predicate: Predicate, places: Mapping[str, int]) -> Test:
    """Compile a predicate.

    Parameters
    ----------
    predicate : Predicate
        What was parsed.
    places : mapping of str to int
        Where each feature that it names stands among the values that the test is given.

    Returns
    -------
    callable
        The test; an unknown answer (SQL's null) is no.

    Raises
    ------
    KeyError
        If a feature has no place.
    """
    run = _compiled(predicate.root, places)

    def test(item: Vehicle | Shipment, features: Sequence[float]) -> bool:
        return run(item.__dict__, features, _NO_LINE) is True

    return test


def _compiled(node: Node, places: Mapping[str, int]) -> _Run:
    if isinstance(node, Constant):
        return _constant(node.value)
    if isinstance(node, Column):
        return _column(node, places)
    operands = [_compiled(each, places) for each in node.operands]
    return _operation(node, operands)


def _column(column: Column, places: Mapping[str, int]) -> _Run:
    if column.scope == "feature":
        return _feature(places[column.name])
    if column.scope == "line":
        return _of_line(LINE_COLUMNS[column.name].read)
    return _of_item(ITEM_COLUMNS[column.name].read)


def _constant(value: Value) -> _Run:
    def run(_item: Fields, _features: Sequence[float], _line: Fields) -> Value:
        return value

    return run


def _of_line(read: Callable[[Fields], Any]) -> _Run:
    def run(_item: Fields, _features: Sequence[float], line: Fields) -> Any:  # noqa: ANN401 - any kind
        return read(line)

    return run


def _of_item(read: Callable[[Fields], Any]) -> _Run:
    def run(item: Fields, _features: Sequence[float], _line: Fields) -> Any:  # noqa: ANN401 - any kind
        return read(item)

    return run


def _feature(place: int) -> _Run:
    def run(_item: Fields, features: Sequence[float], _line: Fields) -> float | None:
        value = features[place]
        return value if math.isfinite(value) else None

    return run


def _operation(node: Operation, operands: Sequence[_Run]) -> _Run:
    if node.operator in _COMPARE:
        return _compare(_COMPARE[node.operator], node, operands)
    if node.operator in _CALCULATE:
        return _calculate(_CALCULATE[node.operator], *operands)
    if node.operator in _OF_CONSTANTS:
        return _OF_CONSTANTS[node.operator](node, operands[0])
    return _OTHERS[node.operator](*operands)


def _compare(
    compare: Callable[[Any, Any], bool], node: Operation, operands: Sequence[_Run]
) -> _Run:
    left, right = operands
    bound = node.operands[1]
    if isinstance(bound, Constant):
        first = node.operands[0]
        if isinstance(first, Column) and first.scope == "item":
            return _compare_item(compare, ITEM_COLUMNS[first.name].read, bound.value)
        return _compare_with(compare, left, bound.value)

    def run(item: Fields, features: Sequence[float], line: Fields) -> bool | None:
        first, second = left(item, features, line), right(item, features, line)
        return None if first is None or second is None else compare(first, second)

    return run


def _compare_item(
    compare: Callable[[Any, Any], bool], read: Callable[[Fields], Any], bound: Value
) -> _Run:
    """Compare a column of the item with a written value: the most frequent test, in one call."""

    def run(item: Fields, _features: Sequence[float], _line: Fields) -> bool | None:
        value = read(item)
        return None if value is None else compare(value, bound)

    return run


def _compare_with(compare: Callable[[Any, Any], bool], left: _Run, bound: Value) -> _Run:
    def run(item: Fields, features: Sequence[float], line: Fields) -> bool | None:
        value = left(item, features, line)
        return None if value is None else compare(value, bound)

    return run


def _calculate(calculate: Callable[[float, float], float], left: _Run, right: _Run) -> _Run:
    def run(item: Fields, features: Sequence[float], line: Fields) -> float | None:
        first, second = left(item, features, line), right(item, features, line)
        if first is None or second is None:
            return None
        try:
            result = calculate(first, second)
        except ZeroDivisionError:
            return None
        return result if math.isfinite(result) else None

    return run


def _and(*operands: _Run) -> _Run:
    def run(item: Fields, features: Sequence[float], line: Fields) -> bool | None:
        result: bool | None = True
        for operand in operands:
            holds = operand(item, features, line)
            if holds is False:
                return False
            if holds is None:
                result = None
        return result

    return run


def _or(*operands: _Run) -> _Run:
    def run(item: Fields, features: Sequence[float], line: Fields) -> bool | None:
        result: bool | None = False
        for operand in operands:
            holds = operand(item, features, line)
            if holds is True:
                return True
            if holds is None:
                result = None
        return result

    return run


def _mapped(function: Callable[[Any], Any]) -> Callable[[_Run], _Run]:
    def make(operand: _Run) -> _Run:
        def run(item: Fields, features: Sequence[float], line: Fields) -> Any:  # noqa: ANN401 - any kind
            value = operand(item, features, line)
            return None if value is None else function(value)

        return run

    return make


def _is_null(operand: _Run) -> _Run:
    return lambda item, features, line: operand(item, features, line) is None


def _coalesce(*operands: _Run) -> _Run:
    def run(item: Fields, features: Sequence[float], line: Fields) -> Any:  # noqa: ANN401 - any kind
        for operand in operands:
            value = operand(item, features, line)
            if value is not None:
                return value
        return None

    return run


def _any_line(condition: _Run) -> _Run:
    def run(item: Fields, features: Sequence[float], _line: Fields) -> bool:
        lines = item.get("lines", ())
        return any(condition(item, features, line.__dict__) is True for line in lines)

    return run


def _in(node: Operation, operand: _Run) -> _Run:
    members = frozenset(each.value for each in node.operands[1:] if isinstance(each, Constant))
    return _mapped(members.__contains__)(operand)


def _like(node: Operation, operand: _Run) -> _Run:
    pattern = node.operands[1]
    if not isinstance(pattern, Constant):
        raise TypeError("the pattern of LIKE is a constant")
    return _mapped(like(str(pattern.value)))(operand)


_OF_CONSTANTS: Mapping[Operator, Callable[[Operation, _Run], _Run]] = {"in": _in, "like": _like}
_OTHERS: Mapping[Operator, Callable[..., _Run]] = {
    "and": _and,
    "or": _or,
    "not": _mapped(operator.not_),
    "negate": _mapped(operator.neg),
    "is_null": _is_null,
    "lower": _mapped(lower),
    "length": _mapped(lambda text: float(len(text))),
    "abs": _mapped(abs),
    "coalesce": _coalesce,
    "any_line": _any_line,
}
