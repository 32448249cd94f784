"""What a refused record should be told: the field as the caller wrote it, and what to do."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_ADVICE: Mapping[str, str] = {
    "bool_type": "give true or false",
    "dict_type": "give an object with the fields of an item",
    "extra_forbidden": "this field is unknown; remove it or check its spelling",
    "finite_number": "give a finite number",
    "float_type": "give a number, without quotes",
    "greater_than_equal": "give {ge} or more",
    "int_from_float": "give a whole number",
    "int_type": "give a whole number, without quotes",
    "json_invalid": "this is not JSON: {error}",
    "less_than_equal": "give {le} or less",
    "list_type": "give a list",
    "literal_error": "give one of {expected}",
    "missing": "this field is missing; add it",
    "model_attributes_type": "give an object with the fields of an item",
    "model_type": "give an object with fields",
    "string_pattern_mismatch": "give text of the form {pattern}",
    "string_too_long": "give at most {max_length} characters",
    "string_too_short": "give at least {min_length} characters",
    "string_type": "give text, in quotes",
    "string_unicode": "give text that is valid Unicode",
    "too_long": "give at most {max_length} entries",
    "too_short": "give at least {min_length} entries",
    "union_tag_invalid": "give one of {expected_tags}",
    "union_tag_not_found": "this field is missing; give 'vehicle' or 'shipment'",
}
_PARAMETER_ADVICE: Mapping[str, str] = {
    "int_parsing": "give a whole number",
    "missing": "this parameter is missing; add it",
    "string_too_short": "this parameter is empty; give a value or leave it out",
}
_TAGS = frozenset({"vehicle", "shipment"})
MOST_FAULTS = 20
"""Faults that are put into words; how many there are is `ValidationError.error_count()`."""
_LONGEST_STEP = 100
_ELLIPSIS = "..."


class Refusal(NamedTuple):
    """One reason to refuse a record.

    Parameters
    ----------
    field : str
        The field as the caller wrote it, such as `lines[0].value_usd`; empty for the whole.
    problem : str
        What is wrong or what to do about it. It never repeats what was sent as a whole.
    code : str
        Short name of the reason.
    """

    field: str
    problem: str
    code: str


def refusals(error: ValidationError) -> tuple[Refusal, ...]:
    """Put a validation error into words for whoever sent the record.

    Parameters
    ----------
    error : pydantic.ValidationError
        Raised by `features.items.ITEM` or by any record of `features.records`.

    Returns
    -------
    tuple of Refusal
        One per fault, in the order of the fields; the first `MOST_FAULTS` of them.

    Examples
    --------
    >>> from features.items import ITEM
    >>> try:
    ...     ITEM.validate_json('{"kind": "boat"}')
    ... except ValidationError as error:
    ...     refusals(error)[0]
    Refusal(field='kind', problem="give one of 'vehicle', 'shipment'", code='union_tag_invalid')
    """
    faults = error.errors(include_url=False, include_input=False)[:MOST_FAULTS]
    return tuple(_refusal(fault) for fault in faults)


def parameter_refusal(fault: ErrorDetails) -> Refusal:
    """Put a fault of a query or path parameter into words; those are text without quotes.

    Parameters
    ----------
    fault : pydantic_core.ErrorDetails
        One fault; its location begins with where the parameter stood.

    Returns
    -------
    Refusal
        The parameter's name, and what to do.
    """
    where, *steps = fault["loc"]
    found = _refusal({**fault, "loc": tuple(steps)})
    problem = _PARAMETER_ADVICE.get(fault["type"], found.problem)
    return found._replace(field=found.field or str(where), problem=problem)


def _refusal(fault: ErrorDetails) -> Refusal:
    code = fault["type"]
    advice = _ADVICE.get(code)
    problem = fault["msg"] if advice is None else advice.format_map(fault.get("ctx", {}))
    location = fault["loc"]
    if code.startswith("union_tag"):
        location = (*location, "kind")
    return Refusal(_path(location), problem, code)


def _path(location: Iterable[int | str]) -> str:
    first, *rest = (*location, "")
    steps = rest if first in _TAGS else [first, *rest]
    path = "".join(
        f"[{step}]" if isinstance(step, int) else f".{_cut(step)}" for step in steps if step != ""
    )
    return path.removeprefix(".")


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_STEP else name[:_LONGEST_STEP] + _ELLIPSIS
