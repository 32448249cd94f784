"""What was typed into a form, held against its record."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from features.errors import WeirError
from features.refusals import refusals
from service.api.problems import InvalidRequest
from service.web.forms import Fields

Record = TypeVar("Record")

Faults = Mapping[str, str]
"""Field to what is wrong with it; an empty name is about the form as a whole."""


class Unacceptable(Exception):  # noqa: N818 - named after what was typed
    """A form with faults.

    Parameters
    ----------
    faults : mapping of str to str
        Field to what is wrong with it.
    """

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults

    def as_request(self) -> InvalidRequest:
        """Give the same as the error of a request, where there is no form to show again."""
        return InvalidRequest(
            [{"field": field, "detail": fault} for field, fault in self.faults.items()]
        )


def one_line(text: str) -> str:
    """Write what was typed on several lines as one, since records hold no line breaks.

    Parameters
    ----------
    text : str
        What was typed.

    Returns
    -------
    str
        The same words.
    """
    return " ".join(text.split())


def number(text: str) -> object:
    """Read a number that was typed, or leave it to be refused.

    Parameters
    ----------
    text : str
        What was typed.

    Returns
    -------
    int, float or str
        The number, or the text itself.
    """
    plain = text.strip().replace(",", "")
    if plain.isascii() and plain.isdecimal():
        return int(plain)
    try:
        return float(plain)
    except ValueError:
        return text


def check(adapter: TypeAdapter[Record], values: Mapping[str, Any]) -> Record:
    """Make the record that a form is for.

    Parameters
    ----------
    adapter : pydantic.TypeAdapter
        The record.
    values : mapping of str to Any
        Its fields; those left empty are left out.

    Returns
    -------
    Record
        The record.

    Raises
    ------
    Unacceptable
        If a field is missing or cannot be used.
    """
    given = {name: value for name, value in values.items() if value not in ("", None)}
    try:
        return adapter.validate_python(given)
    except ValidationError as refused:
        faults = {each.field: each.problem for each in refusals(refused)}
        raise Unacceptable(faults) from None


def fault_of(error: WeirError, fields: Fields) -> Faults:
    """Tell which field of a form an error is about.

    Parameters
    ----------
    error : WeirError
        Why it was not done.
    fields : mapping of str to str
        The form.

    Returns
    -------
    mapping of str to str
        One field, or the whole form, to what is wrong.
    """
    field = error.field if error.field and error.field in fields else ""
    return {field: error.detail}
