"""What somebody typed while their session ended: it comes back after they sign in again."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

_LOCAL = re.compile(r"/[A-Za-z0-9._:/-]*(\?[A-Za-z0-9._:/=&%+-]*)?")
_RESUMED = re.compile(r"/items/[A-Za-z0-9._:-]{1,64}/(finding|skip)")


class Typed(NamedTuple):
    """A form that was sent without a session.

    Parameters
    ----------
    path : str
        Where it was sent.
    fields : mapping of str to str
        What was typed.
    """

    path: str
    fields: Mapping[str, str]

    @property
    def text(self) -> str:
        """The fields as text for one field of another form."""
        return urlencode(list(self.fields.items()))


def may_resume(path: str) -> bool:
    """Tell whether a form is shown again, with what was typed.

    Parameters
    ----------
    path : str
        Where it was sent.

    Returns
    -------
    bool
        True for findings, which take minutes to type, and skips.
    """
    return _RESUMED.fullmatch(path) is not None


def read_typed(path: str, text: str) -> Typed | None:
    """Read back what `Typed.text` wrote.

    Parameters
    ----------
    path : str
        Where the form was sent.
    text : str
        What was typed.

    Returns
    -------
    Typed or None
        None if there is nothing, or the form is not one that comes back.
    """
    if not text or not may_resume(path):
        return None
    return Typed(path, dict(parse_qsl(text, keep_blank_values=True)))


def local_path(given: str) -> str:
    r"""Keep a visitor here: give a path of this server, or the first page.

    Parameters
    ----------
    given : str
        Where a form says that it wants to go.

    Returns
    -------
    str
        The same if it is a plain path of this server, else `/`.

    Examples
    --------
    >>> local_path("/queue?mode=pov"), local_path("//elsewhere.example"), local_path("/\\x")
    ('/queue?mode=pov', '/', '/')
    """
    parts = urlsplit(given)
    plain = _LOCAL.fullmatch(given) and not given.startswith("//") and "//" not in parts.path
    return given if plain and not parts.netloc else "/"
