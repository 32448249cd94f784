"""Features of an item as it stands there: the vehicle, the route and the hour."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from features.definition import ItemFeature, item_feature
from features.encoding import MISSING, PORT_ZONES, PORTS, STATES, ZONES, Encoded, Numbers, numbers
from features.local_time import (
    MICROSECONDS_PER_HOUR,
    day_of_week,
    hour_of_day,
    local_hours,
)
from features.reference.tables import ports

_PORT_STATES = np.array([STATES[ports()[code].state] for code in PORTS], dtype=np.int64)


def _column(name: str) -> Callable[[Encoded], Numbers]:
    return lambda encoded: numbers(encoded.items[name])


def _hours(encoded: Encoded) -> Numbers:
    port = encoded.items["port"]
    return local_hours(encoded.items["presented_at"], PORT_ZONES[port], ZONES)


def _lead_hours(encoded: Encoded) -> Numbers:
    departs, presented = encoded.items["departs_at"], encoded.items["presented_at"]
    lead = (departs - presented) / MICROSECONDS_PER_HOUR
    return np.where(departs == MISSING, np.nan, lead)


def _vehicle_age_years(encoded: Encoded) -> Numbers:
    days = encoded.items["presented_at"] // (24 * MICROSECONDS_PER_HOUR)
    year = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return year - numbers(encoded.items["model_year"])


def _vehicle(encoded: Encoded) -> npt.NDArray[np.bool_]:
    return np.equal(encoded.items["content"], MISSING)


def _of_vehicles(name: str) -> Callable[[Encoded], Numbers]:
    return lambda encoded: np.where(_vehicle(encoded), encoded.items[name], np.nan)


def _plate_from_elsewhere(encoded: Encoded) -> Numbers:
    differs = encoded.items["plate_state"] != _PORT_STATES[encoded.items["port"]]
    return np.where(_vehicle(encoded), differs, np.nan)


ITEM_FEATURES: tuple[ItemFeature, ...] = (
    item_feature(
        "mode_code",
        "code",
        "item",
        "route",
        "mode",
        "How the item leaves, as its code in the reference order.",
        _column("mode"),
    ),
    item_feature(
        "port_code",
        "code",
        "item",
        "route",
        "port",
        "Port of exit, as its place among the sorted Schedule D codes.",
        _column("port"),
    ),
    item_feature(
        "destination_code",
        "code",
        "item",
        "route",
        "destination",
        "Country of destination, as its place among the sorted ISO codes.",
        _column("destination"),
    ),
    item_feature(
        "local_hour",
        "hour",
        "item",
        "hour",
        "presented_at, time zone of the port",
        "Hour of the local day at the port when the item was presented.",
        lambda encoded: hour_of_day(_hours(encoded)),
    ),
    item_feature(
        "local_weekday",
        "day",
        "item",
        "hour",
        "presented_at, time zone of the port",
        "Local day of the week at the port, Monday 0.",
        lambda encoded: day_of_week(_hours(encoded)),
    ),
    item_feature(
        "lead_hours",
        "hours",
        "item",
        "lead",
        "presented_at, departs_at",
        "Time from presentation to departure.",
        _lead_hours,
    ),
    item_feature(
        "body_code",
        "code",
        "item",
        "vehicle",
        "body",
        "Body of the vehicle.",
        _column("body"),
    ),
    item_feature(
        "vehicle_age_years",
        "years",
        "item",
        "vehicle",
        "model_year, presented_at",
        "Calendar year of presentation less the model year.",
        _vehicle_age_years,
    ),
    item_feature(
        "n_occupants",
        "count",
        "item",
        "vehicle",
        "occupants",
        "People in the vehicle.",
        _column("occupants"),
    ),
    item_feature(
        "plate_from_elsewhere",
        "flag",
        "item",
        "vehicle",
        "plate_state, state of the port",
        "1 if the plate is not of the port's own state.",
        _plate_from_elsewhere,
    ),
    item_feature(
        "has_trailer",
        "flag",
        "item",
        "vehicle",
        "trailer",
        "1 if a trailer is drawn.",
        _of_vehicles("has_trailer"),
    ),
    item_feature(
        "form_4457",
        "flag",
        "item",
        "vehicle",
        "form_4457",
        "1 if a Form 4457 registers firearms taken out under licence exception BAG.",
        _column("form_4457"),
    ),
)
"""Features of the item group, in the order of their columns."""
