"""Giving way: honest travellers stay at home where others take their place in a port's count."""

import numpy as np

from training.simulation.draws import Flags, Integers
from training.simulation.places import places
from training.simulation.trips import Trips, kept, place_in_queue

FIRM_SHARE = 0.3
"""Actors below this share never give way, so that a world thinned to it keeps all their trips."""


class GivingWay:
    """The trips of one mode that honest traffic still owes to the trips of networks.

    Honest traffic alone fills each port up to its published count. For each trip of a network
    one honest trip at the same port is not made: on the same day, or on the next ones where
    too few may give way.
    """

    def __init__(self) -> None:
        self._owed = np.zeros(len(places().codes), dtype=np.int64)

    def stays(self, honest: Trips, others: Integers, days: range) -> Flags:
        """Tell which honest trips are made.

        Parameters
        ----------
        honest : Trips
            What would be made if nobody else went.
        others : array of int, shape (d, p)
            Trips of networks of the same mode by day and port.
        days : range
            The d local days since 1970-01-01, following those of the call before.

        Returns
        -------
        array of bool, shape (n,)
            False for those who give way.
        """
        may_yield = ~kept(honest.actor, FIRM_SHARE)
        stays: Flags = np.ones(len(honest), dtype=bool)
        for day, count in zip(days, others, strict=True):
            self._owed += count
            asked = np.flatnonzero((honest.day == day) & may_yield & (self._owed > 0)[honest.port])
            place = place_in_queue(honest.port[asked], honest.trip[asked])
            gives = asked[place < self._owed[honest.port[asked]]]
            stays[gives] = False
            self._owed -= np.bincount(honest.port[gives], minlength=len(self._owed))
        return stays


def trips_by_day_and_port(batches: list[Trips], days: range) -> Integers:
    """Count trips.

    Parameters
    ----------
    batches : list of Trips
        Trips of those days.
    days : range
        Local days since 1970-01-01.

    Returns
    -------
    array of int, shape (d, p)
        Counts by day and position in `places()`.
    """
    n_ports = len(places().codes)
    cells = [(batch.day - days.start) * n_ports + batch.port for batch in batches]
    counted = np.bincount(np.concatenate(cells), minlength=len(days) * n_ports)
    return counted.reshape(len(days), n_ports)
