"""How stretches of past items and results become numbers: one loop, whatever fetched them."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from features.encoding import Integers
from features.history import LATEST
from features.history_logs import Asked, Codes, ItemLog, ResultLog

DAY = 24 * 3_600_000_000
"""Microseconds of a day; the windows are `[t - w, t)`."""
CENTS = 100.0

ITEM_SUMS = (
    "n_items_1d",
    "n_items_7d",
    "n_items_30d",
    "n_items_90d",
    "value_usd_7d",
    "value_usd_30d",
    "n_just_under_30d",
    "n_partners_90d",
    "n_ports_90d",
    "days_since_last",
    "days_since_first",
    "mean_gap_days",
    "gap_ratio",
    "last_port_code",
    "last_port_is_this",
)
"""What is formed from past items, in the order in which `item_sums` gives it."""

RESULT_SUMS = ("n_finds", "n_clears", "n_skips")
"""What is formed from past results, in the order in which `result_sums` gives it."""

Matrix = npt.NDArray[np.float32]


@compiled
def stop_before(moments: Integers, first: int, end: int, at: int) -> int:
    """Find in an ascending stretch the first moment that is not before another.

    Parameters
    ----------
    moments : array of int, shape (m,)
        Microseconds since the epoch, ascending from `first` to `end`.
    first, end : int
        The stretch `[first, end)`.
    at : int
        The moment asked for.

    Returns
    -------
    int
        A position from `first` to `end`; `end` if all moments are before.
    """
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if moments[middle] < at:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def add_if_new(seen: Integers, n_seen: int, value: int) -> int:
    """Put a value into a set that is kept as the head of an array.

    Parameters
    ----------
    seen : array of int
        The set; long enough for one more.
    n_seen : int
        How many it holds.
    value : int
        What to add.

    Returns
    -------
    int
        How many it holds now.
    """
    for position in range(n_seen):
        if seen[position] == value:
            return n_seen
    seen[n_seen] = value
    return n_seen + 1


@compiled
def _sum_items(  # noqa: C901 - one pass over a stretch, all its sums at once
    X: Matrix, columns: Codes, asked: Asked, log: ItemLog
) -> None:
    partners = np.empty(LATEST, np.int64)
    ports = np.empty(LATEST, np.int64)
    counts = np.zeros(4, np.int64)
    values = np.empty(len(ITEM_SUMS), np.float64)
    for q in range(len(asked.row)):
        as_of, own, key = asked.as_of[q], asked.item[q], asked.key[q]
        first = log.bounds.first[key]
        at = stop_before(log.known_at, first, log.bounds.end[key], as_of) - 1
        counts[:] = 0
        seen = n_partners = n_ports = near = 0
        cents_7d = cents_30d = 0
        newest = oldest = last_port = -1
        while at >= first and seen < LATEST:
            if log.item[at] != own:
                age = as_of - log.known_at[at]
                oldest = age
                if seen == 0:
                    newest, last_port = age, log.port[at]
                seen += 1
                counts[0] += age <= DAY
                if age <= 7 * DAY:
                    counts[1] += 1
                    cents_7d += log.value_cents[at]
                if age <= 30 * DAY:
                    counts[2] += 1
                    cents_30d += log.value_cents[at]
                    near += log.just_under[at]
                if age <= 90 * DAY:
                    counts[3] += 1
                    n_ports = add_if_new(ports, n_ports, log.port[at])
                    if log.partner[at] >= 0:
                        n_partners = add_if_new(partners, n_partners, log.partner[at])
            at -= 1
        values[:] = np.nan
        values[0:4] = counts
        values[4], values[5], values[6] = cents_7d / CENTS, cents_30d / CENTS, near
        values[7], values[8] = n_partners, n_ports
        if seen > 0:
            values[9], values[10] = newest / DAY, oldest / DAY
            values[13], values[14] = last_port, last_port == asked.port[q]
        if seen > 1 and oldest > newest:
            mean_gap = (oldest - newest) / (seen - 1)
            values[11], values[12] = mean_gap / DAY, newest / mean_gap
        for n in range(len(values)):
            column = columns[asked.kind[q], n]
            if column >= 0:
                X[asked.row[q], column] = values[n]


@compiled
def _sum_results(X: Matrix, columns: Codes, asked: Asked, log: ResultLog) -> None:
    sums = np.zeros(3, np.int64)
    for q in range(len(asked.row)):
        key, own = asked.key[q], asked.item[q]
        first = log.bounds.first[key]
        at = stop_before(log.recorded_at, first, log.bounds.end[key], asked.as_of[q]) - 1
        sums[:] = 0
        seen = 0
        while at >= first and seen < LATEST:
            if log.item[at] != own:
                seen += 1
                sums[0] += log.find[at]
                sums[1] += log.clear[at]
                sums[2] += log.skip[at]
            at -= 1
        for n in range(len(sums)):
            column = columns[asked.kind[q], n]
            if column >= 0:
                X[asked.row[q], column] = sums[n]


def item_sums(X: Matrix, columns: Codes, asked: Asked, log: ItemLog) -> None:
    """Write what past items of keys come to into the rows of X.

    Cadence is the mean gap between the items that count, `(newest - oldest) / (n - 1)`, and the
    deviation from it is the time since the last item over that gap.

    Parameters
    ----------
    X : array of float32, shape (rows, f)
        Written in place.
    columns : array of int, shape (kinds, len(ITEM_SUMS))
        Column of each sum for each kind of key, -1 where it has none.
    asked : Asked
        The questions.
    log : ItemLog
        The entries.
    """
    _sum_items(X, columns, asked, log)


def result_sums(X: Matrix, columns: Codes, asked: Asked, log: ResultLog) -> None:
    """Write how often keys were found with, cleared and skipped into the rows of X.

    Parameters
    ----------
    X : array of float32, shape (rows, f)
        Written in place.
    columns : array of int, shape (kinds, len(RESULT_SUMS))
        Column of each sum for each kind of key, -1 where it has none.
    asked : Asked
        The questions.
    log : ResultLog
        The entries.
    """
    _sum_results(X, columns, asked, log)
