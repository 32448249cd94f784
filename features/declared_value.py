"""Declared value, per item and per Schedule B number, against the filing threshold."""

import numpy as np
import numpy.typing as npt

from features.encoding import MISSING, Encoded, Integers, Numbers

THRESHOLD_CENTS = 250_000
"""No filing at or under $2,500 per Schedule B number, 15 CFR 30.37(a)."""
JUST_UNDER_CENTS = 200_000
"""From here to the threshold a value counts as just under it (assumption A-just_under_2500)."""

CENTS_PER_USD = 100.0


def is_shipment(encoded: Encoded) -> npt.NDArray[np.bool_]:
    """Tell which items are shipments.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (n,)
        True for shipments, which alone have a content.
    """
    return np.not_equal(encoded.items["content"], MISSING)


def sum_of_lines(encoded: Encoded, values: Integers) -> Integers:
    """Sum integers of lines for each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.
    values : array of int, shape (m,)
        One integer per line.

    Returns
    -------
    array of int, shape (n,)
        Sums; 0 for items without lines.
    """
    totals = np.zeros(encoded.n_items, dtype=np.int64)
    np.add.at(totals, encoded.line_item, values)
    return totals


def of_shipments(encoded: Encoded, values: Integers | Numbers) -> Numbers:
    """Keep values of shipments and say that vehicles have none.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.
    values : array, shape (n,)
        One number per item.

    Returns
    -------
    array of float, shape (n,)
        The same numbers; NaN for vehicles.
    """
    return np.where(is_shipment(encoded), values.astype(np.float64), np.nan)


def value_cents(encoded: Encoded) -> Integers:
    """Sum the declared value of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of int, shape (n,)
        US cents; 0 for items without lines.
    """
    return sum_of_lines(encoded, encoded.lines["value_cents"])


def value_usd(encoded: Encoded) -> Numbers:
    """Give the declared value of all lines of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        US dollars; NaN for vehicles.
    """
    return of_shipments(encoded, value_cents(encoded)) / CENTS_PER_USD


def number_totals(encoded: Encoded) -> tuple[Integers, Integers]:
    """Sum the declared value of each Schedule B number of each item.

    The low-value exemption is judged per number, so two lines of one number are one sum.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    item : array of int, shape (k,)
        Position of the item of each sum, ascending.
    cents : array of int, shape (k,)
        The sums in US cents.

    References
    ----------
    .. [1] 15 CFR 30.37(a).
    """
    six, four = encoded.lines["heading_6"], encoded.lines["heading_4"]
    number = np.where(six == MISSING, four, six)
    keys, where = np.unique(encoded.line_item * 1_000_000 + number, return_inverse=True)
    cents = np.zeros(len(keys), dtype=np.int64)
    np.add.at(cents, where, encoded.lines["value_cents"])
    return keys // 1_000_000, cents


def _largest_number_cents(encoded: Encoded) -> Integers:
    item, cents = number_totals(encoded)
    largest = np.zeros(encoded.n_items, dtype=np.int64)
    np.maximum.at(largest, item, cents)
    return largest


def largest_number_usd(encoded: Encoded) -> Numbers:
    """Give the largest declared value of one Schedule B number of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        US dollars; NaN for vehicles.
    """
    return of_shipments(encoded, _largest_number_cents(encoded)) / CENTS_PER_USD


def gap_below_threshold_usd(encoded: Encoded) -> Numbers:
    """Give the distance from $2,500 of the closest number at or under it.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        US dollars, 0 at the threshold; NaN where no number lies at or under it.
    """
    item, cents = number_totals(encoded)
    under = cents <= THRESHOLD_CENTS
    closest = np.full(encoded.n_items, MISSING, dtype=np.int64)
    np.maximum.at(closest, item[under], cents[under])
    gap = (THRESHOLD_CENTS - closest) / CENTS_PER_USD
    return np.where(closest == MISSING, np.nan, gap)


def just_under(encoded: Encoded) -> Integers:
    """Count the Schedule B numbers of each item whose value is just under the threshold.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of int, shape (n,)
        Numbers with a total from $2,000 to $2,500, both included.
    """
    item, cents = number_totals(encoded)
    near = (cents >= JUST_UNDER_CENTS) & (cents <= THRESHOLD_CENTS)
    return np.bincount(item[near], minlength=encoded.n_items).astype(np.int64)


def n_just_under(encoded: Encoded) -> Numbers:
    """Count as `just_under` does, for shipments only.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Numbers just under the threshold; NaN for vehicles.
    """
    return of_shipments(encoded, just_under(encoded))
