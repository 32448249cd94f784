"""Vehicles as items: what a lane sees of a private vehicle, a bus or a truck."""

from collections.abc import Callable

import numpy as np
import polars as pl

from training.simulation.columns import identifiers, times, where, words
from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    chance,
    fold,
    geometric,
    integer,
    normal,
    pick,
)
from training.simulation.places import places
from training.simulation.rhythm import calendar_day
from training.simulation.travellers import COMMUTER, COURIER, HUNTER, TRADER
from training.simulation.trips import Trips
from training.simulation.world import Mode

BODIES = ("car", "suv", "pickup", "van", "motorcycle", "bus", "tractor", "straight_truck")
_LAWFUL_BODIES = (0.42, 0.31, 0.19, 0.06, 0.02)
_COURIER_BODIES = (0.37, 0.33, 0.20, 0.09, 0.01)
_STATES: dict[str, tuple[tuple[str, ...], tuple[float, ...]]] = {
    "TX": (("TX", "TAM", "NLE", "COA", "CHH", "NM", "OK"), (55, 18, 9, 8, 6, 2, 2)),
    "NM": (("NM", "CHH", "TX", "AZ"), (50, 34, 14, 2)),
    "AZ": (("AZ", "SON", "CA", "NM"), (55, 38, 5, 2)),
    "CA": (("CA", "BCN", "AZ", "NV"), (58, 37, 3, 2)),
}
"""Where plates are from, by state of the port: weights chosen for this project."""

_DRIVER_SEEN = {"pov": 0.1, "bus": 0.5, "truck": 0.8}
_FORM_SHOWN = 0.85
_ELSEWHERE_SHARE = 0.25
_READ_DELAY_US = 4_000_000
_SHORTEST_QUEUE_US = 200_000

Part = Callable[[Trips], pl.Series]


def vehicle_items(mode: Mode, trips: Trips) -> pl.DataFrame:
    """Write trips as items of kind vehicle.

    Parameters
    ----------
    mode : str
        `pov`, `bus` or `truck`.
    trips : Trips
        The trips.

    Returns
    -------
    polars.DataFrame
        The columns of a vehicle, one row per trip, in the order of the trips.
    """
    at, vehicle = trips.at, fold(trips.asset, "plate")
    seen = _SHORTEST_QUEUE_US + integer(trips.trip, "read delay", _READ_DELAY_US)
    return pl.DataFrame(
        {
            "item_id": identifiers(trips.trip, "XXXXXXXXXXXXXXXX"),
            "source": pl.repeat("lpr", len(trips), eager=True),
            "received_at": times(at + seen),
            "kind": pl.repeat("vehicle", len(trips), eager=True),
            "mode": pl.repeat(mode, len(trips), eager=True),
            "port": words(places().codes, trips.port),
            "presented_at": times(at),
            "destination": pl.repeat("MX", len(trips), eager=True),
            "plate": identifiers(vehicle, "AAA9999"),
            "plate_state": _plate_state(trips, vehicle),
            "body": words(BODIES, _body(mode, trips)),
            "model_year": pl.Series(_model_year(trips)),
            "occupants": pl.Series(_occupants(mode, trips)),
            "lane": _lane(trips),
            "trailer": where(_pulls(mode, trips), identifiers(_trailer(trips), "AA999999")),
            "driver": where(
                chance(trips.trip, "driver seen", _DRIVER_SEEN[mode]),
                identifiers(driver_key(mode, trips), "DXXXXXXXXXX"),
            ),
            "form_4457": _form(trips),
        }
    )


def driver_key(mode: Mode, trips: Trips) -> Keys:
    """Give the key of who drives.

    Parameters
    ----------
    mode : str
        `pov`, `bus` or `truck`.
    trips : Trips
        The trips.

    Returns
    -------
    array of uint64, shape (n,)
        The traveller, or one of the two or so drivers of a vehicle of a firm.
    """
    if mode == "pov":
        return fold(trips.actor, "driver")
    turn = integer(trips.trip, "driver turn", 2)
    return fold(fold(trips.asset, "driver"), turn)


def _plate_state(trips: Trips, vehicle: Keys) -> pl.Series:
    names = sorted({state for states, _ in _STATES.values() for state in states})
    codes = np.zeros(len(trips), dtype=np.int64)
    of_port = np.array(places().states)[trips.port]
    inland = (trips.role == COURIER) & chance(vehicle, "plate from elsewhere", _ELSEWHERE_SHARE)
    of_port = np.where(inland, pick_state(vehicle), of_port)
    for state, (issued, weights) in _STATES.items():
        here = of_port == state
        position = np.array([names.index(name) for name in issued])
        codes[here] = position[pick(vehicle[here], "plate state", weights)]
    return words(names, codes)


def pick_state(vehicle: Keys) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    """Draw the border state that a vehicle from elsewhere is registered near.

    Parameters
    ----------
    vehicle : array of uint64, shape (n,)
        Keys of vehicles.

    Returns
    -------
    array of str, shape (n,)
        One of the four border states, California first.
    """
    return np.array(["CA", "TX", "AZ", "NM"])[pick(vehicle, "elsewhere", (6, 2, 1, 1))]


def _body(mode: Mode, trips: Trips) -> Integers:
    if mode == "bus":
        return np.full(len(trips), BODIES.index("bus"))
    if mode == "truck":
        return np.where(_pulls(mode, trips), 6, 6 + pick(trips.asset, "truck body", (0.5, 0.5)))
    lawful = pick(trips.asset, "body", _LAWFUL_BODIES)
    return np.where(trips.role == COURIER, pick(trips.asset, "body", _COURIER_BODIES), lawful)


def _model_year(trips: Trips) -> Integers:
    age = np.abs(9.0 + 5.5 * normal(trips.asset, "age")).astype(np.int64)
    days = np.unique(trips.day)
    years = np.array([calendar_day(int(day)).year for day in days], dtype=np.int64)
    return years[np.searchsorted(days, trips.day)] - age


def _occupants(mode: Mode, trips: Trips) -> Integers:
    if mode == "bus":
        return 1 + pick(trips.trip, "load", (1,) * 45)
    if mode == "truck":
        return 1 + chance(trips.trip, "mate", 0.08).astype(np.int64)
    alone = np.isin(trips.role, (COMMUTER, TRADER))
    mean = np.where(alone, 1.25, np.where(trips.role == COURIER, 1.7, 2.2))
    few, many = geometric(trips.trip, "riders", 1.25), geometric(trips.trip, "riders", 2.2)
    courier = geometric(trips.trip, "riders", 1.7)
    drawn = np.where(alone, few, np.where(mean == 1.7, courier, many))  # noqa: PLR2004 - as above
    return np.minimum(drawn, 7)


def _lane(trips: Trips) -> pl.Series:
    n_lanes = 2 + trips.port % 5
    return pl.Series(1 + integer(trips.trip, "lane", n_lanes)).cast(pl.String)


def _pulls(mode: Mode, trips: Trips) -> Flags:
    share = {"pov": 0.02, "bus": 0.0, "truck": 0.85}[mode]
    return chance(trips.asset, "pulls a trailer", share)


def _trailer(trips: Trips) -> Keys:
    return fold(fold(trips.actor, "trailer"), integer(trips.trip, "trailer", 1 + trips.port % 3))


def _form(trips: Trips) -> pl.Series:
    shown = (trips.role == HUNTER) & chance(trips.trip, "form shown", _FORM_SHOWN)
    return where(shown, pl.repeat(value=True, n=len(trips), eager=True))
