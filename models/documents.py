"""JSON as bundles use it: a value has one spelling, and only that spelling is read."""

import json
from typing import NoReturn

from pydantic import JsonValue

from models.errors import BundleRefused


def write_json(value: JsonValue) -> bytes:
    """Spell a value: keys sorted, two spaces, shortest exact floats, a final newline.

    Parameters
    ----------
    value : JSON value
        What to write.

    Returns
    -------
    bytes
        UTF-8 text.

    Raises
    ------
    ValueError
        If a number is not finite, or text has half a surrogate pair.

    Examples
    --------
    >>> print(write_json({"b": 0.1, "a": []}).decode(), end="")
    {
      "a": [],
      "b": 0.1
    }
    """
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def read_json(data: bytes, file: str) -> JsonValue:
    """Read a value that `write_json` wrote.

    Any other spelling of the same value is refused, so that two readers can never
    disagree about what a signed document says: repeated keys, NaN, stray spaces,
    numbers beyond double precision.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for the error.

    Returns
    -------
    JSON value
        The value.

    Raises
    ------
    BundleRefused
        If it is not JSON, repeats a key, or is not in the one spelling.
    """

    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        found = dict(items)
        if len(found) != len(items):
            raise BundleRefused(file, "a key occurs twice in one object")
        return found

    def constant(name: str) -> NoReturn:
        raise BundleRefused(file, f"{name} is not a JSON number")

    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant
        )
        canonical = write_json(value)
    except (ValueError, RecursionError) as error:
        raise BundleRefused(file, f"it is not the JSON that Weir writes ({error})") from error
    if canonical != data:
        raise BundleRefused(file, "it is not spelled as Weir writes JSON; write it again")
    return value
