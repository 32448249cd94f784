"""Splitting a predicate into what a port, a kind and a mode decide, and the rest."""

from models.predicates.parse import Predicate
from models.predicates.tree import Constant, Node, Operation, columns_of

PLACE = frozenset({"port", "kind", "mode"})
"""Columns that every item has and of which few combinations occur."""


def split_by_place(predicate: Predicate) -> tuple[Predicate, Predicate]:
    """Split a predicate in two that hold together exactly where it holds.

    Parameters
    ----------
    predicate : Predicate
        What was parsed.

    Returns
    -------
    tuple of Predicate and Predicate
        The one reads the columns of `PLACE` alone, so that it is asked once for each of their
        combinations and not for each item; the other is the rest.
    """
    root = predicate.root
    joined = isinstance(root, Operation) and root.operator == "and"
    parts = root.operands if isinstance(root, Operation) and joined else (root,)
    of_place = tuple(part for part in parts if _is_of_place(part))
    rest = tuple(part for part in parts if not _is_of_place(part))
    return _all_of(predicate, of_place), _all_of(predicate, rest)


def _is_of_place(node: Node) -> bool:
    columns = columns_of(node)
    return bool(columns) and all(
        column.scope == "item" and column.name in PLACE for column in columns
    )


def _all_of(predicate: Predicate, parts: tuple[Node, ...]) -> Predicate:
    if len(parts) == 1:
        return Predicate(predicate.text, parts[0])
    root = Operation("and", parts, "bool") if parts else Constant(value=True, kind="bool")
    return Predicate(predicate.text, root)
