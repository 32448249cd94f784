"""Flat cost: one item of an entity with ten past items against one with a million."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import NamedTuple

from features.encoding import microseconds
from features.history import EntityQuery, PastItem
from features.items import ITEM, Shipment, Vehicle
from features.matrix import matrix_from_items
from features.records import EntityKind, Inspection, Signal
from service.proof.scratch import Scratch
from service.store.entity_log import add_inspections, log_entries
from service.store.history import StoreHistory
from service.store.signals import add_signals

SIZES = (10, 1_000, 100_000, 1_000_000)
"""Past items of the entities that are compared."""

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PARTIES = 50
_CHUNK = 20_000
_EVERY = 50
"""One item in so many was inspected, and is what a signal came of."""

Progress = Callable[[int, int], None]


class Cost(NamedTuple):
    """What one item costs whose shipper and address have so many past items."""

    n_events: int
    item_us: float


def _entries(size: int, parties: Sequence[str]) -> Iterator[PastItem]:
    step = timedelta(days=365) // size
    for number in range(size):
        at = microseconds(_NOW - step * (size - number))
        yield PastItem(at, f"E{size}-{number}", 90_000, 0, "5201", parties[number % len(parties)])


def _busy(size: int) -> tuple[tuple[EntityKind, str], ...]:
    return (("shipper", f"SHIPPER{size}"), ("address", f"ADDRESS{size}"))


def _inspection(entry: PastItem) -> Inspection:
    at = _NOW - timedelta(days=1)
    return Inspection(
        inspection_id=f"N-{entry.item_id}",
        item_id=entry.item_id,
        method="full_search",
        minutes=75.0,
        outcome="clear",
        found_at=at,
        recorded_at=at,
        agency="CBP",
    )


def _signal(size: int, number: int) -> Signal:
    return Signal(
        signal_id=f"G{size}-{number}",
        kind="tip",
        entity_kind="shipper",
        entity=f"SHIPPER{size}",
        agency="HSI",
        known_at=_NOW - timedelta(minutes=number + 1),
        strength=0.5,
    )


def _fill(into: Scratch, size: int) -> None:
    parties = [f"PARTY{number}" for number in range(_PARTIES)]
    entries = list(_entries(size, parties))
    for kind, key in _busy(size):
        partner: EntityKind = "consignee" if kind == "shipper" else "shipper"
        for first in range(0, size, _CHUNK):
            with into.store.write() as connection:
                chunk = entries[first : first + _CHUNK]
                log_entries(connection, (kind, key), partner, chunk, into.tokens)
    seen = entries[::_EVERY]
    for first in range(0, len(seen), 1_000):
        with into.store.write() as connection:
            add_inspections(connection, [_inspection(each) for each in seen[first : first + 1_000]])
    with into.store.write() as connection:
        told = [_signal(size, number) for number in range(max(1, size // _EVERY))]
        add_signals(connection, told, into.tokens, into.token_key)


def _item(size: int) -> Shipment | Vehicle:
    return ITEM.validate_python(
        {
            "kind": "shipment",
            "item_id": f"NEW{size}",
            "mode": "ocean",
            "port": "5201",
            "presented_at": _NOW,
            "departs_at": _NOW + timedelta(days=1),
            "destination": "JM",
            "shipper": f"SHIPPER{size}",
            "consignee": f"NOBODY{size}",
            "consignee_address": f"ADDRESS{size}",
            "content": "merchandise",
            "packages": 1,
            "gross_weight_kg": 10.0,
            "filing": {"exemption": "30.37(a)"},
            "lines": [
                {
                    "schedule_b": "852872",
                    "description": "television",
                    "value_usd": 900.0,
                    "quantity": 1,
                    "weight_kg": 10.0,
                }
            ],
        }
    )


def _once(into: Scratch, item: Shipment | Vehicle) -> float:
    started = perf_counter()
    with into.store.read() as connection:
        source = StoreHistory(connection, into.tokens)
        matrix_from_items([item], [microseconds(_NOW)], source)
    return (perf_counter() - started) * 1e6


def n_seen(into: Scratch, size: int) -> int:
    """Count what the history of the busy shipper holds, as a check on the proof itself.

    Parameters
    ----------
    into : Scratch
        A store that was filled.
    size : int
        One of the sizes.

    Returns
    -------
    int
        Past items that the store answers, at most `features.history.LATEST`.
    """
    query = EntityQuery("shipper", f"SHIPPER{size}", microseconds(_NOW), "nobody")
    with into.store.read() as connection:
        (answer,) = StoreHistory(connection, into.tokens).fetch([query])
    return len(answer.items)


def flatness(
    into: Scratch, progress: Progress, *, sizes: Sequence[int] = SIZES, rounds: int = 200
) -> list[Cost]:
    """Measure what an item costs, whatever its shipper and its address have behind them.

    Parameters
    ----------
    into : Scratch
        An empty store.
    progress : callable
        Told the entities done and how many there are.
    sizes : sequence of int
        Past items of each shipper and address.
    rounds : int
        How often each is asked; the sizes take turns, so that a slow moment meets all.

    Returns
    -------
    list of Cost
        Per size, the median of its rounds: history, links and signals to a row of X.
    """
    for number, size in enumerate(sizes, start=1):
        _fill(into, size)
        progress(number, len(sizes))
    into.store.gather_statistics()
    items = {size: _item(size) for size in sizes}
    for size in sizes:
        _once(into, items[size])
    costs: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            costs[size].append(_once(into, items[size]))
    return [Cost(size, median(costs[size])) for size in sizes]
