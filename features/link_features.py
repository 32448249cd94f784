"""Features of linked parties and of the cluster they make."""

from collections.abc import Mapping

import numpy as np

from features.definition import Feature
from features.encoding import Integers, Numbers
from features.history import HUBS, LATEST_OF_LINKED, MOST_LINKED, PARTNERS
from features.history_sums import CENTS
from features.records import EntityKind

CLUSTER_HUBS: tuple[EntityKind, ...] = ("address", "phone", "consignee")
"""Hubs that can make a cluster, the first of equals first."""
LEAST_LINKED = 2
"""Fewest linked parties, the item's own apart, that make a cluster."""

LINK_REASON = "linked"
CLUSTER_REASON = "cluster"

_LINKS: Mapping[str, tuple[str, str]] = {
    "n_parties": ("count", "linked parties"),
    "n_items_30d": ("count", "items of linked parties within 30 days"),
    "value_usd_30d": ("USD", "declared value of linked parties within 30 days"),
    "n_finds": ("count", "finds recorded before of linked parties"),
    "growth": ("ratio", "items of linked parties within 30 days over the 30 before, one added"),
}
_CLUSTER: Mapping[str, tuple[str, str]] = {
    "n_parties": ("count", "parties in it"),
    "n_small_7d": ("count", "items of at most $2,500 within 7 days"),
    "n_small_30d": ("count", "items of at most $2,500 within 30 days"),
    "small_usd_7d": ("USD", "declared value of items of at most $2,500 within 7 days"),
    "small_usd_30d": ("USD", "declared value of items of at most $2,500 within 30 days"),
}
_BOUNDS = f"at most {MOST_LINKED} parties, the latest {LATEST_OF_LINKED} items of each"


def _link_feature(hub: EntityKind, name: str) -> Feature:
    unit, meaning = _LINKS[name]
    return Feature(
        name=f"linked_by_{hub}_{name}",
        unit=unit,
        group="link",
        meaning=f"Through a shared {hub}, other {PARTNERS[hub][0]}s: {meaning}; {_BOUNDS}.",
        source="items, inspections; as of the item",
        reason=LINK_REASON,
        default=f"NaN where the item names no {hub} or history cannot be read",
    )


def _cluster_feature(name: str) -> Feature:
    unit, meaning = _CLUSTER[name]
    return Feature(
        name=f"cluster_{name}",
        unit=unit,
        group="link",
        meaning=f"Of the shippers that share its busiest address, phone or consignee: {meaning};"
        f" {_BOUNDS}.",
        source="items; as of the item",
        reason=CLUSTER_REASON,
        default="NaN outside a cluster, or where history cannot be read",
    )


LINK_FEATURES: tuple[Feature, ...] = (
    *(_link_feature(hub, name) for hub in HUBS for name in _LINKS),
    *(_cluster_feature(name) for name in _CLUSTER),
)
"""Features of the link group, in the order of their columns."""


def link_values(hub: EntityKind, sums: Integers) -> dict[str, Numbers]:
    """Turn the sums over linked parties into feature values.

    Parameters
    ----------
    hub : str
        The shared entity.
    sums : array of int, shape (n, 9)
        From `features.link_sums.link_sums`.

    Returns
    -------
    dict of str to array of float, shape (n,)
        Feature name to values.
    """
    parties, items, cents, finds, before = sums.T[:5]
    values = (parties, items, cents / CENTS, finds, (items + 1) / (before + 1))
    return {
        f"linked_by_{hub}_{name}": np.asarray(column, dtype=np.float64)
        for name, column in zip(_LINKS, values, strict=True)
    }


def cluster_values(sums: Integers, own_small_cents: Integers) -> dict[str, Numbers]:
    """Turn the sums over a cluster's parties into feature values, the item itself included.

    Parameters
    ----------
    sums : array of int, shape (n, 9)
        From `features.link_sums.link_sums`.
    own_small_cents : array of int, shape (n,)
        Declared value of each item if that is at most $2,500, else -1.

    Returns
    -------
    dict of str to array of float, shape (n,)
        Feature name to values.
    """
    own, cents = (own_small_cents >= 0).astype(np.int64), np.maximum(own_small_cents, 0)
    values = (
        sums[:, 0] + 1,
        sums[:, 5] + own,
        sums[:, 6] + own,
        (sums[:, 7] + cents) / CENTS,
        (sums[:, 8] + cents) / CENTS,
    )
    return {
        f"cluster_{name}": np.asarray(column, dtype=np.float64)
        for name, column in zip(_CLUSTER, values, strict=True)
    }
