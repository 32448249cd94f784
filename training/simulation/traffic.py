"""A week of traffic: honest trips and those of networks, as items with the truth beside them."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from features.records import TABLES
from training.simulation.carriers import filed_trucks, fleet_trips
from training.simulation.columns import identifiers, words
from training.simulation.consignments import (
    Consignments,
    join_consignments,
    lawful_consignments,
    sendings,
    with_shippers,
)
from training.simulation.draws import Integers, chance
from training.simulation.giving_way import GivingWay, trips_by_day_and_port
from training.simulation.loads import CONCEALMENTS, Loads, draw_loads, join_loads, nothing
from training.simulation.networks import Departures, Networks
from training.simulation.operations import Operations
from training.simulation.seats import WAYS
from training.simulation.setting import Setting
from training.simulation.shipments import shipment_items
from training.simulation.smuggling import courier_trips, front_consignments
from training.simulation.travellers import Travellers
from training.simulation.trips import Trips, join, kept
from training.simulation.vehicles import vehicle_items
from training.simulation.world import MODES, STREAMS, Mode, World

ITEM_COLUMNS = tuple(TABLES["items"].columns)
CARGO_MODES: tuple[Mode, ...] = ("truck", "air", "ocean", "express", "mail")
VEHICLE_MODES: tuple[Mode, ...] = ("pov", "bus", "truck")
_TRUCK = MODES.index("truck")


@dataclass(frozen=True)
class WeekOfTraffic:
    """What leaves in a week.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table, ordered by time.
    hidden : polars.DataFrame
        One row per item in the same order: what only the environment knows.
    leakage : polars.DataFrame
        Contraband that left without an item.
    """

    items: pl.DataFrame
    hidden: pl.DataFrame
    leakage: pl.DataFrame


class Traffic:
    """Everyone who leaves, week after week.

    Parameters
    ----------
    setting : Setting
        World, seed, start and scale.
    """

    def __init__(self, setting: Setting) -> None:
        self._setting, self._world = setting, setting.world
        self.operations = Operations(setting.world, setting.seed)
        self.networks = Networks(replace(setting, scale=1.0))
        self._travellers = Travellers(setting)
        self._giving_way = {mode: GivingWay() for mode in VEHICLE_MODES}
        self._pending: dict[Mode, tuple[Consignments, Loads]] = {}

    def week(self, days: range) -> WeekOfTraffic:
        """Let everybody leave for some days.

        Networks plan first, all of them whatever the scale; honest traffic on land then fills
        what they leave of each port's count, so that counts are the published ones.

        Parameters
        ----------
        days : range
            Local days since 1970-01-01, following those of the call before.

        Returns
        -------
        WeekOfTraffic
            Items with the truth beside them.
        """
        departures = self.networks.week(days)
        sent = chance(departures.recruit, "filed", self._world.volume.truck_filed_share)
        truck = departures.way == _TRUCK
        unfiled, filed = departures.only(~truck | ~sent), departures.only(~truck | sent)
        couriers = {mode: self._couriers(mode, unfiled) for mode in VEHICLE_MODES}
        fronts = {mode: self._fronts(mode, filed, days) for mode in CARGO_MODES}
        planned = {mode: [trips] for mode, (trips, _) in couriers.items()}
        planned["truck"].append(fronts["truck"][0].trips)
        honest = {
            mode: self._honest(mode, trips_by_day_and_port(planned[mode], days), days)
            for mode in VEHICLE_MODES
        }
        with_data = filed_trucks(honest["truck"], self._world)
        loaded = honest["truck"].only(with_data)
        honest["truck"] = honest["truck"].only(~with_data)
        parts = [self._vehicles(mode, honest[mode], *couriers[mode]) for mode in VEHICLE_MODES]
        for mode in CARGO_MODES:
            trips = loaded if mode == "truck" else sendings(mode, self._setting, days)
            parts.append(self._cargo(mode, trips, *fronts[mode]))
        frame = pl.concat([_widen(*part) for part in parts]).sort("presented_at", "item_id")
        hidden = [name for name in frame.columns if name not in ITEM_COLUMNS]
        gone = departures.only(departures.way >= len(MODES))
        gone = gone.only(kept(gone.network, self._setting.scale))
        return WeekOfTraffic(
            frame.select(ITEM_COLUMNS), frame.select(hidden), leakage_rows(self._world, gone)
        )

    def _couriers(self, mode: Mode, departures: Departures) -> tuple[Trips, Loads]:
        mine = departures.only(departures.way == MODES.index(mode))
        trips = courier_trips(self._world, mode, mine, self.operations)
        return trips, draw_loads(self._world.trafficking, mine, cargo=False)

    def _fronts(
        self, mode: Mode, departures: Departures, days: range
    ) -> tuple[Consignments, Loads]:
        mine = departures.only(departures.way == MODES.index(mode))
        fronts, loads = front_consignments(self._setting, mode, mine)
        if mode in self._pending:
            earlier, carried = self._pending[mode]
            fronts = join_consignments([earlier, fronts])
            loads = join_loads([carried, loads])
        now = fronts.trips.day < days.stop
        self._pending[mode] = (fronts.only(~now), loads.only(~now))
        return fronts.only(now), loads.only(now)

    def _honest(self, mode: Mode, others: Integers, days: range) -> Trips:
        if mode == "pov":
            trips = self._travellers.week(days)
        else:
            trips = fleet_trips(mode, self._setting, days)
        known_by = trips
        if mode == "truck":
            shipped = with_shippers("truck", self._setting, trips)
            filed = filed_trucks(trips, self._world)
            known_by = replace(trips, actor=np.where(filed, shipped.actor, trips.actor))
        return trips.only(self._giving_way[mode].stays(known_by, others, days))

    def _vehicles(
        self, mode: Mode, lawful: Trips, couriers: Trips, loads: Loads
    ) -> tuple[pl.DataFrame, Trips, Loads]:
        lawful = lawful.only(kept(lawful.actor, self._setting.scale))
        stay = kept(loads.network, self._setting.scale)
        trips = join([lawful, couriers.only(stay)])
        loads = join_loads([nothing(len(lawful)), loads.only(stay)])
        return vehicle_items(mode, trips), trips, loads

    def _cargo(
        self, mode: Mode, sent: Trips, fronts: Consignments, loads: Loads
    ) -> tuple[pl.DataFrame, Trips, Loads]:
        lawful = lawful_consignments(mode, self._setting, sent)
        stay = kept(loads.network, self._setting.scale)
        batch = join_consignments([lawful, fronts.only(stay)])
        items = shipment_items(mode, self._world, batch)
        return items, batch.trips, join_loads([nothing(len(lawful)), loads.only(stay)])


def _widen(items: pl.DataFrame, trips: Trips, loads: Loads) -> pl.DataFrame:
    columns = TABLES["items"].columns
    absent = [
        pl.lit(None, dtype=kind).alias(name)
        for name, kind in columns.items()
        if name not in items.columns and name != "version"
    ]
    hidden = pl.DataFrame(
        {
            "key": trips.trip,
            "event": loads.event,
            "network": loads.network,
            "illicit": loads.illicit,
            "n_firearms": loads.n_firearms,
            "n_rifles": loads.n_rifles,
            "n_parts": loads.n_parts,
            "n_rounds": loads.n_rounds,
            "severity": loads.severity,
            "concealment": loads.concealment,
            "ease": loads.ease,
            "port_position": trips.port,
            "day": trips.day,
            "hour": trips.hour,
        }
    )
    whole = items.with_columns(pl.lit(1, dtype=pl.Int64).alias("version"), *absent)
    return whole.select(ITEM_COLUMNS).hstack(hidden)


def leakage_rows(world: World, gone: Departures) -> pl.DataFrame:
    """Write down what leaves without an item.

    Parameters
    ----------
    world : World
        Parameters.
    gone : Departures
        Trips by small boat or on foot.

    Returns
    -------
    polars.DataFrame
        `event_id, network, day, stream, way, n_firearms, n_parts, n_rounds, severity`.
    """
    loads = draw_loads(world.trafficking, gone, cargo=False)
    frame = pl.DataFrame(
        {
            "event_id": identifiers(gone.trip, "EXXXXXXXXXXXX"),
            "network": identifiers(gone.network, "NXXXXXXXX"),
            "day": pl.Series(gone.day).cast(pl.Int32).cast(pl.Date),
            "stream": words(STREAMS, gone.stream),
            "way": words(WAYS, gone.way),
            "n_firearms": loads.n_firearms,
            "n_parts": loads.n_parts,
            "n_rounds": loads.n_rounds,
            "severity": loads.severity,
        }
    )
    return frame.filter(pl.Series(loads.illicit)).sort("day", "event_id")


def truth_rows(items: pl.DataFrame, hidden: pl.DataFrame) -> pl.DataFrame:
    """Write the truth about a week's items.

    Parameters
    ----------
    items, hidden : polars.DataFrame
        As in `WeekOfTraffic`.

    Returns
    -------
    polars.DataFrame
        The columns of the `truth` table. `network` is given for clean trips of couriers too.
    """
    illicit, belongs = hidden["illicit"], hidden["network"] > 0
    event = identifiers(hidden["event"].to_numpy(), "EXXXXXXXXXXXX")
    network = identifiers(hidden["network"].to_numpy(), "NXXXXXXXX")
    hiding = pl.Series(CONCEALMENTS).gather(hidden["concealment"])
    frame = pl.DataFrame(
        {
            "item_id": items["item_id"],
            "illicit": illicit,
            "event": event,
            "in_network": belongs,
            "net": network,
            "hiding": hiding,
        }
    )
    shown = frame.select(
        "item_id",
        "illicit",
        pl.when("illicit").then("event").alias("event_id"),
        pl.when("in_network").then("net").alias("network"),
    )
    counts = hidden.select("n_firearms", "n_parts", "n_rounds", "severity")
    concealment = frame.select(pl.when("illicit").then("hiding").alias("concealment"))
    return TABLES["truth"].check(shown.hstack(counts).hstack(concealment))
