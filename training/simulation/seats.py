"""Seats: the places of couriers and front firms in networks, laid out before anybody travels."""

from dataclasses import dataclass

import numpy as np

from training.simulation.draws import Integers, Keys, Numbers, fold, root
from training.simulation.rhythm import yearly_mean_per_day
from training.simulation.setting import Setting
from training.simulation.trips import kept
from training.simulation.world import MODES, STREAMS, Stream, Trafficking, World

WAYS: tuple[str, ...] = (*MODES, "small_boat", "on_foot")
"""Ways out: the modes of items, and the two that leave no item behind."""

_STREAM_NETWORKS = (0.6, 0.25, 0.15)
_DAYS_PER_YEAR = 365.0


@dataclass(frozen=True)
class Seats:
    """Seats of the networks that a world keeps, one array element each.

    Parameters
    ----------
    key, network : array of uint64, shape (n,)
        Keys of seats and of their networks.
    stream, way : array of int, shape (n,)
        Positions in `STREAMS` and `WAYS`.
    stretch : array of float, shape (n,)
        Factor on the gaps between trips, so that seats together make the world's events.
    """

    key: Keys
    network: Keys
    stream: Integers
    way: Integers
    stretch: Numbers


def mean_gap_days(traffic: Trafficking) -> float:
    """Give the mean gap between two events of one seat.

    Parameters
    ----------
    traffic : Trafficking
        Median and sigma of the lognormal gaps.

    Returns
    -------
    float
        Days: median times exp(sigma squared / 2).
    """
    return float(traffic.gap_days_median * np.exp(traffic.gap_sigma**2 / 2))


def lay_out_seats(setting: Setting) -> Seats:
    """Give each network its seats.

    Parameters
    ----------
    setting : Setting
        World, seed and scale; networks are thinned whole.

    Returns
    -------
    Seats
        As many as the world's events per year and way need.
    """
    traffic = setting.world.trafficking
    parts = [_no_seats()]
    for stream, name in enumerate(STREAMS):
        for way in traffic.split[name]:
            events = _events_per_year(setting.world, name, way)
            if events > 0:
                parts.append(_seats_of(setting, stream, way, events))
    whole = [np.concatenate(column) for column in zip(*parts, strict=True)]
    keeps = kept(whole[1], setting.scale)
    return Seats(*(column[keeps] for column in whole))


def _events_per_year(world: World, stream: Stream, way: str) -> float:
    traffic = world.trafficking
    national = traffic.events_per_year[stream] * traffic.split[stream].get(way, 0.0)
    return national * world.volume.fraction * traffic.oversample


def _n_seats(traffic: Trafficking, events: float) -> int:
    return max(1, round(events * mean_gap_days(traffic) / _DAYS_PER_YEAR))


def pace_of_seats(world: World, stream: Stream, way: int) -> tuple[float, float]:
    """Give how often the seats of a stream and way travel on average, clean trips included.

    Parameters
    ----------
    world : World
        Parameters.
    stream : str
        Where to.
    way : int
        Position in `WAYS`.

    Returns
    -------
    per_seat, per_day : float
        Trips a day of one seat, and of all of them; 0 for a way that is not used.
    """
    traffic = world.trafficking
    events = _events_per_year(world, stream, WAYS[way])
    busier = 1.0 + traffic.busy_share * (traffic.busy_factor - 1.0)
    per_day = busier * events / (1.0 - traffic.clean_trip_share) / _DAYS_PER_YEAR
    return per_day / _n_seats(traffic, events), per_day


def _no_seats() -> tuple[Keys, Keys, Integers, Integers, Numbers]:
    keys, integers = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    return keys, keys, integers, integers, np.zeros(0)


def _seats_of(
    setting: Setting, stream: int, way: str, events: float
) -> tuple[Keys, Keys, Integers, Integers, Numbers]:
    traffic, name = setting.world.trafficking, STREAMS[stream]
    gap = mean_gap_days(traffic)
    n_seats = _n_seats(traffic, events)
    n_networks = max(1, round(traffic.networks * _STREAM_NETWORKS[stream]))
    seats = np.arange(n_seats)
    return (
        fold(root(setting.seed, f"seat {name} {way}"), seats),
        fold(root(setting.seed, f"network {name}"), seats % n_networks),
        np.full(n_seats, stream),
        np.full(n_seats, WAYS.index(way)),
        np.full(n_seats, n_seats * _DAYS_PER_YEAR / (events * gap)),
    )


def expected_prevalence(world: World) -> Numbers:
    """Give the share of each mode's items that carry contraband, as the world means it.

    Parameters
    ----------
    world : World
        Parameters; a world without trafficking is taken as one with the sourced prevalence,
        since people are wrongly accused there too.

    Returns
    -------
    array of float, shape (7,)
        Events per item, in the order of `MODES`.
    """
    traffic, shares = world.trafficking, []
    factor = world.volume.fraction * max(1.0, traffic.oversample)
    for mode in MODES:
        events = sum(traffic.events_per_year[s] * traffic.split[s].get(mode, 0.0) for s in STREAMS)
        per_year = yearly_mean_per_day(mode, world.volume).sum() * _DAYS_PER_YEAR
        shares.append(events * factor / per_year)
    return np.array(shares)
