"""What a predicate is once it has been parsed: literals, columns and operations on them."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["number", "text", "bool"]
Scope = Literal["item", "line", "feature"]
Value = float | str | bool

Operator = Literal[
    "and",
    "or",
    "not",
    "=",
    "<>",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "negate",
    "in",
    "like",
    "is_null",
    "lower",
    "length",
    "abs",
    "coalesce",
    "any_line",
]
OPERATORS: tuple[Operator, ...] = get_args(Operator)


@dataclass(frozen=True)
class Constant:
    """A value written in the predicate."""

    value: Value
    kind: Kind


@dataclass(frozen=True)
class Column:
    """A column of the item, of the line that is looked at, or a feature."""

    scope: Scope
    name: str
    kind: Kind


@dataclass(frozen=True)
class Operation:
    """An operator and what it is applied to.

    The list of `in` and the pattern of `like` are constants, after the operand.
    """

    operator: Operator
    operands: "tuple[Node, ...]"
    kind: Kind


Node = Constant | Column | Operation


def columns_of(node: Node) -> frozenset[Column]:
    """Collect the columns that an expression reads.

    Parameters
    ----------
    node : Node
        The expression.

    Returns
    -------
    frozenset of Column
        Each once.
    """
    if isinstance(node, Column):
        return frozenset({node})
    if isinstance(node, Constant):
        return frozenset()
    return frozenset[Column]().union(*map(columns_of, node.operands))
