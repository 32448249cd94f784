"""What traffickers carry, how it is hidden, and how hard that makes it to find."""

from dataclasses import dataclass, fields

import numpy as np

from features.severity import SEVERITY_PER_FIREARM, SEVERITY_PER_PART, SEVERITY_PER_ROUND
from training.simulation.draws import (
    Flags,
    Integers,
    Keys,
    Numbers,
    chance,
    fold,
    geometric,
    lognormal,
    pick,
    uniform,
)
from training.simulation.networks import Departures
from training.simulation.world import STREAMS, Trafficking

CONCEALMENTS = ("ordinary", "hidden_compartment", "engine_block", "disassembled_dispersed",
                "dense_bulk_food", "appliance", "mixed_household_goods")  # fmt: skip
_VEHICLE_WEIGHTS = (0.38, 0.42, 0.10, 0.10, 0.0, 0.0, 0.0)
_CARGO_WEIGHTS = (0.22, 0.0, 0.05, 0.13, 0.15, 0.20, 0.25)
_EASE = np.array([1.0, 0.6, 0.45, 0.6, 0.8, 0.8, 0.75])
"""Multipliers of A-pd.mult on the probability of detection, in the order of CONCEALMENTS."""

_EASE_POLYMER, _EASE_AMMUNITION, _EASE_RECEIVER, _EASE_CONVERSION = 0.35, 1.05, 0.5, 0.25
"""More of A-pd.mult; the last two go by what a parts-only load is."""

_RECEIVER_SHARE, _CONVERSION_SHARE = 0.3, 0.1
GUNS_ONLY, GUNS_AND_AMMO, AMMO_ONLY, PARTS_ONLY = range(4)
EVENT_TYPES = ("guns_only", "guns_and_ammo", "ammo_only", "parts_only")
_DAYS_PER_YEAR = 365.25
_FIRST_DAY = 18262  # 2020-01-01: shares of the facts are of about that year and after


@dataclass(frozen=True)
class Loads:
    """What each item of a batch really carries, one array element each.

    Parameters
    ----------
    event, network : array of uint64, shape (n,)
        Keys; 0 where there is nothing to tell.
    n_firearms, n_rifles, n_parts, n_rounds : array of int, shape (n,)
        Contents; rifles are among the firearms.
    concealment : array of int, shape (n,)
        Position in `CONCEALMENTS`.
    ease : array of float, shape (n,)
        Factor on the probability that an exam finds it.
    """

    event: Keys
    network: Keys
    n_firearms: Integers
    n_rifles: Integers
    n_parts: Integers
    n_rounds: Integers
    concealment: Integers
    ease: Numbers

    def __len__(self) -> int:
        return len(self.event)

    def only(self, chosen: Flags | Integers) -> "Loads":
        """Keep or repeat some of the loads.

        Parameters
        ----------
        chosen : array of bool, shape (n,), or array of int
            Which.

        Returns
        -------
        Loads
            Those.
        """
        return Loads(*(getattr(self, f.name)[chosen] for f in fields(self)))

    @property
    def illicit(self) -> Flags:
        """Whether anything is carried."""
        return (self.n_firearms + self.n_parts + self.n_rounds) > 0

    @property
    def severity(self) -> Numbers:
        """Firearm equivalents, as `features.severity` weighs them."""
        weighed: Numbers = (
            SEVERITY_PER_FIREARM * self.n_firearms
            + SEVERITY_PER_PART * self.n_parts
            + SEVERITY_PER_ROUND * self.n_rounds
        )
        return weighed


def nothing(n: int) -> Loads:
    """Give the loads of lawful items.

    Parameters
    ----------
    n : int
        Number of items.

    Returns
    -------
    Loads
        Nothing to find.
    """
    keys, zeros = np.zeros(n, dtype=np.uint64), np.zeros(n, dtype=np.int64)
    return Loads(keys, keys, zeros, zeros, zeros, zeros, zeros, np.zeros(n))


def join_loads(batches: list[Loads]) -> Loads:
    """Put batches one after the other.

    Parameters
    ----------
    batches : list of Loads
        At least one batch.

    Returns
    -------
    Loads
        All of them.
    """
    return Loads(
        *(np.concatenate([getattr(batch, f.name) for batch in batches]) for f in fields(Loads))
    )


def draw_loads(world: Trafficking, departures: Departures, *, cargo: bool) -> Loads:
    """Fill the trips of traffickers.

    Parameters
    ----------
    world : Trafficking
        Parameters.
    departures : Departures
        The trips, clean ones among them.
    cargo : bool
        Whether they are shipments; vehicles hide things in other places.

    Returns
    -------
    Loads
        Contents with how they are hidden.
    """
    event, carries, stream = fold(departures.trip, "event"), departures.carries, departures.stream
    caribbean = stream == STREAMS.index("caribbean")
    kind = _event_type(world, event, caribbean)
    guns = np.isin(kind, (GUNS_ONLY, GUNS_AND_AMMO)) & carries
    ammunition = np.isin(kind, (GUNS_AND_AMMO, AMMO_ONLY)) & carries
    parts = (kind == PARTS_ONLY) & carries
    n_guns = _heavy(event, "guns", world.guns_median, world.guns_sigma, world.guns_max)
    n_rounds = _heavy(event, "rounds", world.rounds_median, world.rounds_sigma, world.rounds_max)
    median = world.parts_median * np.where(caribbean, world.caribbean_parts_factor, 1.0)
    n_parts = _heavy(event, "parts", median, world.parts_sigma, 1000)
    spare = chance(event, "spare magazines", 0.4) & guns
    n_parts = np.where(parts, n_parts, np.where(spare, geometric(event, "magazines", 3.0), 0))
    n_guns = np.where(guns, n_guns, 0)
    concealment = pick(event, "hidden", _CARGO_WEIGHTS if cargo else _VEHICLE_WEIGHTS)
    material = _material(world, event, kind, departures.day)
    return Loads(
        event=np.where(carries, event, np.uint64(0)),
        network=departures.network,
        n_firearms=n_guns,
        n_rifles=_rifles(world, event, stream, n_guns),
        n_parts=n_parts,
        n_rounds=np.where(ammunition, n_rounds, 0),
        concealment=np.where(carries, concealment, 0),
        ease=np.where(carries, _EASE[concealment] * material, 0.0),
    )


def _event_type(world: Trafficking, event: Keys, caribbean: Flags) -> Integers:
    share = np.array([world.event_type[name] for name in EVENT_TYPES])
    heavy_in_parts = share * np.array([1.0, 1.0, 1.0, world.caribbean_parts_factor])
    return np.where(caribbean, pick(event, "type", heavy_in_parts), pick(event, "type", share))


def _heavy(event: Keys, label: str, median: float | Numbers, sigma: float, most: int) -> Integers:
    return np.clip(np.round(lognormal(event, label, median, sigma)), 1, most).astype(np.int64)


def _rifles(world: Trafficking, event: Keys, stream: Integers, n_guns: Integers) -> Integers:
    share = np.array([world.rifle_share[name] for name in STREAMS])[stream]
    whole = np.floor(n_guns * share)
    one_more = uniform(event, "rifles") < n_guns * share - whole
    rifles: Integers = (whole + one_more).astype(np.int64)
    return rifles


def _material(world: Trafficking, event: Keys, kind: Integers, day: Integers) -> Numbers:
    years = np.maximum(0.0, (day - _FIRST_DAY) / _DAYS_PER_YEAR)
    growth = (1.0 + world.pmf_growth_per_year) ** years
    polymer = chance(event, "polymer", np.minimum(0.5, world.polymer_share * growth))
    part = uniform(event, "part")
    single = (kind == PARTS_ONLY) & (part < _RECEIVER_SHARE)
    conversion = (kind == PARTS_ONLY) & (part >= 1.0 - _CONVERSION_SHARE)
    ease = np.where(kind == AMMO_ONLY, _EASE_AMMUNITION, 1.0)
    ease = np.where(single, _EASE_RECEIVER, np.where(conversion, _EASE_CONVERSION, ease))
    return np.where(polymer & (kind <= GUNS_AND_AMMO), _EASE_POLYMER, ease)


def divide(loads: Loads, owner: Integers, part: Integers, n_parts: Integers) -> Loads:
    """Divide loads over several shipments.

    Parameters
    ----------
    loads : Loads
        One per event.
    owner : array of int, shape (m,)
        Event of each shipment.
    part : array of int, shape (m,)
        Number of the shipment within its event, from 0.
    n_parts : array of int, shape (m,)
        Shipments of its event.

    Returns
    -------
    Loads
        One per shipment; contents add up to those of the event.
    """
    each = loads.only(owner)

    def share(total: Integers) -> Integers:
        return total * (part + 1) // n_parts - total * part // n_parts

    disassembled = CONCEALMENTS.index("disassembled_dispersed")
    split = (n_parts > 1) & (each.event > 0)
    return Loads(
        each.event,
        each.network,
        share(each.n_firearms),
        share(each.n_rifles),
        share(each.n_parts),
        share(each.n_rounds),
        np.where(split, disassembled, each.concealment),
        np.where(split, each.ease * _EASE[disassembled], each.ease),
    )
