"""As-of history of entities: what it holds, and how a stretch of it becomes numbers.

The history of an entity at a moment t is made of

- its **past items**: those that became known strictly before t, an item becoming known at its
  `as_of` in the first version that names the entity, with what that version declared;
- its **past results**: what inspections of those items found, each from the moment it was
  recorded; a correction counts from its own recording, as the difference it makes.

The item in question is never part of its own history, and of either list at most the latest
`LATEST` count, so that an entity with a million items costs what one with a hundred does. Two
sources fetch such stretches, the tables (`features.history_tables`) and the service's store
(`HistorySource`); the sums are formed in `features.history_sums`, once for both.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, get_args

from features.declared_value import just_under, value_cents
from features.encoding import encode_items, microseconds
from features.entities import entity_keys
from features.items import Shipment, Vehicle
from features.records import EntityKind

LATEST = 64
"""Most past items, and most past results, of one entity that history looks at."""

KINDS: tuple[EntityKind, ...] = get_args(EntityKind)

PARTNERS: dict[EntityKind, tuple[EntityKind, ...]] = {
    "plate": ("driver",),
    "driver": ("plate",),
    "shipper": ("consignee",),
    "consignee": ("shipper",),
    "forwarder": ("shipper",),
    "address": ("shipper",),
    "phone": ("shipper",),
    "container": ("shipper", "plate"),
}
"""Which other entity of the same item counts as the partner of an entity."""


class PastItem(NamedTuple):
    """What one past item adds to the history of an entity."""

    known_at: int
    item_id: str
    value_cents: int
    just_under: int
    port: str
    partner: str | None


class PastResult(NamedTuple):
    """What one recorded inspection adds: +1 or -1 where a correction takes back."""

    recorded_at: int
    inspection_id: str
    find: int
    clear: int


class EntityQuery(NamedTuple):
    """A question for the history of one entity, as of one item."""

    kind: EntityKind
    key: str
    as_of: int
    item_id: str


class EntityHistory(NamedTuple):
    """The latest past items and results of an entity, newest first, at most `LATEST` each."""

    items: Sequence[PastItem]
    results: Sequence[PastResult]


class HistorySource(Protocol):
    """Where the history of entities is fetched from."""

    def fetch(self, queries: Sequence[EntityQuery]) -> Sequence[EntityHistory]:
        """Answer each query with the history that was known strictly before its `as_of`.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Entities to look up; the item itself is left out of its history.

        Returns
        -------
        sequence of EntityHistory
            One per query, in order; empty lists for an entity nobody has seen.
        """
        ...


def past_items(
    items: Sequence[Vehicle | Shipment], as_of: Sequence[int]
) -> list[dict[EntityKind, tuple[str, PastItem]]]:
    """Tell what items add to the history of each of their entities.

    Parameters
    ----------
    items : sequence of Vehicle or Shipment
        Validated items.
    as_of : sequence of int
        Microseconds since the epoch when each became known.

    Returns
    -------
    list of dict of str to tuple of str and PastItem
        Per item: entity kind to the entity's key and the entry.
    """
    encoded = encode_items(items)
    values, near = value_cents(encoded).tolist(), (just_under(encoded) > 0).tolist()
    return [
        _entries(item, PastItem(moment, item.item_id, value, int(close), item.port, None))
        for item, moment, value, close in zip(items, as_of, values, near, strict=True)
    ]


def _entries(item: Vehicle | Shipment, entry: PastItem) -> dict[EntityKind, tuple[str, PastItem]]:
    keys = entity_keys(item)
    return {kind: (key, entry._replace(partner=_partner(kind, keys))) for kind, key in keys.items()}


def _partner(kind: EntityKind, keys: Mapping[EntityKind, str]) -> str | None:
    return next((keys[other] for other in PARTNERS[kind] if other in keys), None)


def as_of(item: Vehicle | Shipment, received_at: int) -> int:
    """Give the moment as of which an item is judged: when it was there and known.

    Parameters
    ----------
    item : Vehicle or Shipment
        A validated item.
    received_at : int
        Microseconds since the epoch when this version was received.

    Returns
    -------
    int
        The later of presentation and receipt, in microseconds since the epoch.
    """
    return max(microseconds(item.presented_at), received_at)
