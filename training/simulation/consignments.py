"""Consignments: who sends to whom, through which hands, before goods are written down."""

from dataclasses import dataclass, fields, replace

import numpy as np

from training.simulation.carriers import TRUCK_HOURS, week_slots
from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    pick,
    root,
)
from training.simulation.lines import FAMILY, LARGE, LICENSED, SELLER, SMALL, VEHICLES
from training.simulation.orders import ordered
from training.simulation.places import places
from training.simulation.rhythm import yearly_mean_per_day
from training.simulation.setting import Setting
from training.simulation.travellers import habitual_hour
from training.simulation.trips import Trips, clock, generation, home_ports, kept, rank
from training.simulation.world import Mode, World

MIX: dict[Mode, tuple[float, ...]] = {
    "truck": (0.70, 0.29, 0.0, 0.0, 0.01, 0.0, 0.0),
    "air": (0.52, 0.32, 0.07, 0.08, 0.0, 0.0, 0.01),
    "ocean": (0.36, 0.27, 0.28, 0.02, 0.07, 0.0, 0.0),
    "express": (0.10, 0.25, 0.13, 0.48, 0.0, 0.0, 0.04),
    "mail": (0.01, 0.06, 0.50, 0.38, 0.0, 0.0, 0.05),
}
"""Share of each kind of shipper, in the order of `lines`: choices of this project."""

SENDS_PER_YEAR = np.array([150.0, 20.0, 4.0, 120.0, 30.0, 15.0, 20.0])
TILT = np.array([2.0, 1.4, 2.4, 1.8, 1.4, 1.2, 1.5])
LIFE_DAYS = np.array([1800.0, 600.0, 730.0, 400.0, 700.0, 1800.0, 900.0])
PARTNERS = np.array([25, 6, 5, 4000, 12, 8, 40])
"""Some families send nearly every week, to a few relations: people who send for a whole street.
Without them only front firms would send gifts that often."""

_OTHER_PORT_SHARE = 0.2
_SHORT_LIVED_SHARE, _SHORT_LIFE = 0.4, 0.15
_STEADY_WEEKDAY_SHARE = 0.45
_SHARED_ADDRESS_SHARE = 0.3
_IMPORTER_SHARE = 0.35
_HOUSEHOLDS = 900
_HOUSES, _HOUSE_TILT, _AGENT_SHARE = 5000, 2.5, 0.3
"""Shared addresses of a country, how much more some receive than others, and how many who live
at one give the telephone of whoever takes parcels in there."""
_MONDAY_OFFSET = 3
_WEEKDAYS = 5

CARGO_HOURS: dict[Mode, tuple[tuple[float, float, float], ...]] = {
    "truck": TRUCK_HOURS,
    "air": ((0.6, 16.0, 3.0), (0.4, 21.0, 2.0)),
    "ocean": ((0.7, 11.0, 2.5), (0.3, 15.0, 2.0)),
    "express": ((0.8, 19.5, 2.2), (0.2, 12.0, 2.5)),
    "mail": ((0.7, 17.0, 3.0), (0.3, 22.0, 2.0)),
}


@dataclass(frozen=True)
class Consignments:
    """A batch of shipments of one mode, one array element each.

    Parameters
    ----------
    trips : Trips
        Trip, shipper (as the actor), port and time; `role` is the kind of shipper.
    destination : array of int, shape (n,)
        Position in `places().countries`.
    consignee, address, phone, forwarder : array of uint64, shape (n,)
        Keys of the other parties.
    tilted : array of bool, shape (n,)
        Whether traffickers wrote the papers.
    """

    trips: Trips
    destination: Integers
    consignee: Keys
    address: Keys
    phone: Keys
    forwarder: Keys
    tilted: Flags

    def __len__(self) -> int:
        return len(self.trips)

    def only(self, chosen: Flags) -> "Consignments":
        """Keep some of the shipments.

        Parameters
        ----------
        chosen : array of bool, shape (n,)
            Which.

        Returns
        -------
        Consignments
            Those.
        """
        names = [f.name for f in fields(self) if f.name != "trips"]
        return Consignments(
            self.trips.only(chosen), *(getattr(self, name)[chosen] for name in names)
        )


def join_consignments(batches: list[Consignments]) -> Consignments:
    """Put batches one after the other.

    Parameters
    ----------
    batches : list of Consignments
        At least one batch.

    Returns
    -------
    Consignments
        All of them.
    """
    trips = [batch.trips for batch in batches]
    joined = Trips(*(np.concatenate([getattr(t, f.name) for t in trips]) for f in fields(Trips)))
    others = [f.name for f in fields(Consignments) if f.name != "trips"]
    return Consignments(
        joined, *(np.concatenate([getattr(batch, name) for batch in batches]) for name in others)
    )


def sendings(mode: Mode, setting: Setting, days: range) -> Trips:
    """Lay out the honest shipments of some days, whoever sends them.

    Parameters
    ----------
    mode : str
        `air`, `ocean`, `express` or `mail`; trucks come from `carriers.fleet_trips`.
    setting : Setting
        World and seed.
    days : range
        Local days since 1970-01-01.

    Returns
    -------
    Trips
        With a key of its own for each.
    """
    key, port, day = week_slots(mode, setting, days)
    hour = clock(habitual_hour(key, CARGO_HOURS[mode]))
    return Trips(key, key, key, np.zeros_like(port), port, day, hour)


def lawful_consignments(mode: Mode, setting: Setting, trips: Trips) -> Consignments:
    """Let honest shippers send.

    Parameters
    ----------
    mode : str
        A mode of shipments.
    setting : Setting
        World, seed, and the share of shippers to keep.
    trips : Trips
        Shipments whoever sends them: from `sendings`, or the trucks whose data reach Weir.

    Returns
    -------
    Consignments
        The shipments of the shippers that are kept.
    """
    placed = with_shippers(mode, setting, ordered(mode, setting, trips))
    stay = kept(placed.actor, setting.scale)
    trips, placed = trips.only(stay), placed.only(stay)
    placed = replace(placed, trip=fold(placed.trip, "sent"))
    batch = address_consignments(setting.seed, placed, np.zeros(len(placed), dtype=bool))
    sent = replace(placed, trip=fold(trips.trip, "sent"), day=trips.day)
    return replace(batch, trips=sent)


def with_shippers(mode: Mode, setting: Setting, trips: Trips) -> Trips:
    """Choose what kind of shipper sends each shipment, and who that is.

    Parameters
    ----------
    mode : str
        A mode of shipments.
    setting : Setting
        World and seed; nobody is thinned out here.
    trips : Trips
        Shipments whoever sends them.

    Returns
    -------
    Trips
        The same with role and actor.
    """
    trips = replace(trips, role=_roles(mode, setting.world, trips.trip))
    return replace(trips, actor=draw_shippers(mode, setting, trips))


def _roles(mode: Mode, world: World, key: Keys) -> Integers:
    role = pick(key, "role", MIX[mode])
    rate = world.lawful.legal_guns[mode] * max(1.0, world.trafficking.oversample)
    return np.where(chance(key, "licensed", rate), LICENSED, role)


def draw_shippers(mode: Mode, setting: Setting, trips: Trips) -> Keys:
    """Choose who sends each shipment.

    Parameters
    ----------
    mode : str
        A mode of shipments.
    setting : Setting
        World and seed.
    trips : Trips
        Shipments with their roles, whoever sends them.

    Returns
    -------
    array of uint64, shape (n,)
        Keys of shippers: a few send most, nearly half of what they send goes on a weekday of
        their own, and each is replaced when its time is over.
    """
    key, day, role = trips.trip, trips.day, trips.role
    port = home_ports(mode, key, trips.port, _OTHER_PORT_SHARE)
    per_year = yearly_mean_per_day(mode, setting.world.volume)[port] * 365
    share = np.maximum(np.array(MIX[mode]), 1e-4)[role]
    size = np.maximum(3, per_year * share / SENDS_PER_YEAR[role]).astype(np.int64)
    place = rank(key, "shipper", size, TILT[role])
    weekday = np.minimum((day + _MONDAY_OFFSET) % 7, _WEEKDAYS - 1)
    steady = chance(key, "steady weekday", _STEADY_WEEKDAY_SHARE) & (size > _WEEKDAYS)
    place = np.where(steady, np.minimum(place // 5 * 5 + weekday, size - 1), place)
    member = fold(fold(fold(root(setting.seed, f"{mode} shipper"), port), role), place)
    short = chance(member, "short-lived", _SHORT_LIVED_SHARE)
    life = LIFE_DAYS[role] * np.where(short, _SHORT_LIFE, 1.0)
    return generation(member, day, life)


def address_consignments(
    seed: int,
    trips: Trips,
    tilted: Flags,
    weights: Numbers | None = None,
    importer_share: float = _IMPORTER_SHARE,
) -> Consignments:
    """Choose where shipments go and through which hands.

    Parameters
    ----------
    seed : int
        Seed of the world.
    trips : Trips
        Shipments with their shippers.
    tilted : array of bool, shape (n,)
        Whether traffickers wrote the papers.
    weights : array of float, shape (n, c), optional
        Weights of the destinations of each shipment; those of its port if not given.
    importer_share : float
        Share of partners that many send to: importers, or households that order a lot.

    Returns
    -------
    Consignments
        Shippers have partners of their own, or send to importers that many know; several
        consignees share an address (a freight forwarder's, an apartment house), some of them
        with its telephone.
    """
    if weights is None:
        weights = places().destination_weights()[trips.port]
    role, shipper = trips.role, trips.actor
    partner = rank(trips.trip, "partner", PARTNERS[role], 1.8)
    relation = fold(fold(shipper, "partner"), partner)
    destination = pick(relation, "destination", weights)
    importer = fold(fold(root(seed, "importer"), destination), rank(
        relation, "importer", np.full(len(trips), 3000), 2.0))  # fmt: skip
    traders = np.isin(role, (LARGE, SMALL, VEHICLES)) & chance(relation, "known", importer_share)
    household = fold(fold(root(seed, "household"), destination), rank(
        relation, "household", np.full(len(trips), _HOUSEHOLDS), 1.6))  # fmt: skip
    orders = np.isin(role, (SELLER, FAMILY)) & chance(relation, "orders", importer_share)
    consignee = np.where(traders, importer, np.where(orders, household, relation))
    house = fold(fold(root(seed, "house"), destination), rank(
        consignee, "house", np.full(len(trips), _HOUSES), _HOUSE_TILT))  # fmt: skip
    shared = chance(consignee, "shared address", _SHARED_ADDRESS_SHARE)
    address = np.where(shared, house, fold(consignee, "address"))
    by_agent = shared & chance(consignee, "phone of the house", _AGENT_SHARE)
    phone = fold(np.where(by_agent, house, consignee), "phone")
    forwarder = fold(
        fold(root(seed, "forwarder"), trips.port),
        rank(shipper, "forwarder", np.full(len(trips), 60), 2.0),
    )
    return Consignments(trips, destination, consignee, address, phone, forwarder, tilted)
