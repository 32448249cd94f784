"""Buses and trucks: lines and fleets whose vehicles and drivers come back."""

import numpy as np

from training.simulation.draws import Flags, Integers, Keys, chance, fold, integer, root
from training.simulation.places import places
from training.simulation.rhythm import daily_counts, yearly_mean_per_day
from training.simulation.setting import Setting
from training.simulation.travellers import habitual_hour
from training.simulation.trips import Trips, clock, generation, home_ports, rank, slots
from training.simulation.world import Mode, World

BUS_HOURS = ((0.4, 7.5, 2.5), (0.6, 19.0, 3.0))
TRUCK_HOURS = ((0.45, 11.0, 2.5), (0.45, 16.5, 2.8), (0.1, 21.5, 1.5))
_TRIPS_PER_FIRM_AND_DAY = {"bus": 0.5, "truck": 3.0}
_TILT = {"bus": 1.5, "truck": 2.2}
_LIFE_DAYS, _SHORT_LIFE_DAYS, _SHORT_LIVED_SHARE = 1500.0, 90.0, 0.45
_OTHER_PORT_SHARE = 0.15
_LARGEST_FLEET = 40


def week_slots(mode: Mode, setting: Setting, days: range) -> tuple[Keys, Integers, Integers]:
    """Lay out a place for every item of a mode in some days.

    Parameters
    ----------
    mode : str
        A mode of items.
    setting : Setting
        World and seed.
    days : range
        Local days since 1970-01-01.

    Returns
    -------
    key, port, day : arrays, shape (n,)
        As `trips.slots` gives them.
    """
    n_ports = len(places().codes)
    volume, seed = setting.world.volume, setting.seed
    counts = np.concatenate([daily_counts(mode, day, volume, seed) for day in days])
    port = np.tile(np.arange(n_ports), len(days))
    return slots(seed, f"{mode} item", port, np.repeat(np.array(days), n_ports), counts)


def population(mode: Mode, world: World, per_member_and_day: float) -> Integers:
    """Give the size of a population at each port.

    Parameters
    ----------
    mode : str
        A mode of items.
    world : World
        Parameters.
    per_member_and_day : float
        Items that one member makes on a mean day.

    Returns
    -------
    array of int, shape (p,)
        Sizes, at least 1.
    """
    mean = yearly_mean_per_day(mode, world.volume)
    return np.maximum(1, np.round(mean / per_member_and_day)).astype(np.int64)


def fleet_trips(mode: Mode, setting: Setting, days: range) -> Trips:
    """Send out buses or trucks for some days.

    Parameters
    ----------
    mode : str
        `bus` or `truck`.
    setting : Setting
        World and seed; nobody is thinned out here.
    days : range
        Local days since 1970-01-01.

    Returns
    -------
    Trips
        One per vehicle; the actor is the firm, the asset its vehicle.
    """
    key, port, day = week_slots(mode, setting, days)
    size = population(mode, setting.world, _TRIPS_PER_FIRM_AND_DAY[mode])
    home = home_ports(mode, key, port, _OTHER_PORT_SHARE)
    place = rank(key, "firm", size[home], _TILT[mode])
    member = fold(fold(root(setting.seed, f"{mode} firm"), home), place)
    short = chance(member, "short-lived", _SHORT_LIVED_SHARE)
    actor = generation(member, day, np.where(short, _SHORT_LIFE_DAYS, _LIFE_DAYS))
    asset = fleet_vehicle(actor, key)
    hours = BUS_HOURS if mode == "bus" else TRUCK_HOURS
    hour = clock(habitual_hour(key, hours))
    return Trips(fold(key, "trip"), actor, asset, np.zeros_like(port), port, day, hour)


def fleet_vehicle(firm: Keys, trip: Keys) -> Keys:
    """Choose the vehicle of a firm that makes a trip.

    Parameters
    ----------
    firm, trip : array of uint64, shape (n,)
        Keys.

    Returns
    -------
    array of uint64, shape (n,)
        Keys of vehicles; firms have 1 to 40 of them, most have few.
    """
    size = 1 + rank(firm, "fleet", np.full(len(firm), _LARGEST_FLEET), 3.0)
    return fold(fold(firm, "vehicle"), integer(trip, "vehicle", size))


def filed_trucks(trips: Trips, world: World) -> Flags:
    """Tell which trucks are seen as a shipment with cargo data.

    Parameters
    ----------
    trips : Trips
        Trucks.
    world : World
        Parameters.

    Returns
    -------
    array of bool, shape (n,)
        The rest are vehicles: empty, or nobody has sent their data.
    """
    return chance(trips.trip, "filed", world.volume.truck_filed_share)
