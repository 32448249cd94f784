"""The setting of a run: which world, which seed, how many of its actors, from which day on."""

from dataclasses import dataclass
from datetime import date

from training.simulation.rhythm import epoch_day
from training.simulation.world import World

DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Setting:
    """What a run of a world is determined by.

    Parameters
    ----------
    world : World
        Parameters.
    seed : int
        Same seed, same world.
    start : datetime.date
        First local day of the first week.
    scale : float
        Share of actors to keep, above 0 and up to 1.
    """

    world: World
    seed: int
    start: date
    scale: float = 1.0

    @property
    def first_day(self) -> int:
        """First local day, in days since 1970-01-01."""
        return epoch_day(self.start)

    def days(self, week: int) -> range:
        """Give the local days of a week.

        Parameters
        ----------
        week : int
            Weeks since the start.

        Returns
        -------
        range
            Seven days since 1970-01-01.
        """
        first = self.first_day + DAYS_PER_WEEK * week
        return range(first, first + DAYS_PER_WEEK)
