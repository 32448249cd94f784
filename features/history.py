"""As-of history: what it holds, whom it is kept for, and how a source answers for it.

History is kept per **key**: an entity, a pair of entities that appear together, or a filing key
(exporter, consignee, conveyance and Schedule B number). At a moment t it is made of

- **past items**: those that became known strictly before t, an item becoming known at its
  `as_of` in the first version that names the key, with what that version declared;
- **past results**: what inspections of those items found, each from the moment it was
  recorded; a correction counts from its own recording, as the difference it makes;
- **past signals**: what agencies may be targeted by and made known strictly before t.

The item in question is never part of its own history, and of each list at most the latest
`LATEST` count, so that an entity with a million items costs what one with a hundred does. Two
sources fetch such stretches, the tables (`features.history_tables`) and the service's store
(`HistorySource`); the sums are formed in `features.history_sums`, `features.signal_sums` and
`features.link_sums`, once for both.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol, get_args

from features.declared_value import just_under, value_cents
from features.encoding import Encoded, encode_items, microseconds
from features.entities import entity_keys
from features.filing import FilingKey, totals
from features.items import Shipment, Vehicle
from features.records import EntityKind, SignalKind

LATEST = 64
"""Most past items, results and signals of one key that history looks at."""
MOST_LINKED = 8
"""Most parties that are reached through one shared entity."""
LATEST_OF_LINKED = 16
"""Most past items, and most past results, of each party so reached."""
MOST_FILING_KEYS = 4
"""Filing keys of one shipment with a history: those of the greatest declared value."""

PairKind = Literal["plate_driver", "shipper_consignee", "shipper_address", "forwarder_shipper"]
KeyKind = EntityKind | PairKind | Literal["filing"]

ENTITIES: tuple[EntityKind, ...] = get_args(EntityKind)
PAIRS: Mapping[PairKind, tuple[EntityKind, EntityKind]] = {
    "plate_driver": ("plate", "driver"),
    "shipper_consignee": ("shipper", "consignee"),
    "shipper_address": ("shipper", "address"),
    "forwarder_shipper": ("forwarder", "shipper"),
}
"""Pairs of entities whose dealings together have a history of their own."""
FILING: Literal["filing"] = "filing"
KINDS: tuple[KeyKind, ...] = (*ENTITIES, *PAIRS, FILING)
"""Every kind of key; its position is its code."""
SIGNAL_KINDS: tuple[SignalKind, ...] = get_args(SignalKind)

PARTNERS: Mapping[KeyKind, tuple[EntityKind, ...]] = {
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

HUBS: tuple[EntityKind, ...] = ("address", "phone", "consignee", "plate")
"""Entities through which the partners of others are reached."""


class PastItem(NamedTuple):
    """What one past item adds to the history of a key."""

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
    skip: int


class PastSignal(NamedTuple):
    """What one agency made known; the strength is in millionths."""

    known_at: int
    signal_id: str
    kind: SignalKind
    expires_at: int | None
    strength: int
    agency: str
    detail: str | None


class EntityQuery(NamedTuple):
    """A question for the history of one key, as of one item."""

    kind: KeyKind
    key: str
    as_of: int
    item_id: str


class EntityHistory(NamedTuple):
    """The latest past items, results and signals of a key, newest first."""

    items: Sequence[PastItem]
    results: Sequence[PastResult]
    signals: Sequence[PastSignal] = ()


class HistorySource(Protocol):
    """Where the history of keys is fetched from."""

    def fetch(self, queries: Sequence[EntityQuery]) -> Sequence[EntityHistory]:
        """Answer each query with the history that was known strictly before its `as_of`.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Keys to look up; the item itself is left out of its history.

        Returns
        -------
        sequence of EntityHistory
            One per query, in order, at most `LATEST` of each; empty lists for a key nobody
            has seen. Only signals whose permitted use is targeting; expired ones included.
        """
        ...

    def fetch_linked(self, queries: Sequence[EntityQuery]) -> Sequence[EntityHistory]:
        """Answer for parties that an earlier answer named as partners.

        Parameters
        ----------
        queries : sequence of EntityQuery
            Parties, each `key` spelled as `PastItem.partner` spells it.

        Returns
        -------
        sequence of EntityHistory
            Past items and results, at most `LATEST_OF_LINKED` each; no signals.
        """
        ...

    def spelled(self, kind: EntityKind, key: str) -> str:
        """Spell an entity as `PastItem.partner` spells it.

        Parameters
        ----------
        kind : str
            Kind of entity.
        key : str
            Its normalised identifier.

        Returns
        -------
        str
            The key itself, or what the source keeps in its place.
        """
        ...


class KeyedItem(NamedTuple):
    """One key of an item, and what the item adds to its history."""

    kind: KeyKind
    key: str
    entry: PastItem


def filing_number(key: FilingKey) -> int:
    """Give the Schedule B number of a filing key as an integer, by which ties are broken.

    Parameters
    ----------
    key : FilingKey
        A filing key.

    Returns
    -------
    int
        The declared digits; -1 for household goods, which need no number.
    """
    return int(key.schedule_b) if key.schedule_b.isdigit() else -1


_written = lru_cache(4_096)(str)


def filing_name(key: FilingKey) -> str:
    """Write a filing key as one text, by which its history is kept.

    Parameters
    ----------
    key : FilingKey
        A filing key.

    Returns
    -------
    str
        Its parts, with a character between them that none of them has.
    """
    *parts, conveyance = key
    return "\0".join((*parts, _written(conveyance)))


def _filing_entries(item: Shipment, entry: PastItem) -> list[KeyedItem]:
    known_at, item_id, _, near, port, _ = entry
    declared = sorted(totals([item]).items(), key=lambda each: (-each[1], filing_number(each[0])))
    return [
        KeyedItem(FILING, filing_name(key), PastItem(known_at, item_id, cents, near, port, None))
        for key, cents in declared[:MOST_FILING_KEYS]
    ]


def _entries(item: Vehicle | Shipment, entry: PastItem) -> list[KeyedItem]:
    keys = entity_keys(item)
    found = [
        KeyedItem(kind, key, entry if partner is None else PastItem(*entry[:-1], partner))
        for kind, key in keys.items()
        for partner in (_partner(kind, keys),)
    ]
    found += [
        KeyedItem(pair, f"{keys[one]}\0{keys[other]}", entry)
        for pair, (one, other) in PAIRS.items()
        if one in keys and other in keys
    ]
    return found + (_filing_entries(item, entry) if isinstance(item, Shipment) else [])


class KeyedItems(NamedTuple):
    """Items as arrays, and what each adds to the history of its keys.

    Parameters
    ----------
    encoded : Encoded
        The n items.
    keys : list of list of KeyedItem
        Per item, its entities, its pairs and its filing keys, each with its entry.
    """

    encoded: Encoded
    keys: list[list[KeyedItem]]


def key_items(items: Sequence[Vehicle | Shipment], as_of: Sequence[int]) -> KeyedItems:
    """Encode items, and tell what they add to the history of each of their keys.

    Parameters
    ----------
    items : sequence of Vehicle or Shipment
        Validated items.
    as_of : sequence of int
        Microseconds since the epoch when each became known.

    Returns
    -------
    KeyedItems
        Both, for whoever stores the items and then judges them.
    """
    encoded = encode_items(items)
    values = encoded.shared(value_cents).tolist()
    near = (encoded.shared(just_under) > 0).tolist()
    keys = [
        _entries(item, PastItem(moment, item.item_id, value, int(close), item.port, None))
        for item, moment, value, close in zip(items, as_of, values, near, strict=True)
    ]
    return KeyedItems(encoded, keys)


def past_items(items: Sequence[Vehicle | Shipment], as_of: Sequence[int]) -> list[list[KeyedItem]]:
    """Tell what items add to the history of each of their keys.

    Parameters
    ----------
    items : sequence of Vehicle or Shipment
        Validated items.
    as_of : sequence of int
        Microseconds since the epoch when each became known.

    Returns
    -------
    list of list of KeyedItem
        Per item, its entities, its pairs and its filing keys, each with its entry.
    """
    return key_items(items, as_of).keys


def partner_kind(kind: KeyKind, present: Mapping[EntityKind, str]) -> EntityKind | None:
    """Tell which entity of an item is the partner of another.

    Parameters
    ----------
    kind : str
        Kind of key.
    present : mapping of str to str
        The entities of the item.

    Returns
    -------
    str or None
        The first kind of `PARTNERS` that the item names.
    """
    for other in PARTNERS.get(kind, ()):
        if other in present:
            return other
    return None


def _partner(kind: KeyKind, keys: Mapping[EntityKind, str]) -> str | None:
    other = partner_kind(kind, keys)
    return None if other is None else keys[other]


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
