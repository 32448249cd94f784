"""Routes: at which ports the trips of networks leave."""

from dataclasses import dataclass

import numpy as np

from features.reference.tables import ports
from training.simulation.draws import Flags, Integers, Numbers, chance, fold, pick
from training.simulation.networks import Departures
from training.simulation.places import places, stream_of
from training.simulation.rhythm import least_month_per_day
from training.simulation.seats import pace_of_seats
from training.simulation.world import MODES, STREAMS, Mode, Stream, World

_HOME_SHARE = 0.85
_MOST_OF_TRAFFIC = 0.1
"""Couriers are to be at most a tenth of a land port's traffic: among fewer they would stand out.
A choice of this project."""

_LAND: tuple[Mode, ...] = ("pov", "bus", "truck")


@dataclass(frozen=True)
class Routes:
    """Where the trips of one stream and mode leave.

    Parameters
    ----------
    weights : array of float, shape (p,)
        Weights of the ports.
    homes : bool
        Whether seats have a home port that they use most of the time; where no port has room
        for a seat of its own, each trip chooses anew.
    """

    weights: Numbers
    homes: bool


def departure_ports(world: World, departures: Departures) -> Integers:
    """Choose where the trips of networks leave.

    Parameters
    ----------
    world : World
        Parameters.
    departures : Departures
        The trips.

    Returns
    -------
    array of int, shape (n,)
        Positions in `places()`: most trips from the seat's home port, which is drawn
        anew after every move of the network.
    """
    home = fold(fold(departures.seat, "home"), departures.moves)
    at_home = chance(departures.trip, "from home", _HOME_SHARE)
    port = np.zeros(len(departures), dtype=np.int64)
    for stream, name in enumerate(STREAMS):
        for mode in MODES:
            here = (departures.stream == stream) & (departures.way == MODES.index(mode))
            if here.any():
                routes = routes_of(world, name, mode)
                key = np.where(at_home & routes.homes, home, departures.trip)[here]
                port[here] = pick(key, "port", routes.weights)
    return port


def routes_of(world: World, stream: Stream, mode: Mode) -> Routes:
    """Give how the events of a stream divide over the ports of a mode.

    Parameters
    ----------
    world : World
        Parameters.
    stream, mode : str
        Where to, and how.

    Returns
    -------
    Routes
        Land routes follow the state shares, but for ports that are closed in some month and
        those where couriers would be more than a tenth of the quietest month's traffic; where
        they are more than a tenth of a mode's traffic altogether, they follow the traffic. The
        Caribbean stream follows the share of South Florida, where the mode leaves from there
        at all.
    """
    shares = places().shares(mode)
    if mode in _LAND:
        return _land_routes(world, stream, mode, shares)
    serves = np.array([any(stream_of(c) == stream for c in ports()[p].destinations)
                       for p in places().codes])  # fmt: skip
    if shares[serves].sum() > 0:
        shares[~serves] = 0.0
    south = places().south_florida
    if stream == "caribbean" and shares[south].sum() > 0:
        share = world.trafficking.south_florida_share
        shares[south] *= share / shares[south].sum()
        shares[~south] *= (1.0 - share) / max(shares[~south].sum(), 1e-12)
    return Routes(shares, homes=True)


def _land_routes(world: World, stream: Stream, mode: Mode, shares: Numbers) -> Routes:
    room = _MOST_OF_TRAFFIC * least_month_per_day(mode, world.volume)
    per_seat, per_day = pace_of_seats(world, stream, MODES.index(mode))
    roomy = room >= per_seat
    homes = bool(roomy.any())
    usable: Flags = roomy if homes else room > 0
    weights = np.where(usable, shares, 0.0)
    states = np.array(places().states)
    for state, share in world.trafficking.state_share.items():
        inside = states == state
        weights[inside] *= share / max(weights[inside].sum(), 1e-12)
    return Routes(_held_under(weights, room / per_day), homes)


def _held_under(weights: Numbers, most: Numbers) -> Numbers:
    """Move what exceeds a bound to those that have room, in proportion; bounds if none has."""
    held: Numbers = weights / weights.sum()
    bound: Numbers = np.where(weights > 0, most, 0.0)
    if bound.sum() <= 1.0:
        return bound
    while (excess := np.maximum(held - bound, 0.0)).sum() > 1e-12:  # noqa: PLR2004 - rounding
        held = np.minimum(held, bound)
        free = np.where(held < bound, held, 0.0)
        held = held + excess.sum() * free / free.sum()
    return held
