"""A week of traffic: honest trips and those of networks, as items with the truth beside them."""

from dataclasses import dataclass, replace

import polars as pl

from features.records import TABLES
from training.simulation.carriers import filed_trucks, fleet_trips
from training.simulation.columns import identifiers, words
from training.simulation.consignments import (
    Consignments,
    join_consignments,
    lawful_consignments,
)
from training.simulation.draws import Numbers, chance
from training.simulation.loads import CONCEALMENTS, Loads, draw_loads, join_loads, nothing
from training.simulation.networks import Departures, Networks
from training.simulation.operations import Operations
from training.simulation.seats import WAYS
from training.simulation.setting import Setting
from training.simulation.shipments import shipment_items
from training.simulation.smuggling import courier_trips, front_consignments, port_weights
from training.simulation.travellers import Travellers
from training.simulation.trips import Trips, join, kept
from training.simulation.vehicles import vehicle_items
from training.simulation.world import MODES, STREAMS, Mode, World

ITEM_COLUMNS = tuple(TABLES["items"].columns)
CARGO_MODES: tuple[Mode, ...] = ("truck", "air", "ocean", "express", "mail")
VEHICLE_MODES: tuple[Mode, ...] = ("pov", "bus", "truck")
_POV, _TRUCK = MODES.index("pov"), MODES.index("truck")


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
        self.networks = Networks(setting)
        self._travellers = Travellers(setting, _reserved(setting))
        self._pending: dict[Mode, tuple[Consignments, Loads]] = {}

    def week(self, days: range) -> WeekOfTraffic:
        """Let everybody leave for some days.

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
        parts = [self._vehicles(mode, days, unfiled) for mode in VEHICLE_MODES]
        parts += [self._cargo(mode, days, filed) for mode in CARGO_MODES]
        frame = pl.concat([_widen(*part) for part in parts]).sort("presented_at", "item_id")
        hidden = [name for name in frame.columns if name not in ITEM_COLUMNS]
        gone = departures.only(departures.way >= len(MODES))
        return WeekOfTraffic(
            frame.select(ITEM_COLUMNS), frame.select(hidden), leakage_rows(self._world, gone)
        )

    def _vehicles(
        self, mode: Mode, days: range, departures: Departures
    ) -> tuple[pl.DataFrame, Trips, Loads]:
        mine = departures.only(departures.way == MODES.index(mode))
        couriers = courier_trips(self._world, mode, mine, self.operations)
        loads = draw_loads(self._world.trafficking, mine, cargo=False)
        lawful = self._lawful_vehicles(mode, days)
        trips = join([lawful, couriers])
        return vehicle_items(mode, trips), trips, join_loads([nothing(len(lawful)), loads])

    def _lawful_vehicles(self, mode: Mode, days: range) -> Trips:
        if mode == "pov":
            return self._travellers.week(days)
        trips = fleet_trips(mode, self._setting, days)
        if mode == "truck":
            trips = trips.only(~filed_trucks(trips, self._world))
        return trips.only(kept(trips.actor, self._setting.scale))

    def _cargo(
        self, mode: Mode, days: range, departures: Departures
    ) -> tuple[pl.DataFrame, Trips, Loads]:
        lawful = lawful_consignments(mode, self._setting, days)
        mine = departures.only(departures.way == MODES.index(mode))
        fronts, loads = front_consignments(self._setting, mode, mine)
        if mode in self._pending:
            earlier, carried = self._pending[mode]
            fronts = join_consignments([earlier, fronts])
            loads = join_loads([carried, loads])
        now = fronts.trips.day < days.stop
        self._pending[mode] = (fronts.only(~now), loads.only(~now))
        batch = join_consignments([lawful, fronts.only(now)])
        items = shipment_items(mode, self._world, batch)
        return items, batch.trips, join_loads([nothing(len(lawful)), loads.only(now)])


def _reserved(setting: Setting) -> Numbers:
    everybody = Networks(replace(setting, scale=1.0))
    weights = port_weights(setting.world, "mexico", "pov")
    per_day: Numbers = everybody.expected_trips_per_day(_POV) * weights / weights.sum()
    return per_day


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
