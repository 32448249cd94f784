"""What the descriptions of the lines say, held against the headings they are declared under."""

import numpy as np

from features.descriptions import MOST_WORDS, WORD_BITS
from features.encoding import Encoded, Flags, Integers, Numbers
from features.line_sums import count_lines, lowest


def words_of_heading(encoded: Encoded) -> Integers:
    """Count the words of each line that belong to its heading.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of int, shape (m,)
        Distinct words.
    """
    return encoded.lines["wording"] & MOST_WORDS


def words_of_others(encoded: Encoded) -> Integers:
    """Count the words of each line that belong to other headings only.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of int, shape (m,)
        Distinct words.
    """
    return encoded.lines["wording"] >> WORD_BITS & MOST_WORDS


def is_vague(encoded: Encoded) -> Flags:
    """Tell which lines say next to nothing of their goods.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (m,)
        True where no word, or none but vague ones, is given.
    """
    return (encoded.lines["wording"] >> 2 * WORD_BITS & 1) > 0


def is_called_used(encoded: Encoded) -> Flags:
    """Tell which lines call their goods used.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (m,)
        True as `features.filing_goods.calls_it_used` has it.
    """
    return (encoded.lines["wording"] >> (2 * WORD_BITS + 1)) > 0


def heading_words_share(encoded: Encoded) -> Numbers:
    """Give the share of a line's known words that belong to its heading, of the worst line.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lowest share; NaN where no line has a word of any heading.
    """
    own = encoded.shared(words_of_heading)
    known = own + encoded.shared(words_of_others)
    return lowest(encoded, np.where(known > 0, own / np.maximum(known, 1), np.nan))


def n_elsewhere_lines(encoded: Encoded) -> Numbers:
    """Count lines whose words belong to other headings and not to their own.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lines; NaN for vehicles.
    """
    own, others = encoded.shared(words_of_heading), encoded.shared(words_of_others)
    return count_lines(encoded, (own == 0) & (others > 0))


def n_vague_lines(encoded: Encoded) -> Numbers:
    """Count lines that say next to nothing of their goods.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lines; NaN for vehicles.
    """
    return count_lines(encoded, is_vague(encoded))


def shortest_description(encoded: Encoded) -> Numbers:
    """Give the length of the shortest description of a line.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Characters; NaN for vehicles.
    """
    return lowest(encoded, encoded.lines["description_length"].astype(np.float64))
