"""Volumes by port, mode and month beside the published counts."""

from dataclasses import dataclass

import polars as pl

from training.simulation.places import places
from training.simulation.rhythm import calendar_day, expected_count
from training.simulation.world import Mode, Volume

LAND_MODES: tuple[Mode, ...] = ("pov", "bus", "truck")
TOLERANCE = 0.02
"""What a month at a port may differ from the published count, relative to it."""


@dataclass(frozen=True)
class VolumeRow:
    """One land port in one month.

    Parameters
    ----------
    port, mode : str
        Where and how.
    year, month : int
        Calendar month; only its simulated days count.
    n_items : int
        Items that left.
    expected : float
        The published count of the same month, times the world's fraction and scale, for the
        simulated days.
    """

    port: str
    mode: str
    year: int
    month: int
    n_items: int
    expected: float

    @property
    def within(self) -> bool:
        """Whether it is within 2 %, or within two items where 2 % is less than that."""
        return abs(self.n_items - self.expected) <= max(TOLERANCE * self.expected, 2.0)


class VolumeTally:
    """Counts of items by port, mode and local month."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int, int], int] = {}
        self._days: list[int] = []

    def add(self, items: pl.DataFrame, local_days: pl.Series, days: range) -> None:
        """Count a week.

        Parameters
        ----------
        items : polars.DataFrame
            `mode` and `port` of the week's items.
        local_days : polars.Series
            Local day of each item since 1970-01-01.
        days : range
            The days of the week.
        """
        month = local_days.cast(pl.Int32).cast(pl.Date)
        counted = items.select("port", "mode").with_columns(
            year=month.dt.year(), month=month.dt.month()
        )
        land = counted.filter(pl.col("mode").is_in(list(LAND_MODES)))
        for port, mode, year, number, count in (
            land.group_by("port", "mode", "year", "month").len().iter_rows()
        ):
            key = (port, mode, year, number)
            self._counts[key] = self._counts.get(key, 0) + count
        self._days += list(days)

    def rows(self, volume: Volume, scale: float) -> tuple[VolumeRow, ...]:
        """Put the counts beside the published ones.

        Parameters
        ----------
        volume : Volume
            National figures and the world's fraction.
        scale : float
            Share of actors that was kept.

        Returns
        -------
        tuple of VolumeRow
            Every land port with every mode and month that has items or should have some.
        """
        expected: dict[tuple[str, str, int, int], float] = {}
        for mode in LAND_MODES:
            for day in self._days:
                when = calendar_day(day)
                counts = expected_count(mode, day, volume) * scale
                for code, count in zip(places().codes, counts.tolist(), strict=True):
                    key = (code, mode, when.year, when.month)
                    expected[key] = expected.get(key, 0.0) + count
        keys = sorted(key for key in expected if expected[key] > 0 or key in self._counts)
        return tuple(VolumeRow(*key, self._counts.get(key, 0), expected[key]) for key in keys)
