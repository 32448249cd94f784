"""The words of a predicate: names, numbers, texts in quotes and signs, each with its place."""

import math
import re
from typing import Literal, NamedTuple

from models.predicates.faults import InvalidPredicate

LONGEST_TEXT = 4_000
"""Characters of a predicate."""

WordKind = Literal["name", "keyword", "number", "text", "sign", "end"]

KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "TRUE", "FALSE"})

_WORD = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<sign><=|>=|<>|!=|[=<>+\-*/(),])"
)

_ADVICE = {
    '"': "write texts in single quotes, and columns without quotes",
    "'": "this text does not end; close it with a single quote, and write one inside it twice",
    ";": "a rule is one condition, without a semicolon",
    "%": "there is no remainder; % stands only in the pattern of LIKE",
    "|": "texts cannot be joined",
    ".": "columns stand without the name of a table",
    "!": "write <> for 'is not' and NOT for 'does not hold'",
}


class Word(NamedTuple):
    """One word of a predicate.

    Parameters
    ----------
    kind : str
        One of `WordKind`.
    value : str
        A name in lower case, a keyword in capitals, the content of a text, or as written.
    position : int
        Where it begins, in characters from 0.
    """

    kind: WordKind
    value: str
    position: int


def read_words(text: str) -> list[Word]:
    """Cut a predicate into words.

    Parameters
    ----------
    text : str
        The predicate.

    Returns
    -------
    list of Word
        In order; the last is of kind `end`.

    Raises
    ------
    InvalidPredicate
        If it is too long, or has a character that no word begins with.

    Examples
    --------
    >>> [word.value for word in read_words("mode = 'pov'")]
    ['mode', '=', 'pov', '']
    """
    if len(text) > LONGEST_TEXT:
        raise InvalidPredicate(text, LONGEST_TEXT, f"give at most {LONGEST_TEXT} characters")
    words: list[Word] = []
    place = 0
    while place < len(text):
        match = _WORD.match(text, place)
        if match is None or text.startswith(("--", "/*"), place):
            raise InvalidPredicate(text, place, _advice(text, place))
        if match.lastgroup != "space":
            words.append(_word(text, match))
        place = match.end()
    return [*words, Word("end", "", len(text.rstrip()))]


def _advice(text: str, place: int) -> str:
    if text.startswith(("--", "/*"), place):
        return "comments are not allowed; say it in the rule's text"
    character = text[place]
    return _ADVICE.get(character, f"the character {character!r} has no meaning here; remove it")


def _word(text: str, match: re.Match[str]) -> Word:
    written, place = match[0], match.start()
    if match.lastgroup == "name":
        capitals = written.upper()
        if capitals in KEYWORDS:
            return Word("keyword", capitals, place)
        return Word("name", written.lower(), place)
    if match.lastgroup == "text":
        return Word("text", _content(text, written, place), place)
    if match.lastgroup == "number":
        if not math.isfinite(float(written)):
            raise InvalidPredicate(text, place, "this number is too large")
        return Word("number", written, place)
    return Word("sign", "<>" if written == "!=" else written, place)


def _content(text: str, written: str, place: int) -> str:
    content = written[1:-1].replace("''", "'")
    if not content.isprintable():
        raise InvalidPredicate(text, place, "remove line breaks and control characters from it")
    return content
