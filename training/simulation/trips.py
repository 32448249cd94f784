"""Trips: who leaves where and when, before anybody has looked at what they carry."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    pick,
    root,
    uniform,
)
from training.simulation.places import places
from training.simulation.world import Mode

HOURS_PER_DAY = 24.0


@dataclass(frozen=True)
class Trips:
    """A batch of trips, one array element each.

    Parameters
    ----------
    trip : array of uint64, shape (n,)
        Key of the trip; its item identifier is this key in hexadecimal.
    actor : array of uint64, shape (n,)
        Key of the actor who makes it: the unit that `--scale` thins.
    asset : array of uint64, shape (n,)
        Key of the vehicle, which may be borrowed.
    role : array of int, shape (n,)
        What kind of actor, in the numbering of the module that made the trips.
    port : array of int, shape (n,)
        Position in `places()`.
    day : array of int, shape (n,)
        Local day since 1970-01-01.
    hour : array of float, shape (n,)
        Local hour at which it is presented, 0 to 24.
    """

    trip: Keys
    actor: Keys
    asset: Keys
    role: Integers
    port: Integers
    day: Integers
    hour: Numbers

    def __len__(self) -> int:
        return len(self.trip)

    @property
    def at(self) -> Integers:
        """Moments in microseconds since the epoch, UTC."""
        return places().to_utc(self.port, self.day, self.hour)

    def only(self, chosen: Flags | Integers) -> Self:
        """Keep some of the trips.

        Parameters
        ----------
        chosen : array of bool, shape (n,), or array of int
            Which.

        Returns
        -------
        Trips
            Those trips.
        """
        return replace(self, **{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def join(batches: list[Trips]) -> Trips:
    """Put batches one after the other.

    Parameters
    ----------
    batches : list of Trips
        At least one batch.

    Returns
    -------
    Trips
        All trips.
    """
    return Trips(
        *(np.concatenate([getattr(batch, f.name) for batch in batches]) for f in fields(Trips))
    )


def kept(actor: Keys, scale: float) -> Flags:
    """Tell which actors a thinned world keeps.

    Parameters
    ----------
    actor : array of uint64, shape (n,)
        Keys of actors.
    scale : float
        Share of actors to keep, 0 to 1.

    Returns
    -------
    array of bool, shape (n,)
        The same answer for an actor wherever it is asked; a larger scale keeps a superset.
    """
    return uniform(actor, "kept") < scale


def slots(
    seed: int, label: str, port: Integers, day: Integers, count: Integers
) -> tuple[Keys, Integers, Integers]:
    """Lay out numbered places for the items of some days.

    Parameters
    ----------
    seed : int
        Seed of the world.
    label : str
        What the items are.
    port, day, count : array of int, shape (k,)
        Port, local day and number of items of each cell.

    Returns
    -------
    key : array of uint64, shape (sum(count),)
        A key for each item that depends on its cell and number alone.
    port, day : array of int, shape (sum(count),)
        The cell of each item.
    """
    each = np.repeat(np.arange(len(count)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    number = np.arange(len(each)) - first
    cell = fold(fold(root(seed, label), port), day)
    return fold(cell[each], number), port[each], day[each]


def rank(key: Keys, label: str, size: Integers, tilt: float | Numbers) -> Integers:
    """Draw members of populations in which few are busy and many are not.

    Parameters
    ----------
    key : array of uint64, shape (n,)
        Who draws.
    label : str
        What is drawn.
    size : array of int, shape (n,)
        Size of each population, at least 1.
    tilt : float or array of float, shape (n,)
        1 for members alike; at 2 the busiest hundredth gets a tenth of the draws.

    Returns
    -------
    array of int, shape (n,)
        Ranks from 0 on.
    """
    return np.minimum((size * uniform(key, label) ** tilt).astype(np.int64), size - 1)


def generation(member: Keys, day: Integers, life_days: float | Numbers) -> Keys:
    """Let members of a population be replaced when their time is over.

    Parameters
    ----------
    member : array of uint64, shape (n,)
        Keys of places in a population.
    day : array of int, shape (n,)
        Local day since 1970-01-01.
    life_days : float or array of float, shape (n,)
        How long each one stays.

    Returns
    -------
    array of uint64, shape (n,)
        Keys of who holds the place on that day; the changes are spread evenly over time.
    """
    born = uniform(member, "born") * life_days
    return fold(member, np.floor((day + born) / life_days).astype(np.int64))


def home_ports(mode: Mode, key: Keys, port: Integers, share: float) -> Integers:
    """Choose at which port those who leave at one port are at home.

    Parameters
    ----------
    mode : str
        A mode of items.
    key : array of uint64, shape (n,)
        Trips.
    port : array of int, shape (n,)
        Where they leave.
    share : float
        How many are at home elsewhere.

    Returns
    -------
    array of int, shape (n,)
        Mostly the same port, else a neighbour by `Places.neighbours`.
    """
    away = chance(key, "from another port", share)
    home = port.copy()
    home[away] = pick(key[away], "home port", places().neighbours(mode)[port[away]])
    return home


def clock(hour: Numbers) -> Numbers:
    """Bring hours onto the clock.

    Parameters
    ----------
    hour : array of float
        Hours, before midnight or after it.

    Returns
    -------
    array of float
        Hours in [0, 24).
    """
    return np.mod(hour, HOURS_PER_DAY)


def place_in_queue(port: Integers, trip: Keys) -> Integers:
    """Line the trips of each port up in an order that means nothing.

    Parameters
    ----------
    port : array of int, shape (n,)
        Positions in `places()`.
    trip : array of uint64, shape (n,)
        Keys, by which they stand.

    Returns
    -------
    array of int, shape (n,)
        Places from 0 on, port by port.
    """
    order = np.lexsort((trip, port))
    queue = np.empty(len(port), dtype=np.int64)
    sorted_port = port[order]
    first = np.searchsorted(sorted_port, sorted_port)
    queue[order] = np.arange(len(port)) - first
    return queue
