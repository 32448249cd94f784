"""Declared value, per item and per filing key, against the filing threshold.

Within one item the shipper, the consignee and the conveyance are the same for all lines, so the
filing key of 15 CFR 30.37(a) comes down to the Schedule B number as it is declared.
"""

import numpy as np

from features.encoding import CONTENTS, MISSING, MODES, Encoded, Flags, Integers, Numbers
from features.filing import LOW_VALUE_CENTS
from features.filing_claims import WAYBILL_MODES
from features.line_sums import count_lines, of_shipments, sum_of_lines

THRESHOLD_CENTS = LOW_VALUE_CENTS
"""No filing at or under it per filing key."""
JUST_UNDER_CENTS = 200_000
"""From here to the threshold a value counts as just under it (assumption A-just_under_2500)."""

CENTS_PER_USD = 100.0
UNDER_WAYBILL = np.isin(np.arange(len(MODES)), [MODES[mode] for mode in sorted(WAYBILL_MODES)])
"""Per code of a mode, whether a bill of lading or air waybill covers it."""
_ANY_NUMBER = 0


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
    return of_shipments(encoded, encoded.shared(value_cents)) / CENTS_PER_USD


def is_short_filed(encoded: Encoded) -> Flags:
    """Tell which items are household goods under a waybill.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of bool, shape (n,)
        True where no Schedule B number is called for, so that all lines are one sum
        (15 CFR 30.38).
    """
    household = encoded.items["content"] == CONTENTS["household_goods"]
    short: Flags = household & UNDER_WAYBILL[encoded.items["mode"]]
    return short


def key_totals(encoded: Encoded) -> tuple[Integers, Integers, Integers]:
    """Sum the declared value of each filing key of each item.

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
    key_of_line : array of int, shape (m,)
        Which sum each line is part of.

    References
    ----------
    .. [1] 15 CFR 30.37(a), 30.38.
    """
    owner = encoded.line_item
    short = encoded.shared(is_short_filed)[owner]
    number = np.where(short, _ANY_NUMBER, encoded.lines["number"])
    order = np.lexsort((number, owner))
    owners, numbers = owner[order], number[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (owners[1:] != owners[:-1]) | (numbers[1:] != numbers[:-1])
    key_of_line = np.empty(len(order), dtype=np.int64)
    key_of_line[order] = np.cumsum(new) - 1
    starts = np.flatnonzero(new)
    cents = encoded.lines["value_cents"][order]
    sums = np.add.reduceat(cents, starts) if len(starts) else cents
    return owners[starts], sums, key_of_line


def _count_keys(encoded: Encoded, item: Integers) -> Integers:
    return np.bincount(item, minlength=encoded.n_items).astype(np.int64)


def n_numbers(encoded: Encoded) -> Numbers:
    """Count the Schedule B numbers of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Distinct filing keys; NaN for vehicles.
    """
    item, _, _ = encoded.shared(key_totals)
    return of_shipments(encoded, _count_keys(encoded, item))


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
    item, cents, _ = encoded.shared(key_totals)
    largest = np.zeros(encoded.n_items, dtype=np.int64)
    np.maximum.at(largest, item, cents)
    return of_shipments(encoded, largest) / CENTS_PER_USD


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
    item, cents, _ = encoded.shared(key_totals)
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
    item, cents, _ = encoded.shared(key_totals)
    near = (cents >= JUST_UNDER_CENTS) & (cents <= THRESHOLD_CENTS)
    return _count_keys(encoded, item[near])


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
    return of_shipments(encoded, encoded.shared(just_under))


def n_lines_just_under(encoded: Encoded) -> Numbers:
    """Count the lines of each item whose own value is just under the threshold.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.

    Returns
    -------
    array of float, shape (n,)
        Lines from $2,000 to $2,500, both included; NaN for vehicles.
    """
    cents = encoded.lines["value_cents"]
    return count_lines(encoded, (cents >= JUST_UNDER_CENTS) & (cents <= THRESHOLD_CENTS))
