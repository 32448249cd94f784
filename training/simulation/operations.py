"""Outbound operations: when a port's lanes are staffed, and by how many officers."""

import numpy as np

from training.simulation.draws import Flags, Integers, Keys, Numbers, fold, root, uniform
from training.simulation.places import places
from training.simulation.rhythm import yearly_mean_per_day
from training.simulation.world import World

_FIRST_START, _LAST_START = 8.0, 20.0
_MEDIUM_PER_DAY, _LARGE_PER_DAY = 2_000.0, 10_000.0
"""National vehicles a day from which a port counts as medium or large (choices)."""

DAYS_PER_WEEK, HOURS_PER_DAY = 7, 24.0


class Operations:
    """The staffing of every port, known to whoever stands at the lanes.

    Parameters
    ----------
    world : World
        Parameters.
    seed : int
        Seed of the world.
    """

    def __init__(self, world: World, seed: int) -> None:
        self._past, self._root = world.past, root(seed, "operations")
        national = world.volume.model_copy(update={"fraction": 1.0})
        per_day = yearly_mean_per_day("pov", national)
        sizes = np.digitize(per_day, (_MEDIUM_PER_DAY, _LARGE_PER_DAY))
        names = ("small", "medium", "large")
        self.n_officers: Integers = np.array([world.past.officers[names[s]] for s in sizes])

    def _day_key(self, port: Integers, day: Integers) -> Keys:
        return fold(fold(self._root, port), day)

    def start(self, port: Integers, day: Integers) -> Numbers:
        """Give the hour at which a port's operation of a day begins.

        Parameters
        ----------
        port, day : array of int, shape (n,)
            Position in `places()` and local day since 1970-01-01.

        Returns
        -------
        array of float, shape (n,)
            Local hour; the operation lasts the world's hours and may run into the night.
        """
        span = max(0.0, min(_LAST_START, HOURS_PER_DAY - self._past.hours_on_per_day) - 0.0)
        first = min(_FIRST_START, span)
        return first + (span - first) * uniform(self._day_key(port, day), "start")

    def staffed(self, port: Integers, day: Integers, hour: Numbers) -> Flags:
        """Tell whether lanes are staffed.

        Parameters
        ----------
        port, day : array of int, shape (n,)
            Position in `places()` and local day since 1970-01-01.
        hour : array of float, shape (n,)
            Local hour.

        Returns
        -------
        array of bool, shape (n,)
            True while an operation is on.
        """
        past = self._past
        key = self._day_key(port, day)
        open_today = uniform(key, "open") < past.days_on_per_week / DAYS_PER_WEEK
        since = hour - self.start(port, day)
        return open_today & (since >= 0) & (since < past.hours_on_per_day)

    def capacity_minutes(self, port: Integers) -> Numbers:
        """Give the officer minutes of a port's operation on one day.

        Parameters
        ----------
        port : array of int, shape (n,)
            Position in `places()`.

        Returns
        -------
        array of float, shape (n,)
            Officers times staffed minutes.
        """
        minutes = self._past.hours_on_per_day * 60.0
        return self.n_officers[port].astype(np.float64) * minutes


def all_ports() -> Integers:
    """Give the positions of all ports.

    Returns
    -------
    array of int
        0 to the number of ports less one.
    """
    return np.arange(len(places().codes))
