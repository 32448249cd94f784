"""Local time at a port: days, hours and shifts are local, records are UTC."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

MICROSECONDS_PER_HOUR = 3_600_000_000
_HOURS_PER_DAY = 24
_LEAST_SPAN = 4096
_DAYS_PER_WEEK = 7
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday; Monday is 0


@cache
def offset_hours(zone: str, epoch_hour: int) -> float:
    """Give the offset from UTC that a zone has in one hour.

    Clocks in the zones of the ports change on full hours of UTC, so one answer holds for
    the hour.

    Parameters
    ----------
    zone : str
        IANA name such as `America/Chicago`.
    epoch_hour : int
        Hours since 1970-01-01T00:00Z.

    Returns
    -------
    float
        Hours to add to UTC.

    Examples
    --------
    >>> offset_hours("America/Chicago", 0)
    -6.0
    """
    moment = datetime.fromtimestamp(epoch_hour * 3600, UTC)
    offset = moment.astimezone(ZoneInfo(zone)).utcoffset()
    if offset is None:  # pragma: no cover - zoneinfo always answers for an aware time
        raise ValueError(f"zone {zone} gives no offset")
    return offset.total_seconds() / 3600


def local_hours(
    at: npt.NDArray[np.int64], zone: npt.NDArray[np.int64], zones: tuple[str, ...]
) -> npt.NDArray[np.float64]:
    """Turn moments into local hours since the epoch.

    Parameters
    ----------
    at : array of int, shape (n,)
        Microseconds since the epoch, UTC.
    zone : array of int, shape (n,)
        Index into `zones`.
    zones : tuple of str
        IANA names.

    Returns
    -------
    array of float, shape (n,)
        Local hours since 1970-01-01T00:00 local time, with fractions.
    """
    hour = at // MICROSECONDS_PER_HOUR
    pairs, where = _distinct(hour * len(zones) + zone)
    offsets = np.array(
        [offset_hours(zones[int(pair) % len(zones)], int(pair) // len(zones)) for pair in pairs],
        dtype=np.float64,
    )
    return at / MICROSECONDS_PER_HOUR + offsets[where]


def _distinct(
    keys: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give distinct keys, ascending, and the place of each key among them.

    Items of a table or of a batch lie close in time, so that a list of the hours between the
    first and the last is shorter than sorting them takes.
    """
    low = keys.min(initial=np.iinfo(np.int64).max)
    span = int(keys.max(initial=low)) - int(low) + 1
    if span > _LEAST_SPAN + len(keys):
        return np.unique(keys, return_inverse=True)
    seen = np.zeros(span, dtype=np.bool_)
    seen[keys - low] = True
    return np.flatnonzero(seen) + low, (np.cumsum(seen) - 1)[keys - low]


def hour_of_day(hours: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the full hour of the local day, 0 to 23.

    Parameters
    ----------
    hours : array of float, shape (n,)
        Local hours since the epoch, from `local_hours`.

    Returns
    -------
    array of float, shape (n,)
        0.0 to 23.0.
    """
    return np.floor(hours) % _HOURS_PER_DAY


def day_of_week(hours: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Give the local day of the week, Monday 0 to Sunday 6.

    Parameters
    ----------
    hours : array of float, shape (n,)
        Local hours since the epoch, from `local_hours`.

    Returns
    -------
    array of float, shape (n,)
        0.0 to 6.0.
    """
    return (np.floor(hours / _HOURS_PER_DAY) + _EPOCH_WEEKDAY) % _DAYS_PER_WEEK
