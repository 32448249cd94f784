"""Forms that browsers send: bounded, each field once."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from service.api.body import receive
from service.api.problems import InvalidRequest, WrongMediaType

MOST_FORM_BYTES = 64_000
MOST_FIELDS = 50

FORM_TOKEN = "form_token"  # noqa: S105 - name of a field

_URLENCODED = "application/x-www-form-urlencoded"

Fields = Mapping[str, str]


async def read_form(request: Request) -> Fields:
    """Read the fields of a form.

    Parameters
    ----------
    request : fastapi.Request
        The request.

    Returns
    -------
    mapping of str to str
        Field to what was typed.

    Raises
    ------
    WrongMediaType
        If it is no form.
    BodyTooLarge, BodyTooSlow
        If it is too large, or does not arrive.
    InvalidRequest
        If it cannot be read, or gives a field twice.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _URLENCODED:
        raise WrongMediaType(f"send a form as {_URLENCODED}", field="Content-Type")
    body = await receive(request, MOST_FORM_BYTES)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        advice = "this form cannot be read; open the page again and resend it"
        raise InvalidRequest([{"field": "(form)", "detail": advice}]) from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InvalidRequest([{"field": "(form)", "detail": "a field is given twice"}])
    return fields


def form_of(request: Request) -> Fields:
    """Give the form that was read before the route was called.

    Parameters
    ----------
    request : fastapi.Request
        The request.

    Returns
    -------
    mapping of str to str
        Field to what was typed.
    """
    form: Fields = request.state.form
    return form


Form = Annotated[Fields, Depends(form_of)]
"""A route's form, read already."""
