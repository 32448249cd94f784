"""Features of what other agencies know about the entities of an item."""

from collections.abc import Mapping

from features.definition import Feature
from features.history import LATEST, SIGNAL_KINDS
from features.records import SignalKind
from features.signal_sums import SIGNAL_SUMS

SIGNAL_REASON = "signals"

_MEANINGS: Mapping[str, tuple[str, str, str]] = {
    "n_events": (
        "count",
        "active {kind} signals about one of its entities, reports of one event counted once",
        "0 without any; NaN where history cannot be read",
    ),
    "age_days": ("days", "days since the latest active {kind} signal", "NaN without any"),
    "strength": (
        "share",
        "greatest strength of an active {kind} signal",
        "0 without any; NaN where history cannot be read",
    ),
}


def _feature(kind: SignalKind, name: str) -> Feature:
    unit, meaning, default = _MEANINGS[name]
    words = f"{meaning.format(kind=kind.replace('_', ' '))}, of the latest {LATEST}."
    return Feature(
        name=f"{kind}_{name}",
        unit=unit,
        group="signal",
        meaning=words.capitalize(),
        source="signals for targeting, not expired; as of the item",
        reason=SIGNAL_REASON,
        default=default,
    )


SIGNAL_FEATURES: tuple[Feature, ...] = (
    *(_feature(kind, name) for kind in SIGNAL_KINDS for name in SIGNAL_SUMS),
    Feature(
        name="n_signal_agencies",
        unit="count",
        group="signal",
        meaning="Most agencies with an active signal about one of its entities.",
        source="signals for targeting, not expired; as of the item",
        reason=SIGNAL_REASON,
        default="0 without any; NaN where history cannot be read",
    ),
)
"""Features of the signal group, in the order of their columns."""
