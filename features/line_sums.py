"""From lines to items: sums and extremes over the lines of each item."""

import numpy as np

from features.encoding import MISSING, Encoded, Flags, Integers, Numbers


def is_shipment(encoded: Encoded) -> Flags:
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


def _starts(encoded: Encoded) -> Integers:
    item = encoded.line_item
    changes = np.empty(len(item), dtype=np.bool_)
    changes[:1] = True
    np.not_equal(item[1:], item[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def sum_of_lines(encoded: Encoded, values: Integers | Flags) -> Integers:
    """Sum integers of lines for each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.
    values : array of int or bool, shape (m,)
        One integer per line.

    Returns
    -------
    array of int, shape (n,)
        Sums; 0 for items without lines.
    """
    totals = np.zeros(encoded.n_items, dtype=np.int64)
    if len(values):
        starts = encoded.shared(_starts)
        totals[encoded.line_item[starts]] = np.add.reduceat(values, starts, dtype=np.int64)
    return totals


def lowest(encoded: Encoded, values: Numbers) -> Numbers:
    """Give the lowest number among the lines of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.
    values : array of float, shape (m,)
        One number per line; NaN where there is none.

    Returns
    -------
    array of float, shape (n,)
        The lowest; NaN where no line has a number.
    """
    return _extreme(encoded, values, np.fmin)


def highest(encoded: Encoded, values: Numbers) -> Numbers:
    """Give the highest number among the lines of each item.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.
    values : array of float, shape (m,)
        One number per line; NaN where there is none.

    Returns
    -------
    array of float, shape (n,)
        The highest; NaN where no line has a number.
    """
    return _extreme(encoded, values, np.fmax)


def _extreme(encoded: Encoded, values: Numbers, choose: np.ufunc) -> Numbers:
    found = np.full(encoded.n_items, np.nan)
    if len(values):
        starts = encoded.shared(_starts)
        found[encoded.line_item[starts]] = choose.reduceat(values, starts)
    return found


def of_shipments(encoded: Encoded, values: Integers | Numbers | Flags) -> Numbers:
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
    return np.where(encoded.shared(is_shipment), values, np.nan)


def count_lines(encoded: Encoded, chosen: Flags) -> Numbers:
    """Count lines of each shipment.

    Parameters
    ----------
    encoded : Encoded
        Items and lines.
    chosen : array of bool, shape (m,)
        The lines that count.

    Returns
    -------
    array of float, shape (n,)
        Counts; NaN for vehicles.
    """
    return of_shipments(encoded, sum_of_lines(encoded, chosen))
