"""The one clock of the service; everything else is told the time."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present moment, timezone-aware UTC."""


def now() -> datetime:
    """Read the system clock.

    Returns
    -------
    datetime.datetime
        The present moment in UTC, to the microsecond.
    """
    return datetime.now(UTC)  # noqa: TID251 - the one place that may ask
