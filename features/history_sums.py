"""How stretches of history become sums: one implementation, whatever fetched the stretches."""

from dataclasses import dataclass

import numpy as np

from features.encoding import Integers

WINDOWS_DAYS = (1, 7, 30, 90)
"""Lengths of the windows `[t - w, t)`."""

_DAY = 24 * 3_600_000_000


@dataclass(frozen=True)
class ItemLog:
    """Past items of entities of one kind as arrays; a query is a stretch `[start, stop)`.

    Parameters
    ----------
    known_at, value_cents, just_under : array of int, shape (m,)
        Entries, ordered by entity, then `(known_at, item_id)`.
    partner : array of int, shape (m,)
        Code of the partner, -1 for none.
    same_partner : array of int, shape (m,)
        Position of the entity's previous entry with the same partner, -1 for none.
    same_port : array of int, shape (m,)
        Position of the entity's previous entry at the same port, -1 for none.
    """

    known_at: Integers
    value_cents: Integers
    just_under: Integers
    partner: Integers
    same_partner: Integers
    same_port: Integers


@dataclass(frozen=True)
class ResultLog:
    """Past results of entities of one kind as arrays, ordered like `ItemLog`.

    Parameters
    ----------
    recorded_at, find, clear : array of int, shape (m,)
        Entries, ordered by entity, then `(recorded_at, inspection_id)`.
    """

    recorded_at: Integers
    find: Integers
    clear: Integers


@dataclass(frozen=True)
class Stretch:
    """Which entries each of n queries sees.

    Parameters
    ----------
    start, stop : array of int, shape (n,)
        Entries `[start, stop)`, at most `LATEST`.
    as_of : array of int, shape (n,)
        Microseconds since the epoch.
    """

    start: Integers
    stop: Integers
    as_of: Integers


def first_at_or_after(values: Integers, start: Integers, stop: Integers, at: Integers) -> Integers:
    """Find in each ascending stretch of values the first one that is not before a moment.

    Parameters
    ----------
    values : array of int, shape (m,)
        Moments, ascending within each stretch.
    start, stop : array of int, shape (n,)
        The stretches `[start, stop)`.
    at : array of int, shape (n,)
        The moment asked for in each.

    Returns
    -------
    array of int, shape (n,)
        Positions between `start` and `stop`; `stop` where all values are before.
    """
    low, high = start.copy(), stop.copy()
    steps = int((stop - start).max(initial=0)).bit_length()
    for _ in range(steps):
        open_ = low < high
        middle = (low + high) // 2
        before = open_ & (values[np.where(open_, middle, 0)] < at) if len(values) else open_
        low = np.where(before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
    return low


def _between(values: Integers, start: Integers, stop: Integers) -> Integers:
    sums = np.concatenate(([0], np.cumsum(values)))
    return np.asarray(sums[stop] - sums[start], dtype=np.int64)


def _distinct(previous: Integers, start: Integers, stop: Integers) -> Integers:
    """Count entries of each stretch whose value does not occur earlier in the stretch."""
    width = stop - start
    owner = np.repeat(np.arange(len(width)), width)
    entry = np.arange(len(owner)) - np.repeat(np.cumsum(width) - width, width) + start[owner]
    fresh = previous[entry] < start[owner]
    return np.bincount(owner[fresh], minlength=len(width)).astype(np.int64)


def item_sums(log: ItemLog, stretch: Stretch) -> dict[str, Integers]:
    """Sum past items over every window.

    Parameters
    ----------
    log : ItemLog
        The entries.
    stretch : Stretch
        What each query sees.

    Returns
    -------
    dict of str to array of int, shape (n,)
        `n_items_{w}d` for each window; over 30 days `value_cents_30d` and `n_just_under_30d`;
        over 90 days `n_partners_90d` and `n_ports_90d`; `since_last`, microseconds since the
        last one, and `since_first` of those that count, -1 where there is none.
    """
    sums: dict[str, Integers] = {}
    starts: dict[int, Integers] = {}
    for days in WINDOWS_DAYS:
        at = stretch.as_of - days * _DAY
        starts[days] = first_at_or_after(log.known_at, stretch.start, stretch.stop, at)
        sums[f"n_items_{days}d"] = stretch.stop - starts[days]
    sums["value_cents_30d"] = _between(log.value_cents, starts[30], stretch.stop)
    sums["n_just_under_30d"] = _between(log.just_under, starts[30], stretch.stop)
    sums["n_ports_90d"] = _distinct(log.same_port, starts[90], stretch.stop)
    partner = np.where(log.partner >= 0, log.same_partner, len(log.partner))
    sums["n_partners_90d"] = _distinct(partner, starts[90], stretch.stop)
    seen = stretch.stop > stretch.start
    padded = np.append(log.known_at, 0)
    sums["since_last"] = np.where(seen, stretch.as_of - padded[stretch.stop - seen], -1)
    sums["since_first"] = np.where(seen, stretch.as_of - padded[stretch.start], -1)
    return sums


def result_sums(log: ResultLog, stretch: Stretch) -> dict[str, Integers]:
    """Sum past results.

    Parameters
    ----------
    log : ResultLog
        The entries.
    stretch : Stretch
        What each query sees.

    Returns
    -------
    dict of str to array of int, shape (n,)
        `n_finds` and `n_clears`.
    """
    return {
        "n_finds": _between(log.find, stretch.start, stretch.stop),
        "n_clears": _between(log.clear, stretch.start, stretch.stop),
    }
