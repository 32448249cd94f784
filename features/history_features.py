"""Features made from the history of each key of an item: the rows of their table."""

from collections.abc import Mapping

from features.definition import Feature
from features.filing_sums import FILING_SUMS
from features.history import FILING, KINDS, LATEST, MOST_FILING_KEYS, PAIRS, KeyKind
from features.history_sums import RESULT_SUMS
from features.records import EntityKind

_MEANINGS: Mapping[str, tuple[str, str, str]] = {
    "n_items_1d": ("count", "activity", "items within 1 day"),
    "n_items_7d": ("count", "activity", "items within 7 days"),
    "n_items_30d": ("count", "activity", "items within 30 days"),
    "n_items_90d": ("count", "activity", "items within 90 days"),
    "value_usd_7d": ("USD", "value", "declared value within 7 days"),
    "value_usd_30d": ("USD", "value", "declared value within 30 days"),
    "n_just_under_30d": ("count", "threshold", "items just under $2,500 within 30 days"),
    "n_partners_90d": ("count", "partners", "distinct partners within 90 days"),
    "n_ports_90d": ("count", "partners", "distinct ports within 90 days"),
    "days_since_last": ("days", "activity", "days since the last item"),
    "days_since_first": ("days", "activity", "days since the first item"),
    "mean_gap_days": ("days", "activity", "mean gap between its items, from the second on"),
    "gap_ratio": ("ratio", "activity", "time since the last item over the mean gap"),
    "last_port_code": ("code", "partners", "port where it was seen last"),
    "last_port_is_this": ("flag", "partners", "1 if it was seen last at the port of this item"),
    "n_finds": ("count", "results", "finds recorded before"),
    "n_clears": ("count", "results", "clear inspections recorded before"),
    "n_skips": ("count", "results", "inspections recorded before as not completed"),
}
"""For each sum its unit, topic and meaning."""

_WINDOWS = ("n_items_1d", "n_items_7d", "n_items_30d", "n_items_90d")
_VALUE = ("value_usd_7d", "value_usd_30d", "n_just_under_30d")
_WIDTH = ("n_partners_90d", "n_ports_90d")
_RHYTHM = ("days_since_last", "days_since_first", "mean_gap_days", "gap_ratio")
_TURN_ROUND = ("last_port_code", "last_port_is_this")

_VEHICLE = (*_WINDOWS, *_WIDTH, *_RHYTHM, *_TURN_ROUND, *RESULT_SUMS)
_PARTY = (*_WINDOWS, *_VALUE, *_WIDTH, *_RHYTHM, *RESULT_SUMS)
_VEHICLE_PAIR = ("n_items_7d", "n_items_90d", "n_ports_90d", "days_since_last", "gap_ratio")
_PAIR = (
    "n_items_7d",
    "n_items_30d",
    "n_items_90d",
    "value_usd_30d",
    "n_just_under_30d",
    "days_since_last",
    "gap_ratio",
)

SUMS: Mapping[KeyKind, tuple[str, ...]] = {
    "plate": _VEHICLE,
    "driver": _VEHICLE,
    "shipper": _PARTY,
    "consignee": _PARTY,
    "forwarder": _PARTY,
    "address": _PARTY,
    "phone": _PARTY,
    "container": _VEHICLE,
    "plate_driver": _VEHICLE_PAIR,
    "shipper_consignee": _PAIR,
    "shipper_address": _PAIR,
    "forwarder_shipper": _PAIR,
}
"""Which sums are features of which kind of key: each costs a column, so not all are."""

PAIR_REASON = "together"
FILING_REASON = "split_value"


def topics(kind: EntityKind) -> set[str]:
    """List the topics that features of a kind of entity speak of.

    Parameters
    ----------
    kind : str
        Kind of entity.

    Returns
    -------
    set of str
        Topics; `{kind}_{topic}` is a reason code.
    """
    return {_MEANINGS[name][1] for name in SUMS[kind]}


def _feature(kind: KeyKind, name: str) -> Feature:
    unit, topic, meaning = _MEANINGS[name]
    noun = kind.replace("_", " and ")
    together = " together" if kind in PAIRS else ""
    absent = "are not both named" if kind in PAIRS else "is not named"
    return Feature(
        name=f"{kind}_{name}",
        unit=unit,
        group="history",
        meaning=f"Of this {noun}{together}: {meaning}, of the latest {LATEST}.",
        source="items, inspections; as of the item",
        reason=PAIR_REASON if kind in PAIRS else f"{kind}_{topic}",
        default=f"NaN where {noun} {absent}, there is none, or history cannot be read",
    )


_FILING_MEANINGS: Mapping[str, tuple[str, str]] = {
    "filing_key_n_items": ("count", "earlier items with the same filing key"),
    "filing_key_before_usd": ("USD", "value that earlier items declare for the same filing key"),
    "filing_key_total_usd": ("USD", "declared value of a filing key, this item included"),
    "is_split": ("flag", "1 if a filing key passes $2,500 only together with earlier items"),
}


def _filing_feature(name: str) -> Feature:
    unit, meaning = _FILING_MEANINGS[name]
    return Feature(
        name=name,
        unit=unit,
        group="history",
        meaning=(
            f"Most of its filing keys: {meaning}. Key: exporter, consignee, departure and"
            f" Schedule B number; its {MOST_FILING_KEYS} of greatest value, the latest {LATEST}"
            " items of each."
        ),
        source="items; 15 CFR 30.37(a); as of the item",
        reason=FILING_REASON,
        default="NaN for vehicles, or where history cannot be read",
    )


HISTORY_FEATURES: tuple[Feature, ...] = (
    *(_feature(kind, name) for kind in KINDS if kind != FILING for name in SUMS[kind]),
    *(_filing_feature(name) for name in FILING_SUMS),
)
"""Features of the history group, in the order of their columns."""
