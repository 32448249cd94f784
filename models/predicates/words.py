"""Reading the words of a predicate one after the other, within its size."""

from models.predicates.faults import InvalidPredicate
from models.predicates.lexer import Word, WordKind, read_words
from models.predicates.tree import Kind, Node, Operation, Operator

MOST_NODES = 300
"""Columns, constants and operators in one predicate."""

DEEPEST = 24
"""Brackets, NOT, minus signs and functions within each other."""

_KIND_NAMES = {"number": "a number", "text": "a text", "bool": "a condition"}


class Words:
    """The words of one predicate, and where its reader stands.

    `in_line` tells whether that is within `any_line`, where the columns of a line are seen.

    Parameters
    ----------
    text : str
        The predicate.

    Raises
    ------
    InvalidPredicate
        If it cannot be cut into words.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._words = read_words(text)
        self._place = 0
        self._depth = 0
        self._n_nodes = 0
        self.in_line = False

    @property
    def next(self) -> Word:
        """The word that comes next, which is not taken yet."""
        return self._words[self._place]

    def take(self) -> Word:
        """Take the next word."""
        word = self.next
        if word.kind != "end":
            self._place += 1
        return word

    def takes(self, kind: WordKind, *values: str) -> Word | None:
        """Take the next word if it is one of these.

        Parameters
        ----------
        kind : str
            Its kind.
        *values : str
            What it may be.

        Returns
        -------
        Word or None
            None if the next word is another one; it is not taken then.
        """
        if self.next.kind == kind and self.next.value in values:
            return self.take()
        return None

    def require(self, kind: WordKind, value: str, why: str) -> Word:
        """Take the next word, which must be this one.

        Parameters
        ----------
        kind, value : str
            What it must be.
        why : str
            What to tell somebody who wrote another one.

        Returns
        -------
        Word
            The word.

        Raises
        ------
        InvalidPredicate
            If it is another one; points at it.
        """
        word = self.takes(kind, value)
        if word is None:
            raise self.fault(why)
        return word

    def fault(self, problem: str, at: Word | None = None) -> InvalidPredicate:
        """Make the error that points at a word.

        Parameters
        ----------
        problem : str
            What is wrong and what to do.
        at : Word, optional
            The word, by default the next one.

        Returns
        -------
        InvalidPredicate
            To be raised.
        """
        return InvalidPredicate(self.text, (at or self.next).position, problem)

    def count(self, at: Word) -> None:
        """Count one part of the predicate, and refuse too many.

        Parameters
        ----------
        at : Word
            Where it stands.

        Raises
        ------
        InvalidPredicate
            If the predicate is too large.
        """
        self._n_nodes += 1
        if self._n_nodes > MOST_NODES:
            raise self.fault(
                f"more than {MOST_NODES} columns, values and operators; make several rules of it",
                at,
            )

    def enter(self, at: Word) -> None:
        """Go one level deeper, and refuse to go too deep.

        Parameters
        ----------
        at : Word
            What opens the level.

        Raises
        ------
        InvalidPredicate
            If there are too many levels.
        """
        self._depth += 1
        if self._depth > DEEPEST:
            raise self.fault(f"more than {DEEPEST} levels within each other; make it flatter", at)

    def leave(self) -> None:
        """Come back from a level."""
        self._depth -= 1

    def operation(self, at: Word, operator: Operator, *operands: Node, kind: Kind) -> Operation:
        """Make an operation and count it.

        Parameters
        ----------
        at : Word
            The operator as written.
        operator : str
            What it does.
        *operands : Node
            What it is applied to.
        kind : str
            Kind of its result.

        Returns
        -------
        Operation
            The node.
        """
        self.count(at)
        return Operation(operator, operands, kind)

    def require_kind(self, node: Node, kind: Kind, at: Word, whose: str) -> None:
        """Refuse an operand of another kind.

        Parameters
        ----------
        node : Node
            The operand.
        kind : str
            What it must be.
        at : Word
            Where it stands.
        whose : str
            Who needs it, such as `AND`.

        Raises
        ------
        InvalidPredicate
            If it is of another kind.
        """
        if node.kind != kind:
            raise self.fault(
                f"{whose} takes {_KIND_NAMES[kind]}, and this is {_KIND_NAMES[node.kind]}", at
            )

    def require_same_kind(self, left: Node, right: Node, at: Word) -> None:
        """Refuse to compare values of two kinds.

        Parameters
        ----------
        left, right : Node
            The values.
        at : Word
            The right one.

        Raises
        ------
        InvalidPredicate
            If their kinds differ.
        """
        if left.kind != right.kind:
            raise self.fault(
                f"{_KIND_NAMES[left.kind]} is compared with {_KIND_NAMES[right.kind]}; "
                "texts stand in single quotes, numbers do not",
                at,
            )
