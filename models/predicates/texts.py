"""Functions of texts, which both ways of running a predicate call, so that they cannot differ."""

import re
from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=1_024)
def like(pattern: str) -> Callable[[str], bool]:
    """Make the test whether a text is like a pattern, capitals and small letters apart.

    Parameters
    ----------
    pattern : str
        `%` stands for any characters or none, `_` for one character. There is no escape.

    Returns
    -------
    callable
        Takes a text. Its time grows with the product of both lengths at most: each part is
        found where it first occurs and never looked for again.

    Examples
    --------
    >>> like("%rifle_")("old rifles"), like("rifle%")("old rifles")
    (True, False)
    """
    parts = pattern.split("%")
    wanted = [re.escape(part).replace("_", ".") for part in parts]
    if len(wanted) == 1:
        written = wanted[0]
    else:
        inner = "".join(f"(?>.*?{part})" for part in wanted[1:-1] if part)
        written = f"{wanted[0]}{inner}.*{wanted[-1]}"
    matches = re.compile(written, re.DOTALL).fullmatch
    return lambda text: matches(text) is not None


def lower(text: str) -> str:
    """Write a text in small letters.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The same in small letters, as Unicode has it.
    """
    return text.lower()
