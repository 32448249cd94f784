"""How much leaves on each day: months from counts, days of the week and holidays from habit."""

from datetime import date, timedelta
from functools import cache

import numpy as np

from features.reference.tables import border_crossings
from training.simulation.draws import Integers, Numbers, fold, label_key, root, uniform
from training.simulation.places import places
from training.simulation.world import Mode, Volume

REFERENCE_YEAR = 2024
_DAYS_IN_REFERENCE_YEAR = 366
_COUNTED: dict[Mode, str] = {"pov": "personal_vehicles", "bus": "buses", "truck": "trucks"}
_EPOCH = date(1970, 1, 1)

WEEK: dict[Mode, tuple[float, ...]] = {
    "pov": (0.96, 0.94, 0.95, 0.97, 1.08, 1.08, 1.02),
    "bus": (0.95, 0.90, 0.92, 0.98, 1.15, 1.10, 1.00),
    "truck": (1.15, 1.20, 1.20, 1.20, 1.15, 0.70, 0.40),
    "air": (0.95, 1.10, 1.15, 1.20, 1.25, 0.85, 0.50),
    "ocean": (1.05, 1.10, 1.15, 1.25, 1.30, 0.80, 0.35),
    "express": (1.15, 1.20, 1.20, 1.15, 1.15, 0.75, 0.40),
    "mail": (1.25, 1.20, 1.15, 1.10, 1.10, 0.90, 0.30),
}
"""Weight of each day from Monday to Sunday: a choice of this project, no source gives it."""

SEASON: dict[Mode, tuple[float, ...]] = {
    "air": (0.95, 0.96, 1.00, 1.00, 1.00, 0.98, 0.97, 0.98, 1.00, 1.03, 1.06, 1.07),
    "ocean": (0.92, 0.93, 0.97, 0.98, 0.99, 0.98, 0.98, 1.00, 1.00, 1.04, 1.12, 1.09),
    "express": (0.93, 0.95, 0.97, 0.97, 0.99, 0.96, 0.95, 0.97, 0.98, 1.02, 1.13, 1.18),
    "mail": (0.92, 0.94, 0.97, 0.97, 0.99, 0.96, 0.95, 0.96, 0.98, 1.02, 1.12, 1.22),
}
"""Month factors where nobody publishes counts: a choice of this project."""


def epoch_day(day: date) -> int:
    """Count the days since 1970-01-01.

    Parameters
    ----------
    day : datetime.date
        A day.

    Returns
    -------
    int
        Days.
    """
    return (day - _EPOCH).days


def calendar_day(day: int) -> date:
    """Give the date of a day count.

    Parameters
    ----------
    day : int
        Days since 1970-01-01.

    Returns
    -------
    datetime.date
        The day.
    """
    return _EPOCH + timedelta(days=day)


@cache
def holidays(year: int) -> frozenset[date]:
    """List the days on which trade rests.

    Parameters
    ----------
    year : int
        Calendar year.

    Returns
    -------
    frozenset of datetime.date
        New Year, Memorial Day, Independence Day, Labor Day, Thanksgiving and Christmas.
    """
    may = date(year, 5, 31)
    september, november = date(year, 9, 1), date(year, 11, 1)
    return frozenset(
        {
            date(year, 1, 1),
            may - timedelta(days=may.weekday()),
            date(year, 7, 4),
            september + timedelta(days=-september.weekday() % 7),
            november + timedelta(days=(3 - november.weekday()) % 7 + 21),
            date(year, 12, 25),
        }
    )


def day_weight(mode: Mode, day: date) -> float:
    """Weigh a day against the others of its month.

    Parameters
    ----------
    mode : str
        A mode of items.
    day : datetime.date
        The day.

    Returns
    -------
    float
        1 for an ordinary day. On holidays people travel (1.15) and freight rests (0.35);
        both are choices of this project.
    """
    weight = WEEK[mode][day.weekday()]
    if day in holidays(day.year):
        weight *= 1.15 if mode in ("pov", "bus") else 0.35
    return weight


def month_total(mode: Mode, month: int, volume: Volume) -> Numbers:
    """Give what leaves in a month by port, as a real number.

    Parameters
    ----------
    mode : str
        A mode of items.
    month : int
        1 to 12.
    volume : Volume
        National figures and the world's fraction.

    Returns
    -------
    array of float, shape (p,)
        Items per port. Land modes follow the BTS counts of the same month of 2024 (inbound
        entries, which stand in for outbound ones).
    """
    scale = volume.fraction * volume.outbound_ratio
    if mode in _COUNTED:
        counted: Numbers = _counted(mode)[month - 1] * scale
        return counted
    per_day = {
        "air": volume.air_per_day,
        "ocean": volume.ocean_per_day,
        "express": volume.parcels_per_day * volume.express_share,
        "mail": volume.parcels_per_day * (1 - volume.express_share),
    }[mode]
    days = _DAYS_IN_REFERENCE_YEAR / 12
    return places().shares(mode) * per_day * days * SEASON[mode][month - 1] * volume.fraction


@cache
def _counted(mode: Mode) -> Numbers:
    counts = np.zeros((12, len(places().codes)))
    for row in border_crossings().iter_rows(named=True):
        year, month = row["month"].split("-")
        if int(year) == REFERENCE_YEAR:
            counts[int(month) - 1, places().codes.index(row["port_code"])] += row[_COUNTED[mode]]
    return counts


def yearly_mean_per_day(mode: Mode, volume: Volume) -> Numbers:
    """Give the mean number of items a day by port.

    Parameters
    ----------
    mode : str
        A mode of items.
    volume : Volume
        National figures and the world's fraction.

    Returns
    -------
    array of float, shape (p,)
        Items a day.
    """
    months = [month_total(mode, month, volume) for month in range(1, 13)]
    mean: Numbers = np.sum(months, axis=0) / _DAYS_IN_REFERENCE_YEAR
    return mean


def least_month_per_day(mode: Mode, volume: Volume) -> Numbers:
    """Give the items a day of each port's quietest month.

    Parameters
    ----------
    mode : str
        A mode of items.
    volume : Volume
        National figures and the world's fraction.

    Returns
    -------
    array of float, shape (p,)
        Items a day; 0 where the mode is closed in some month.
    """
    months = [month_total(mode, month, volume) for month in range(1, 13)]
    least: Numbers = np.min(months, axis=0) / (_DAYS_IN_REFERENCE_YEAR / 12)
    return least


@cache
def _month_weights(mode: Mode, year: int, month: int) -> tuple[float, ...]:
    day, weights = date(year, month, 1), []
    while day.month == month:
        weights.append(day_weight(mode, day))
        day += timedelta(days=1)
    return tuple(np.cumsum(weights) / np.sum(weights))


def expected_count(mode: Mode, day: int, volume: Volume) -> Numbers:
    """Give how many items leave on one day, as real numbers.

    Parameters
    ----------
    mode : str
        A mode of items.
    day : int
        Local day since 1970-01-01.
    volume : Volume
        National figures and the world's fraction.

    Returns
    -------
    array of float, shape (p,)
        Items per port.
    """
    when = calendar_day(day)
    weights = (0.0, *_month_weights(mode, when.year, when.month))
    return month_total(mode, when.month, volume) * (weights[when.day] - weights[when.day - 1])


def daily_counts(mode: Mode, day: int, volume: Volume, seed: int) -> Integers:
    """Give how many items leave on one day.

    Counts are differences of rounded running totals, so that whole months hit their total to
    within one item at every port; where a port has less than one item a day the seed decides
    on which days they fall.

    Parameters
    ----------
    mode : str
        A mode of items.
    day : int
        Local day since 1970-01-01.
    volume : Volume
        National figures and the world's fraction.
    seed : int
        Seed of the world.

    Returns
    -------
    array of int, shape (p,)
        Items per port.
    """
    when = calendar_day(day)
    total = month_total(mode, when.month, volume)
    weights = (0.0, *_month_weights(mode, when.year, when.month))
    ports = np.arange(len(places().codes))
    month = root(seed, "rounding") ^ label_key(f"{mode}/{when.year}/{when.month}")
    offset = uniform(fold(month, ports), "offset")
    before, after = weights[when.day - 1], weights[when.day]
    return (np.floor(total * after + offset) - np.floor(total * before + offset)).astype(np.int64)
