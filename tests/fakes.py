"""Hand-written stand-ins, and plain definitions that the fast code is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from features.encoding import microseconds
from features.entities import entity_keys, signal_key
from features.history import (
    ENTITIES,
    LATEST,
    LATEST_OF_LINKED,
    EntityHistory,
    EntityQuery,
    PastItem,
    PastResult,
    PastSignal,
    as_of,
    past_items,
)
from features.items import Shipment, Vehicle
from features.records import INSPECTIONS, ITEMS, SIGNALS, EntityKind, Inspection, Signal


@dataclass(frozen=True)
class Received:
    """One version of an item, as it arrived."""

    item: Vehicle | Shipment
    version: int
    received_at: datetime

    @property
    def as_of(self) -> int:
        return as_of(self.item, microseconds(self.received_at))


class MemoryHistory:
    """History by its definition, entry by entry: slow, and plain enough to be trusted."""

    def __init__(
        self,
        received: Sequence[Received],
        inspections: Sequence[Inspection],
        signals: Sequence[Signal] = (),
    ) -> None:
        by_version = sorted(received, key=lambda each: each.version)
        self.keyed = [past_items([each.item], [each.as_of])[0] for each in by_version]
        self.inspections = {each.inspection_id: each for each in inspections}
        self.signals = signals

    def fetch(self, queries: Sequence[EntityQuery]) -> list[EntityHistory]:
        return [self._answer(query, LATEST) for query in queries]

    def fetch_linked(self, queries: Sequence[EntityQuery]) -> list[EntityHistory]:
        answers = [self._answer(query, LATEST_OF_LINKED) for query in queries]
        return [answer._replace(signals=()) for answer in answers]

    def spelled(self, _kind: EntityKind, key: str) -> str:
        return key

    def _answer(self, query: EntityQuery, most: int) -> EntityHistory:
        entries = self._entries(query)
        items = sorted(
            (entry for entry in entries.values() if entry.known_at < query.as_of),
            key=lambda entry: (entry.known_at, entry.item_id),
        )
        results = sorted(
            (
                result
                for result in (
                    self._result(inspection, entries[inspection.item_id].known_at)
                    for inspection in self.inspections.values()
                    if inspection.item_id in entries and query.kind in ENTITIES
                )
                if result.recorded_at < query.as_of
            ),
            key=lambda result: (result.recorded_at, result.inspection_id),
        )
        return EntityHistory(
            items[-most:][::-1], results[-most:][::-1], self._signals(query)[-most:][::-1]
        )

    def _entries(self, query: EntityQuery) -> dict[str, PastItem]:
        entries: dict[str, PastItem] = {}
        for keys in self.keyed:
            for kind, key, entry in keys:
                if (kind, key) == (query.kind, query.key) and entry.item_id != query.item_id:
                    entries.setdefault(entry.item_id, entry)
        return entries

    def _result(self, inspection: Inspection, known_at: int) -> PastResult:
        earlier = self.inspections.get(inspection.supersedes or "")

        def change(outcome: str) -> int:
            before = earlier is not None and earlier.outcome == outcome
            return int(inspection.outcome == outcome) - int(before)

        moment = max(microseconds(inspection.recorded_at), known_at)
        counts = map(change, ("find", "clear", "not_completed"))
        return PastResult(moment, inspection.inspection_id, *counts)

    def _signals(self, query: EntityQuery) -> list[PastSignal]:
        about = [
            PastSignal(
                microseconds(each.known_at),
                each.signal_id,
                each.kind,
                None if each.expires_at is None else microseconds(each.expires_at),
                int(each.strength * 1_000_000 + 0.5),
                each.agency,
                each.detail,
            )
            for each in self.signals
            if each.entity_kind == query.kind
            and signal_key(each.entity_kind, each.entity) == query.key
            and each.permitted_use == "targeting"
        ]
        return sorted(each for each in about if each.known_at < query.as_of)


def items_table(received: Sequence[Received]) -> pl.DataFrame:
    """Write versions of items as the `items` table."""
    rows = [
        {
            **dict.fromkeys(ITEMS.columns),
            **each.item.model_dump(),
            "version": each.version,
            "supersedes": each.version - 1 or None,
            "source": "test",
            "received_at": each.received_at,
        }
        for each in received
    ]
    return pl.DataFrame(rows, schema=ITEMS.schema)


def inspections_table(inspections: Sequence[Inspection]) -> pl.DataFrame:
    """Write inspections as the `inspections` table."""
    rows = [each.model_dump() for each in inspections]
    return pl.DataFrame(rows, schema=INSPECTIONS.schema)


def signals_table(signals: Sequence[Signal]) -> pl.DataFrame:
    """Write signals as the `signals` table."""
    return pl.DataFrame([each.model_dump() for each in signals], schema=SIGNALS.schema)


START = datetime(2025, 3, 1, 12, tzinfo=UTC)


def vehicle(item_id: str = "V1", at: datetime = START, **changes: object) -> Vehicle:
    """Make a plain private vehicle."""
    fields = {
        "kind": "vehicle",
        "item_id": item_id,
        "mode": "pov",
        "port": "2304",
        "presented_at": at,
        "destination": "MX",
        "plate": "ABC1234",
        "plate_state": "TX",
    }
    return Vehicle.model_validate(fields | changes)


def line(**changes: object) -> dict[str, object]:
    """Make a plain line."""
    fields: dict[str, object] = {
        "schedule_b": "852872",
        "description": "used television",
        "value_usd": 480.0,
        "quantity": 2,
        "weight_kg": 40.0,
    }
    return fields | changes


def shipment(item_id: str = "S1", at: datetime = START, **changes: object) -> Shipment:
    """Make a plain ocean shipment that departs a day later."""
    fields = {
        "kind": "shipment",
        "item_id": item_id,
        "mode": "ocean",
        "port": "5201",
        "presented_at": at,
        "departs_at": at + timedelta(days=1),
        "destination": "JM",
        "shipper": "S1",
        "consignee": "C1",
        "content": "merchandise",
        "packages": 3,
        "gross_weight_kg": 212.0,
        "filing": {"itn": None, "exemption": "30.37(a)"},
        "lines": [line()],
    }
    return Shipment.model_validate(fields | changes)


def keys_of(item: Vehicle | Shipment) -> set[str]:
    """List the keys of the entities of an item."""
    return set(entity_keys(item).values())
