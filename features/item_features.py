"""Features of an item as it stands there: the route and the hour, the vehicle and who is in it."""

from collections.abc import Callable

import numpy as np

from features.definition import ItemFeature, item_feature
from features.encoding import PORTS, STATES, Encoded, Numbers, numbers
from features.item_route import (
    destination_place,
    hour_traffic,
    lead_hours,
    lead_margin_hours,
    local_hour,
    local_weekday,
    port_share,
    weekday_traffic,
)
from features.line_sums import is_shipment
from features.local_time import MICROSECONDS_PER_HOUR
from features.reference.tables import ports

_PORT_STATES = np.array([STATES[ports()[code].state] for code in PORTS], dtype=np.int64)


def _column(name: str) -> Callable[[Encoded], Numbers]:
    return lambda encoded: numbers(encoded.items[name])


def _vehicle_age_years(encoded: Encoded) -> Numbers:
    days = encoded.items["presented_at"] // (24 * MICROSECONDS_PER_HOUR)
    year = days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    return year - numbers(encoded.items["model_year"])


def _has_trailer(encoded: Encoded) -> Numbers:
    return np.where(encoded.shared(is_shipment), np.nan, encoded.items["has_trailer"])


def _plate_from_elsewhere(encoded: Encoded) -> Numbers:
    differs = encoded.items["plate_state"] != _PORT_STATES[encoded.items["port"]]
    return np.where(encoded.items["has_plate_state"] > 0, differs, np.nan)


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
        "port_mode_share",
        "share",
        "item",
        "route",
        "mode, port; BTS counts of 2024 (land), shares of ports (assumed)",
        "Share of the mode's traffic that leaves by this port; small on a rare route.",
        port_share,
    ),
    item_feature(
        "destination_place",
        "place",
        "item",
        "route",
        "port, destination; usual destinations of ports (assumed)",
        "Place of the destination among the usual ones of the port; past the last if unusual.",
        destination_place,
    ),
    item_feature(
        "local_hour",
        "hour",
        "item",
        "hour",
        "presented_at, time zone of the port",
        "Hour of the local day at the port when the item was presented.",
        local_hour,
    ),
    item_feature(
        "local_weekday",
        "day",
        "item",
        "hour",
        "presented_at, time zone of the port",
        "Local day of the week at the port, Monday 0.",
        local_weekday,
    ),
    item_feature(
        "hour_traffic_ratio",
        "ratio",
        "item",
        "hour",
        "presented_at, mode; rhythms of modes (assumed)",
        "Usual traffic of the mode in this local hour over its mean; below 1 in quiet hours.",
        hour_traffic,
    ),
    item_feature(
        "weekday_traffic_ratio",
        "ratio",
        "item",
        "hour",
        "presented_at, mode; rhythms of modes (assumed)",
        "Usual traffic of the mode on this local day of the week over its mean.",
        weekday_traffic,
    ),
    item_feature(
        "lead_hours",
        "hours",
        "item",
        "lead",
        "presented_at, departs_at",
        "Time from presentation to departure.",
        lead_hours,
    ),
    item_feature(
        "lead_margin_hours",
        "hours",
        "item",
        "lead",
        "presented_at, departs_at, mode; 15 CFR 30.4(b)",
        "Time from presentation to departure less the least lead of a filing for the mode.",
        lead_margin_hours,
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
        "occupants",
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
        "1 if the plate is not of the port's own state; NaN if its state is not given.",
        _plate_from_elsewhere,
    ),
    item_feature(
        "has_trailer",
        "flag",
        "item",
        "vehicle",
        "trailer",
        "1 if a trailer is drawn.",
        _has_trailer,
    ),
    item_feature(
        "form_4457",
        "flag",
        "item",
        "form_4457",
        "form_4457",
        "1 if a Form 4457 registers firearms taken out under licence exception BAG.",
        _column("form_4457"),
    ),
)
"""Features of the item group, in the order of their columns."""
