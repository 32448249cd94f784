"""Features made from the history of each entity of an item."""

from collections.abc import Callable, Mapping

import numpy as np

from features.definition import Feature
from features.encoding import Integers, Numbers
from features.history import KINDS, LATEST
from features.records import EntityKind

_MICROSECONDS_PER_DAY = 24 * 3_600_000_000.0
_CENTS = 100.0


def _count(values: Integers) -> Numbers:
    return values.astype(np.float64)


def _dollars(values: Integers) -> Numbers:
    return values / _CENTS


def _days(values: Integers) -> Numbers:
    return np.where(values < 0, np.nan, values / _MICROSECONDS_PER_DAY)


_BOUND = f"of the latest {LATEST}"

_SUMS: tuple[tuple[str, str, str, str, str, Callable[[Integers], Numbers]], ...] = (
    ("n_items_1d", "n_items_1d", "count", "activity", "items within 1 day", _count),
    ("n_items_7d", "n_items_7d", "count", "activity", "items within 7 days", _count),
    ("n_items_30d", "n_items_30d", "count", "activity", "items within 30 days", _count),
    ("n_items_90d", "n_items_90d", "count", "activity", "items within 90 days", _count),
    ("value_cents_30d", "value_usd_30d", "USD", "value", "declared value within 30 days", _dollars),
    (
        "n_just_under_30d",
        "n_just_under_30d",
        "count",
        "threshold",
        "items just under $2,500 within 30 days",
        _count,
    ),
    (
        "n_partners_90d",
        "n_partners_90d",
        "count",
        "partners",
        "distinct partners within 90 days",
        _count,
    ),
    ("n_ports_90d", "n_ports_90d", "count", "partners", "distinct ports within 90 days", _count),
    ("since_last", "days_since_last", "days", "activity", "days since the last item", _days),
    ("since_first", "days_since_first", "days", "activity", "days since the first item", _days),
    ("n_finds", "n_finds", "count", "results", "finds recorded before", _count),
    ("n_clears", "n_clears", "count", "results", "clear inspections recorded before", _count),
)


def _feature(kind: EntityKind, row: tuple[str, str, str, str, str, object]) -> Feature:
    _, name, unit, topic, meaning, _ = row
    return Feature(
        name=f"{kind}_{name}",
        unit=unit,
        group="history",
        meaning=f"Of this {kind}: {meaning}, {_BOUND}.",
        source="items, inspections; as of the item",
        reason=f"{kind}_{topic}",
        default=f"NaN where the item names no {kind} or history cannot be read",
    )


HISTORY_FEATURES: tuple[Feature, ...] = tuple(
    _feature(kind, row) for kind in KINDS for row in _SUMS
)
"""Features of the history group, in the order of their columns."""


def history_values(kind: EntityKind, sums: Mapping[str, Integers]) -> dict[str, Numbers]:
    """Turn the sums over an entity's history into feature values.

    Parameters
    ----------
    kind : str
        Kind of entity.
    sums : mapping of str to array of int, shape (n,)
        From `features.history_sums`, for n queries about entities of this kind.

    Returns
    -------
    dict of str to array of float, shape (n,)
        Feature name to values.
    """
    return {f"{kind}_{name}": convert(sums[key]) for key, name, _, _, _, convert in _SUMS}
