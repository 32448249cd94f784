"""From the text of a predicate to its tree: recursive descent over an allow-listed grammar."""

from dataclasses import dataclass

from models.predicates.lexer import Word
from models.predicates.terms import read_sum
from models.predicates.tree import Column, Constant, Node, Operation, Operator, columns_of
from models.predicates.words import Words

MOST_MEMBERS = 200
"""Values in the list of IN."""

_COMPARISONS: dict[str, Operator] = {
    "=": "=",
    "<>": "<>",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_LISTED = ("number", "text")


@dataclass(frozen=True)
class Predicate:
    """A condition that was parsed and checked.

    Parameters
    ----------
    text : str
        As it was written.
    root : Node
        Its tree.
    """

    text: str
    root: Node

    @property
    def columns(self) -> frozenset[Column]:
        """The columns that it reads."""
        return columns_of(self.root)

    @property
    def features(self) -> frozenset[str]:
        """Names of the features that it reads."""
        return frozenset(each.name for each in self.columns if each.scope == "feature")


def parse(text: str) -> Predicate:
    """Parse and check a predicate.

    Parameters
    ----------
    text : str
        A condition in the part of SQL that `docs/rules.md` describes.

    Returns
    -------
    Predicate
        Ready to be run.

    Raises
    ------
    InvalidPredicate
        If the grammar, the columns or the kinds of values do not allow it; the message shows
        the place and says what to do.

    Examples
    --------
    >>> sorted(parse("mode = 'pov' AND occupants > 4").columns, key=lambda each: each.name)[0].name
    'mode'
    """
    words = Words(text)
    first = words.next
    root = read_condition(words)
    words.require_kind(root, "bool", first, "a rule")
    if words.next.kind != "end":
        raise words.fault("AND, OR or the end is expected here")
    return Predicate(text, root)


def read_condition(words: Words) -> Node:
    """Read alternatives joined by OR.

    Parameters
    ----------
    words : Words
        What is left of the predicate.

    Returns
    -------
    Node
        What was read; of any kind where neither OR nor a comparison stands.

    Raises
    ------
    InvalidPredicate
        If it breaks the grammar.
    """
    return _joined(words, "or")


def _joined(words: Words, operator: Operator) -> Node:
    read = _all_of if operator == "or" else _not
    keyword, first = operator.upper(), words.next
    operands = [read(words)]
    while (at := words.takes("keyword", keyword)) is not None:
        words.require_kind(operands[-1], "bool", first, keyword)
        first = words.next
        operands.append(read(words))
        words.require_kind(operands[-1], "bool", first, keyword)
        words.count(at)
    if len(operands) == 1:
        return operands[0]
    return Operation(operator, tuple(operands), "bool")


def _all_of(words: Words) -> Node:
    return _joined(words, "and")


def _not(words: Words) -> Node:
    at = words.takes("keyword", "NOT")
    if at is None:
        return _comparison(words)
    words.enter(at)
    first = words.next
    inner = _not(words)
    words.require_kind(inner, "bool", first, "NOT")
    words.leave()
    return words.operation(at, "not", inner, kind="bool")


def _comparison(words: Words) -> Node:
    first = words.next
    left = read_sum(words, read_condition)
    at = words.takes("sign", *_COMPARISONS)
    if at is not None:
        return _compared(words, left, at)
    if (at := words.takes("keyword", "IS")) is not None:
        negated = words.takes("keyword", "NOT")
        words.require("keyword", "NULL", "write IS NULL or IS NOT NULL")
        test = words.operation(at, "is_null", left, kind="bool")
        return _maybe_not(words, test, negated)
    negated = None
    if words.next.value == "NOT" and words.next.kind == "keyword":
        negated = words.take()
    return _matched(words, left, first, negated)


def _compared(words: Words, left: Node, at: Word) -> Node:
    place = words.next
    right = read_sum(words, read_condition)
    words.require_same_kind(left, right, place)
    operator = _COMPARISONS[at.value]
    if left.kind == "bool" and operator not in {"=", "<>"}:
        raise words.fault("conditions can be compared with = and <> alone", at)
    if words.next.kind == "sign" and words.next.value in _COMPARISONS:
        raise words.fault("comparisons are not chained; join two of them by AND")
    return words.operation(at, operator, left, right, kind="bool")


def _matched(words: Words, left: Node, first: Word, negated: Word | None) -> Node:
    if (at := words.takes("keyword", "IN")) is not None:
        return _maybe_not(words, _in(words, left, first, at), negated)
    if (at := words.takes("keyword", "BETWEEN")) is not None:
        return _maybe_not(words, _between(words, left, at), negated)
    if (at := words.takes("keyword", "LIKE")) is not None:
        return _maybe_not(words, _like(words, left, first, at), negated)
    if negated is not None:
        raise words.fault("after NOT comes IN, BETWEEN or LIKE here")
    return left


def _maybe_not(words: Words, test: Node, negated: Word | None) -> Node:
    return test if negated is None else words.operation(negated, "not", test, kind="bool")


def _in(words: Words, left: Node, first: Word, at: Word) -> Node:
    if left.kind not in _LISTED:
        raise words.fault("IN takes a number or a text, and this is a condition", first)
    words.require("sign", "(", "IN takes a list such as ('MX', 'JM')")
    members: list[Node] = []
    while True:
        place = words.next
        member = read_sum(words, read_condition)
        if not isinstance(member, Constant):
            raise words.fault("the list of IN holds written values only", place)
        words.require_same_kind(left, member, place)
        members.append(member)
        if len(members) > MOST_MEMBERS:
            raise words.fault(f"the list of IN holds at most {MOST_MEMBERS} values", place)
        if words.takes("sign", ",") is None:
            break
    words.require("sign", ")", "a comma or ) is expected here")
    return words.operation(at, "in", left, *members, kind="bool")


def _between(words: Words, left: Node, at: Word) -> Node:
    place = words.next
    low = read_sum(words, read_condition)
    words.require_same_kind(left, low, place)
    words.require("keyword", "AND", "BETWEEN takes two bounds joined by AND")
    place = words.next
    high = read_sum(words, read_condition)
    words.require_same_kind(left, high, place)
    if left.kind == "bool":
        raise words.fault("BETWEEN takes numbers or texts, not conditions", at)
    above = words.operation(at, ">=", left, low, kind="bool")
    below = words.operation(at, "<=", left, high, kind="bool")
    return words.operation(at, "and", above, below, kind="bool")


def _like(words: Words, left: Node, first: Word, at: Word) -> Node:
    words.require_kind(left, "text", first, "LIKE")
    pattern = words.take()
    if pattern.kind != "text":
        raise words.fault("LIKE takes a pattern in single quotes, such as '%rifle%'", pattern)
    words.count(pattern)
    written = Constant(pattern.value, "text")
    return words.operation(at, "like", left, written, kind="bool")
