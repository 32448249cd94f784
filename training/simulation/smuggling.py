"""From departures of networks to trips and shipments that look like everybody else's."""

from dataclasses import replace

import numpy as np

from training.simulation.carriers import BUS_HOURS, TRUCK_HOURS, fleet_vehicle
from training.simulation.consignments import (
    CARGO_HOURS,
    MIX,
    Consignments,
    address_consignments,
)
from training.simulation.draws import (
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    integer,
    normal,
    pick,
)
from training.simulation.loads import Loads, divide, draw_loads
from training.simulation.networks import Departures
from training.simulation.operations import Operations
from training.simulation.places import places
from training.simulation.routes import departure_ports
from training.simulation.setting import Setting
from training.simulation.travellers import COURIER, habitual_hour
from training.simulation.trips import Trips, clock
from training.simulation.world import STREAMS, Mode, World

_COURIER_HOURS = ((0.50, 17.5, 2.6), (0.30, 13.5, 3.0), (0.20, 21.5, 1.8))
_COURIER_SPREAD_HOURS = 1.6
_POOL_CARS, _POOL_SHARE = 8, 0.4
_ESTABLISHED_SHARE: dict[Mode, float] = {
    "truck": 0.35, "air": 0.35, "ocean": 0.35, "express": 0.1, "mail": 0.1,
}  # fmt: skip
_OTHER_SENDER_SHARE: dict[Mode, float] = {
    "truck": 0.3, "air": 0.3, "ocean": 0.3, "express": 0.5, "mail": 0.5,
}  # fmt: skip
_FRONT_TILT = np.array([0.5, 1.3, 1.1, 1.0, 1.0, 0.0, 0.4])
_NETWORK_CONSIGNEES, _CONSIGNEE_SHARE = 6, 0.3
_NETWORK_HOUSES, _HOUSE_SHARE = 4, 0.3
_PHONE_SHARE = 0.2
_TURNOVER_DAYS, _MOVE = 120, 1_000_000
_MOST_SHIPMENTS, _SPREAD_DAYS = 5, 5
"""How networks work: choices of this project within what the notes on mechanisms say."""


def courier_trips(
    world: World, mode: Mode, departures: Departures, operations: Operations
) -> Trips:
    """Send couriers out in vehicles.

    Parameters
    ----------
    world : World
        Parameters.
    mode : str
        `pov`, `bus` or `truck`.
    departures : Departures
        Trips of networks of this mode.
    operations : Operations
        What scouts see: they wait where a lane is staffed.

    Returns
    -------
    Trips
        One per departure.
    """
    recruit, trip = departures.recruit, departures.trip
    ways = fold(recruit, departures.moves)
    hours = {"bus": BUS_HOURS, "truck": TRUCK_HOURS}.get(mode, _COURIER_HOURS)
    hour = clock(habitual_hour(ways, hours) + _COURIER_SPREAD_HOURS * normal(trip, "late"))
    trips = Trips(
        trip=trip,
        actor=recruit,
        asset=_assets(world, mode, departures),
        role=np.full(len(trip), COURIER),
        port=departure_ports(world, departures),
        day=departures.day,
        hour=hour,
    )
    return replace(trips, hour=_scouted(world, trips, operations), trip=fold(trip, "trip"))


def _assets(world: World, mode: Mode, departures: Departures) -> Keys:
    recruit, trip = departures.recruit, departures.trip
    if mode != "pov":
        return fleet_vehicle(recruit, trip)
    turn = departures.day // _TURNOVER_DAYS + departures.moves * _MOVE
    pool = fold(fold(fold(departures.network, "pool"), turn), integer(trip, "pool", _POOL_CARS))
    borrowed = np.where(chance(trip, "pool car", _POOL_SHARE), pool, fold(trip, "borrowed"))
    return np.where(chance(trip, "borrows", world.trafficking.borrow_share), borrowed, recruit)


def _scouted(world: World, trips: Trips, operations: Operations) -> Numbers:
    share = world.adaptation.scout_share * min(1.0, world.adaptation.strength)
    waits = operations.staffed(trips.port, trips.day, trips.hour)
    waits &= chance(trips.trip, "scouts", share)
    closes = operations.start(trips.port, trips.day) + world.past.hours_on_per_day
    later = np.minimum(closes + 0.1 + 2.5 * np.abs(normal(trips.trip, "waiting")), 23.9)
    return np.where(waits & (closes < later), later, trips.hour)


def front_consignments(
    setting: Setting, mode: Mode, departures: Departures
) -> tuple[Consignments, Loads]:
    """Send the shipments of front firms, some of them in several parts.

    Parameters
    ----------
    setting : Setting
        World and seed.
    mode : str
        A mode of shipments.
    departures : Departures
        Trips of networks of this mode.

    Returns
    -------
    Consignments, Loads
        One to six shipments per departure, over up to six days, linked by consignee, address
        or telephone more often than by the name of who sends.
    """
    event, traffic = departures.trip, setting.world.trafficking
    splits = chance(event, "splits", traffic.split_share)
    n_parts = np.where(splits, 2 + integer(event, "parts", _MOST_SHIPMENTS), 1)
    owner = np.repeat(np.arange(len(event)), n_parts)
    part = np.arange(len(owner)) - np.repeat(np.cumsum(n_parts) - n_parts, n_parts)
    key = fold(event[owner], part)
    port = departure_ports(setting.world, departures)[owner]
    role = pick(departures.recruit, "front", np.array(MIX[mode]) * _FRONT_TILT)[owner]
    later = np.where(part > 0, integer(key, "delay", _SPREAD_DAYS + 1), 0)
    shipper = _fronts(mode, departures, owner, key)
    trips = Trips(
        trip=fold(key, "sent"),
        actor=shipper,
        asset=shipper,
        role=role,
        port=port,
        day=departures.day[owner] + later,
        hour=clock(habitual_hour(key, CARGO_HOURS[mode])),
    )
    whole = draw_loads(traffic, departures, cargo=True)
    loads = divide(whole, owner, part, n_parts[owner])
    return _linked(setting.seed, trips, departures, owner), loads


def _fronts(mode: Mode, departures: Departures, owner: Integers, key: Keys) -> Keys:
    lasting = fold(departures.seat, "established firm")
    established = chance(departures.recruit, "established", _ESTABLISHED_SHARE[mode])
    front = np.where(established, lasting, departures.recruit)[owner]
    return np.where(
        chance(key, "other sender", _OTHER_SENDER_SHARE[mode]), fold(key, "sender"), front
    )


def _linked(seed: int, trips: Trips, departures: Departures, owner: Integers) -> Consignments:
    weights = np.stack([places().destination_weights(name) for name in STREAMS])
    stream, event = departures.stream[owner], departures.trip[owner]
    tilted, routes = departures.carries[owner], weights[stream, trips.port]
    batch = address_consignments(seed, trips, tilted, routes, importer_share=0.0)
    turn = trips.day // _TURNOVER_DAYS + departures.moves[owner] * _MOVE
    group = fold(fold(departures.network[owner], "group"), turn)
    common = fold(fold(group, "consignee"), integer(event, "consignee", _NETWORK_CONSIGNEES))
    house = fold(fold(group, "house"), integer(event, "house", _NETWORK_HOUSES))
    shares_phone = chance(trips.trip, "common phone", _PHONE_SHARE)
    return replace(
        batch,
        consignee=np.where(chance(event, "common", _CONSIGNEE_SHARE), common, batch.consignee),
        address=np.where(chance(event, "common house", _HOUSE_SHARE), house, batch.address),
        phone=np.where(shares_phone, fold(group, "phone"), batch.phone),
    )
