"""What the words of a description say, held against the words of the heading that is declared.

Nothing here is fitted. The words of a heading are those of the reference: its own text and the
title of its chapter. A description in words that no heading has, in whatever language or
script, is neither for nor against its heading: it is left out, not counted as strange.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from features.filing_goods import calls_it_used
from features.reference.tables import chapters, headings, vague_words

_WORD = re.compile(r"[^\W\d_]{2,}")
_LINKING = frozenset(
    {"all", "and", "as", "at", "by", "certain", "for", "from", "in", "not", "of", "on", "or"}
    | {"per", "see", "stuff", "than", "the", "their", "thereof", "to", "with", "without"}
)
_HISSING = ("ches", "shes", "sses", "xes", "zes")
_SHORTEST_PLURAL = 4
_MOST_DESCRIPTIONS = 32_768
WORD_BITS = 9
MOST_WORDS = (1 << WORD_BITS) - 1
"""Most words of one kind that a description of 500 characters can have, and their mask."""


class Wording(NamedTuple):
    """What the words of a description say.

    Parameters
    ----------
    n_own : int
        Distinct words that belong to the declared heading.
    n_elsewhere : int
        Distinct words that belong to other headings only.
    vague : bool
        Whether every word says next to nothing, or there is none.
    used : bool
        Whether the goods are called used.
    """

    n_own: int
    n_elsewhere: int
    vague: bool
    used: bool


class _Said(NamedTuple):
    """What a description says under whatever heading."""

    known: frozenset[str]
    vague: bool
    used: bool


def words(text: str) -> frozenset[str]:
    """List the distinct words of a text, written so that they compare equal.

    Compatibility forms and case are folded, English plurals lose their ending, numbers and
    words that only link others are left out.

    Parameters
    ----------
    text : str
        Any text in any script.

    Returns
    -------
    frozenset of str
        Words of two letters or more.

    Examples
    --------
    >>> sorted(words("2 Boxes of batteries, USED"))
    ['battery', 'box', 'used']
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return frozenset(map(_singular, _WORD.findall(folded))) - _LINKING


def _singular(word: str) -> str:
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word.endswith("ss"):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_HISSING) else word[:-1]


@cache
def _vague() -> frozenset[str]:
    return words(" ".join(vague_words()))


@cache
def _vocabulary() -> Mapping[str, frozenset[str]]:
    texts = {number: heading.text for number, heading in headings().items()} | dict(chapters())
    return {number: words(text) - _vague() for number, text in texts.items()}


@cache
def _known() -> frozenset[str]:
    return frozenset().union(*_vocabulary().values())


@lru_cache(maxsize=4096)
def _own_words(heading: str) -> frozenset[str]:
    parts = (_vocabulary().get(heading[:digits], frozenset()) for digits in (2, 4, 6))
    return frozenset().union(*parts)


def wording(description: str, heading: str) -> Wording:
    """Hold a description against the heading that it is declared under.

    Parameters
    ----------
    description : str
        The description of a line.
    heading : str
        Its Schedule B number; the first six digits count.

    Returns
    -------
    Wording
        Counts of words and two flags.

    Examples
    --------
    >>> wording("used television", "852872")
    Wording(n_own=1, n_elsewhere=0, vague=False, used=True)
    >>> wording("wooden furniture", "8528").n_elsewhere
    2
    """
    said = _said(description)
    n_own = len(said.known & _own_words(heading[:6]))
    return Wording(n_own, len(said.known) - n_own, said.vague, said.used)


@lru_cache(maxsize=_MOST_DESCRIPTIONS)
def _said(description: str) -> _Said:
    said = words(description)
    return _Said(said & _known(), said <= _vague(), calls_it_used(description))


@lru_cache(maxsize=_MOST_DESCRIPTIONS)
def pack_wording(description: str, schedule_b: str) -> int:
    """Give the wording of a line as one integer, for arrays.

    Parameters
    ----------
    description, schedule_b : str
        The fields of the line.

    Returns
    -------
    int
        From the lowest bit: nine bits of words of the heading, nine of words of other
        headings, then the flags vague and used.
    """
    found = wording(description, schedule_b)
    flags = found.vague | found.used << 1
    return found.n_own | found.n_elsewhere << WORD_BITS | flags << 2 * WORD_BITS
