"""What the declared goods weigh and are worth, against the norm of their heading."""

from collections.abc import Callable

import numpy as np

from features.declared_value import CENTS_PER_USD, of_shipments, sum_of_lines, value_cents
from features.encoding import MISSING, Encoded, Integers, Numbers, numbers
from features.reference.tables import headings

GRAMS_PER_KG = 1000.0
_ARMS = ("firearm", "ammunition", "parts")


def n_lines(encoded: Encoded) -> Numbers:
    """Count the lines of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lines; NaN for vehicles.
    """
    ones = np.ones(len(encoded.line_item), dtype=np.int64)
    return of_shipments(encoded, sum_of_lines(encoded, ones))


def value_per_kg_usd(encoded: Encoded) -> Numbers:
    """Give the declared value per kilogram of gross weight.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        US dollars per kilogram; NaN without a gross weight.
    """
    cents = value_cents(encoded)
    weight = encoded.items["gross_grams"]
    ratio = (cents / CENTS_PER_USD) / (np.maximum(weight, 1) / GRAMS_PER_KG)
    return np.where(weight > 0, ratio, np.nan)


def undeclared_weight_share(encoded: Encoded) -> Numbers:
    """Give the share of the gross weight that no line accounts for.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        1 for none of it declared, below 0 where lines weigh more than the whole; NaN without.
    """
    gross = encoded.items["gross_grams"]
    lines = sum_of_lines(encoded, encoded.lines["grams"])
    return np.where(gross > 0, (gross - lines) / np.maximum(gross, 1), np.nan)


def top_heading(encoded: Encoded) -> Numbers:
    """Give the heading of the most valuable line, the first of equals.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Its four digits as a number; NaN for vehicles.
    """
    value, item = encoded.lines["value_cents"], encoded.line_item
    order = np.lexsort((-np.arange(len(item)), value, item))
    last = np.append(item[order][1:] != item[order][:-1], True)[: len(item)]
    top = np.full(encoded.n_items, MISSING, dtype=np.int64)
    top[item[order][last]] = encoded.lines["heading_4"][order][last]
    return numbers(top)


def _norms(attribute: str) -> tuple[Integers, Numbers]:
    known = {
        int(number): bounds
        for number, heading in headings().items()
        if (bounds := getattr(heading, attribute)) is not None
    }
    ordered = np.array(sorted(known), dtype=np.int64)
    return ordered, np.array([np.sqrt(known[n][0] * known[n][1]) for n in sorted(known)])


VALUE_NORMS = _norms("unit_value_usd")
"""Schedule B numbers, ascending, and the geometric middle of their unit values in US dollars."""
WEIGHT_NORMS = _norms("unit_kg")
"""Schedule B numbers, ascending, and the geometric middle of their unit weights in kilograms."""


def _norm(encoded: Encoded, norms: tuple[Integers, Numbers]) -> Numbers:
    known, middle = norms
    found = np.full(len(encoded.line_item), np.nan)
    for column in ("heading_4", "heading_6"):
        wanted = encoded.lines[column]
        where = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        found = np.where(known[where] == wanted, middle[where], found)
    return found


def _farthest(encoded: Encoded, ratio: Numbers, *, above: bool) -> Numbers:
    worst = np.full(encoded.n_items, np.nan)
    (np.fmax if above else np.fmin).at(worst, encoded.line_item, ratio)
    return worst


def unit_ratio(
    total: str, unit: float, norms: tuple[Integers, Numbers], *, above: bool
) -> Callable[[Encoded], Numbers]:
    """Make the function that holds what one unit is worth or weighs against its heading.

    Parameters
    ----------
    total : str
        An encoded column of lines: `value_cents` or `grams`.
    unit : float
        How many of it make the unit of the norm.
    norms : tuple of array
        `VALUE_NORMS` or `WEIGHT_NORMS`.
    above : bool
        Whether the highest ratio of an item counts, or the lowest.

    Returns
    -------
    callable
        Takes `Encoded`, returns ratios of shape (n,), NaN where no line has a norm.
    """

    def compute(encoded: Encoded) -> Numbers:
        quantity = encoded.lines["quantity"]
        each = encoded.lines[total] / unit / np.maximum(quantity, 1)
        ratio = np.where(quantity > 0, each, np.nan) / _norm(encoded, norms)
        return _farthest(encoded, ratio, above=above)

    return compute


def n_with(column: str) -> Callable[[Encoded], Numbers]:
    """Make the function that counts lines with a flag.

    Parameters
    ----------
    column : str
        An encoded column of lines that is 0 or 1.

    Returns
    -------
    callable
        Takes `Encoded`, returns counts of shape (n,), NaN for vehicles.
    """
    return lambda encoded: of_shipments(encoded, sum_of_lines(encoded, encoded.lines[column]))


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
    return _farthest(encoded, encoded.lines["description_length"].astype(np.float64), above=False)


_ARMS_HEADINGS = np.array(
    sorted(int(number) for number, heading in headings().items() if heading.kind in _ARMS),
    dtype=np.int64,
)


def n_arms_lines(encoded: Encoded) -> Numbers:
    """Count lines under a heading of firearms, their parts or ammunition.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lines; NaN for vehicles.
    """
    firearm = np.isin(encoded.lines["heading_4"], _ARMS_HEADINGS).astype(np.int64)
    return of_shipments(encoded, sum_of_lines(encoded, firearm))
