"""The parts of a comparison: sums, products, functions, columns and written values."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import NamedTuple

from features.entities import IDENTIFIERS
from models.predicates.columns import (
    FEATURE_COLUMNS,
    ITEM_COLUMNS,
    LINE_COLUMNS,
    find_column,
)
from models.predicates.lexer import Word
from models.predicates.tree import Constant, Kind, Node, Operator
from models.predicates.words import Words

Reader = Callable[[Words], Node]
"""Reads a whole condition, for what stands in brackets."""


class _Function(NamedTuple):
    """A function of one value.

    Parameters
    ----------
    operator : str
        What it does.
    takes, gives : str
        Kinds of its operand and of its result.
    """

    operator: Operator
    takes: Kind
    gives: Kind


_FUNCTIONS = {
    "lower": _Function("lower", "text", "text"),
    "length": _Function("length", "text", "number"),
    "abs": _Function("abs", "number", "number"),
}
_IDENTIFYING = frozenset(name for names in IDENTIFIERS.values() for name in names)

FUNCTIONS = (*_FUNCTIONS, "coalesce", "any_line")
"""Names of functions."""


def read_sum(words: Words, condition: Reader) -> Node:
    """Read a sum of products, or anything that binds closer.

    Parameters
    ----------
    words : Words
        What is left of the predicate.
    condition : callable
        Reads what stands in brackets.

    Returns
    -------
    Node
        What was read.

    Raises
    ------
    InvalidPredicate
        If it breaks the grammar.
    """
    return _chain(words, condition, ("+", "-"))


def _chain(words: Words, condition: Reader, signs: tuple[Operator, ...]) -> Node:
    read = _product if "+" in signs else _signed
    first = words.next
    left = read(words, condition)
    while (at := words.takes("sign", *signs)) is not None:
        place = words.next
        right = read(words, condition)
        words.require_kind(left, "number", first, at.value)
        words.require_kind(right, "number", place, at.value)
        operator = next(sign for sign in signs if sign == at.value)
        left = words.operation(at, operator, left, right, kind="number")
    return left


def _product(words: Words, condition: Reader) -> Node:
    return _chain(words, condition, ("*", "/"))


def _signed(words: Words, condition: Reader) -> Node:
    at = words.takes("sign", "-")
    if at is None:
        return _primary(words, condition)
    words.enter(at)
    place = words.next
    inner = _signed(words, condition)
    words.require_kind(inner, "number", place, "-")
    words.leave()
    if isinstance(inner, Constant) and not isinstance(inner.value, str):
        return Constant(-inner.value, "number")
    return words.operation(at, "negate", inner, kind="number")


def _primary(words: Words, condition: Reader) -> Node:
    word = words.take()
    if word.kind == "number":
        words.count(word)
        return Constant(float(word.value), "number")
    if word.kind == "text":
        words.count(word)
        return Constant(word.value, "text")
    if word.kind == "keyword" and word.value in {"TRUE", "FALSE"}:
        words.count(word)
        return Constant(word.value == "TRUE", "bool")
    if word.kind == "sign" and word.value == "(":
        return _bracketed(words, word, condition)
    if word.kind == "name":
        called = words.next.kind == "sign" and words.next.value == "("
        return _call(words, word, condition) if called else _column(words, word)
    raise words.fault(_expected(word), word)


def _expected(word: Word) -> str:
    if word.kind == "end":
        return "it ends here, where a column or a value is expected"
    if word.value == "NULL":
        return "nothing equals NULL; write IS NULL or IS NOT NULL"
    return "a column or a value is expected here"


def _bracketed(words: Words, opening: Word, condition: Reader) -> Node:
    words.enter(opening)
    inner = condition(words)
    words.require("sign", ")", "a closing bracket is expected here")
    words.leave()
    return inner


def _column(words: Words, word: Word) -> Node:
    words.count(word)
    column = find_column(word.value, of_line=words.in_line)
    if column is None:
        raise words.fault(_unknown(words, word.value), word)
    return column


def _unknown(words: Words, name: str) -> str:
    if name in LINE_COLUMNS:
        return f"{name} is a column of lines; write any_line({name} ...)"
    if name in _IDENTIFYING:
        return f"{name} tells who or what it is; a rule about one of them is a lookout"
    known = [*ITEM_COLUMNS, *FEATURE_COLUMNS, *(LINE_COLUMNS if words.in_line else ())]
    near = get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else "docs/rules.md lists them"
    return f"there is no column or feature {name[:40]!r}; {hint}"


def _call(words: Words, name: Word, condition: Reader) -> Node:
    words.enter(name)
    words.take()
    if name.value == "any_line":
        node = _any_line(words, name, condition)
    elif name.value == "coalesce":
        node = _coalesce(words, name, condition)
    elif name.value in _FUNCTIONS:
        function, place = _FUNCTIONS[name.value], words.next
        operand = condition(words)
        words.require_kind(operand, function.takes, place, name.value)
        node = words.operation(name, function.operator, operand, kind=function.gives)
    else:
        raise words.fault(
            f"there is no function {name.value[:40]!r}; there are {', '.join(FUNCTIONS)}", name
        )
    words.require("sign", ")", "a closing bracket is expected here")
    words.leave()
    return node


def _any_line(words: Words, name: Word, condition: Reader) -> Node:
    if words.in_line:
        raise words.fault("any_line does not stand within any_line", name)
    words.in_line, place = True, words.next
    inner = condition(words)
    words.in_line = False
    words.require_kind(inner, "bool", place, "any_line")
    return words.operation(name, "any_line", inner, kind="bool")


def _coalesce(words: Words, name: Word, condition: Reader) -> Node:
    operands = [condition(words)]
    while words.takes("sign", ",") is not None:
        place = words.next
        operands.append(condition(words))
        words.require_same_kind(operands[0], operands[-1], place)
    return words.operation(name, "coalesce", *operands, kind=operands[0].kind)
