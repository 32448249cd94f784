"""What the declared goods weigh and are worth, against the norm of their heading."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from features.declared_value import CENTS_PER_USD, value_cents
from features.encoding import MISSING, Encoded, Numbers, numbers
from features.line_readings import HEADINGS, LICENCES
from features.line_sums import count_lines, highest, lowest, of_shipments, sum_of_lines
from features.reference.tables import headings

GRAMS_PER_KG = 1000.0
MAD_TO_SIGMA = 1.4826
"""Makes the median absolute deviation of a normal law its standard deviation."""

SMALLEST_MAD = 0.05
"""Least spread of a norm in log units: no price and no scale is surer than 5 percent."""

_SMALLEST_UNIT = 0.001
_ARMS_KINDS = ("firearm", "ammunition", "parts")


class Norm(NamedTuple):
    """Median and spread of the natural logarithm of a unit figure, per known heading.

    Parameters
    ----------
    center : array of float, shape (h + 1,)
        Medians by position of the heading; NaN where none is known, and last.
    mad : array of float, shape (h + 1,)
        Median absolute deviations.
    """

    center: Numbers
    mad: Numbers


def _norm(bounds: Sequence[tuple[float, float] | None]) -> Norm:
    """Read median and spread off the usual range of each heading.

    The reference gives a low and a high figure. Between them every ratio is taken to be as
    likely as any other (log-uniform), so the median of the logarithm is the middle of the
    range and half of all figures lie within a quarter of the range from it.
    """
    nothing = (np.nan, np.nan)
    logs = np.log(np.array([pair or nothing for pair in (*bounds, None)]))
    spread = (logs[:, 1] - logs[:, 0]) / 4
    return Norm(logs.mean(axis=1), np.maximum(spread, SMALLEST_MAD))


_KNOWN = [headings()[number] for number in HEADINGS]
VALUE_NORM = _norm([heading.unit_value_usd for heading in _KNOWN])
"""Of the value of one unit in US dollars."""
WEIGHT_NORM = _norm([heading.unit_kg for heading in _KNOWN])
"""Of the weight of one unit in kilograms."""
DENSITY_NORM = Norm(
    VALUE_NORM.center - WEIGHT_NORM.center, np.hypot(VALUE_NORM.mad, WEIGHT_NORM.mad)
)
"""Of the value of one kilogram in US dollars; value and weight of a unit taken as unrelated."""


def robust_z(encoded: Encoded, figure: Numbers, norm: Norm) -> Numbers:
    """Say how far a figure of a line lies from the norm of its heading.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.
    figure : array of float, shape (m,)
        One positive figure per line; NaN where there is none.
    norm : Norm
        What it is held against.

    Returns
    -------
    array of float, shape (m,)
        (ln figure - median) / (1.4826 MAD); NaN without a figure or a norm.

    References
    ----------
    .. [1] Hampel, "The influence curve and its role in robust estimation", JASA 69 (1974).
    """
    heading = encoded.lines["heading"]
    return (np.log(figure) - norm.center[heading]) / (MAD_TO_SIGMA * norm.mad[heading])


def _each(encoded: Encoded, column: str, unit: float) -> Numbers:
    quantity = encoded.lines["quantity"]
    each = encoded.lines[column] / unit / np.maximum(quantity, 1)
    return np.where(quantity > 0, np.maximum(each, _SMALLEST_UNIT), np.nan)


def unit_value_z(encoded: Encoded) -> Numbers:
    """Hold the value of one unit of each line against its heading.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (m,)
        Robust z; NaN without a quantity or a norm.
    """
    return robust_z(encoded, _each(encoded, "value_cents", CENTS_PER_USD), VALUE_NORM)


def unit_weight_z(encoded: Encoded) -> Numbers:
    """Hold the weight of one unit of each line against its heading.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (m,)
        Robust z; NaN without a quantity or a norm.
    """
    return robust_z(encoded, _each(encoded, "grams", GRAMS_PER_KG), WEIGHT_NORM)


def density_z(encoded: Encoded) -> Numbers:
    """Hold the value of one kilogram of each line against its heading, whatever the quantity.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (m,)
        Robust z; NaN without a weight or a norm.
    """
    grams = encoded.lines["grams"]
    usd = np.maximum(encoded.lines["value_cents"], 1) / CENTS_PER_USD
    density = usd / (np.maximum(grams, 1) / GRAMS_PER_KG)
    return robust_z(encoded, np.where(grams > 0, density, np.nan), DENSITY_NORM)


def lowest_of(compute: Callable[[Encoded], Numbers]) -> Callable[[Encoded], Numbers]:
    """Make the function that takes the lowest of the lines.

    Parameters
    ----------
    compute : callable
        Takes `Encoded`, returns one number per line.

    Returns
    -------
    callable
        Takes `Encoded`, returns one number per item.
    """
    return lambda encoded: lowest(encoded, encoded.shared(compute))


def highest_of(compute: Callable[[Encoded], Numbers]) -> Callable[[Encoded], Numbers]:
    """Make the function that takes the highest of the lines.

    Parameters
    ----------
    compute : callable
        Takes `Encoded`, returns one number per line.

    Returns
    -------
    callable
        Takes `Encoded`, returns one number per item.
    """
    return lambda encoded: highest(encoded, encoded.shared(compute))


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
    return of_shipments(encoded, np.bincount(encoded.line_item, minlength=encoded.n_items))


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
    cents = encoded.shared(value_cents)
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
    order = np.lexsort((-value, item))
    first = np.ones(len(item), dtype=np.bool_)
    first[1:] = item[1:] != item[:-1]
    top = np.full(encoded.n_items, MISSING, dtype=np.int64)
    top[item[first]] = encoded.lines["heading_4"][order][first]
    return numbers(top)


_ARMS_HEADINGS = np.array([*(heading.kind in _ARMS_KINDS for heading in _KNOWN), False])


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
    return count_lines(encoded, _ARMS_HEADINGS[encoded.lines["heading"]])


def n_licence_lines(encoded: Encoded) -> Numbers:
    """Count lines that name a licence or a licence exception.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lines; NaN for vehicles.
    """
    return count_lines(encoded, encoded.lines["licence"] != LICENCES.index("none"))
