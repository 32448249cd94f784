"""Local days: times are UTC, but days and shifts are counted where the port is."""

from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from features.fields import FIRST_YEAR, LAST_YEAR

Day = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]
"""A local day, within the years that times of records may have."""


def local_midnight(time_zone: str, day: date) -> datetime:
    """Give the beginning of a local day.

    Parameters
    ----------
    time_zone : str
        IANA zone, as the table of ports has it.
    day : datetime.date
        The day there.

    Returns
    -------
    datetime.datetime
        Its midnight; the next one is 23 to 25 hours later.

    Examples
    --------
    >>> local_midnight("America/Chicago", date(2026, 11, 24)).isoformat()
    '2026-11-24T00:00:00-06:00'
    """
    return datetime.combine(day, time(), ZoneInfo(time_zone))
