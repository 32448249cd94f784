"""The error that points at the place in a predicate."""

from features.errors import WeirError

FIELD = "predicate"

_WIDEST = 76
"""Characters of the predicate that an error shows."""


class InvalidPredicate(WeirError):  # noqa: N818 - named after the user's mistake
    """A predicate that the grammar, the columns or the kinds of values do not allow.

    Parameters
    ----------
    text : str
        The whole predicate.
    position : int
        Where the fault begins, in characters from 0.
    problem : str
        What is wrong there and what to do.
    """

    def __init__(self, text: str, position: int, problem: str) -> None:
        shown, caret = _excerpt(text, position)
        super().__init__(f"character {position + 1}: {problem}\n{shown}\n{caret}", field=FIELD)
        self.position = position


def _excerpt(text: str, position: int) -> tuple[str, str]:
    """Give the line of the fault, cut to a width, and a line with a caret under it."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start : end if end >= 0 else None]
    column = position - start
    first = max(0, column - _WIDEST // 2)
    visible = "".join(
        character if character.isprintable() else " " for character in line[first : first + _WIDEST]
    )
    return visible, " " * (column - first) + "^"
