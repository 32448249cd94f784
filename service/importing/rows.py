"""The rows of each table: what one claims, what the store holds of it, and how it is added."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from features.errors import InvalidRecord, InvalidTable
from features.items import ITEM, Shipment, Vehicle
from features.records import ITEM_LEDGER, Inspection, Signal
from features.refusals import refusals
from service.store.bodies import split
from service.store.engine import Store
from service.store.entity_log import add_inspections
from service.store.imported import (
    body_of,
    known_inspections,
    known_items,
    known_signals,
    known_versions,
    successors,
)
from service.store.items import NewVersion, add_versions
from service.store.signals import add_signals, signal_row
from service.store.tokens import Tokens

Record = TypeVar("Record", bound=Vehicle | Shipment | Inspection | Signal)

_INSPECTION: TypeAdapter[Inspection] = TypeAdapter(Inspection)
_SIGNAL: TypeAdapter[Signal] = TypeAdapter(Signal)


class Importer(NamedTuple):
    """Where a history is loaded into.

    Parameters
    ----------
    store : Store
        The store.
    tokens : Tokens
        Makes entity tokens.
    token_key : int
        Number of the key behind them.
    lane_window : datetime.timedelta
        How long a vehicle without a departure stays in the queue.
    """

    store: Store
    tokens: Tokens
    token_key: int
    lane_window: timedelta


class Claim(NamedTuple):
    """One row, validated, and what it says about others.

    Parameters
    ----------
    place : str
        File and row.
    key : str
        What tells it apart, in words: `item 'V1' version 2`.
    content : str
        The same for the same content, and only then.
    record : NewVersion, Inspection or Signal
        What is stored.
    follows : str or None
        Key of the row that it supersedes, which must come first.
    item : str or None
        Item that it brings (items) or that must be there (inspections).
    """

    place: str
    key: str
    content: str
    record: Any
    follows: str | None = None
    item: str | None = None


class Stored(NamedTuple):
    """What the store holds of what some claims speak of.

    Parameters
    ----------
    contents : dict of str to str
        Key to content, of the rows themselves and of those that they follow.
    items : set of str
        Items that are stored.
    successors : dict of str to str
        Key to the key of the row that supersedes it.
    """

    contents: dict[str, str]
    items: set[str]
    successors: dict[str, str]


class Rows(Protocol):
    """How the rows of one table are read, looked up and added."""

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        """Validate a row; raises InvalidRecord or InvalidTable with its place and field."""

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        """Look up what the store holds of the rows and of what they refer to."""

    def field_that_differs(self, connection: Connection, claim: Claim, content: str) -> str:
        """Name a field in which a row and the stored row of its key differ."""

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Store rows that are not there yet."""


def rows_of(into: Importer, name: str) -> Rows:
    """Choose how the rows of a table are handled.

    Parameters
    ----------
    into : Importer
        Where they go.
    name : str
        items, inspections or signals.

    Returns
    -------
    Rows
        What reads, looks up and adds them.
    """
    known: Mapping[str, Rows] = {
        "items": _Items(into),
        "inspections": _Inspections(),
        "signals": _Signals(into),
    }
    return known[name]


def _validate(adapter: TypeAdapter[Record], row: dict[str, Any], place: str) -> Record:
    given = {name: value for name, value in row.items() if value is not None}
    try:
        return adapter.validate_python(given)
    except ValidationError as refused:
        fault = refusals(refused)[0]
        raise InvalidRecord(f"{place}: {fault.field}: {fault.problem}", field=fault.field) from None


def _first_difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str | None:
    names = sorted(ours.keys() | theirs.keys())
    return next((name for name in names if ours.get(name) != theirs.get(name)), None)


def _version_key(item_id: str, version: int) -> str:
    return f"item {item_id!r} version {version}"


class _Items:
    def __init__(self, into: Importer) -> None:
        self._into = into

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        ledger = {name: row.pop(name) for name in ITEM_LEDGER if name != "item_id"}
        item = _validate(ITEM, row, place)
        version = ledger["version"]
        if not isinstance(version, int) or version < 1:
            raise InvalidTable(f"{place}: version: give 1 or more", field="version")
        new = NewVersion(
            item,
            split(item, self._into.tokens),
            version,
            version - 1 or None,
            ledger["source"],
            ledger["received_at"] or item.presented_at,
        )
        follows = _version_key(item.item_id, version - 1) if version > 1 else None
        key = _version_key(item.item_id, version)
        return Claim(place, key, new.body.digest, new, follows, item.item_id)

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        wanted = {
            (claim.record.item.item_id, number)
            for claim in claims
            for number in (claim.record.version, claim.record.supersedes)
            if number is not None
        }
        known = known_versions(connection, sorted(wanted))
        contents = {_version_key(*version): digest for version, digest in known.items()}
        return Stored(contents, set(), {})

    def field_that_differs(self, connection: Connection, claim: Claim, content: str) -> str:
        del content
        new: NewVersion = claim.record
        stored = body_of(connection, new.item.item_id, new.version)
        return _first_difference(new.body.body, stored) or "item_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        into = self._into
        versions = [claim.record for claim in claims]
        add_versions(connection, versions, into.tokens, into.token_key, into.lane_window)


def _inspection_key(inspection_id: str) -> str:
    return f"inspection {inspection_id!r}"


class _Inspections:
    def claim(self, row: dict[str, Any], place: str) -> Claim:
        inspection = _validate(_INSPECTION, row, place)
        return Claim(
            place,
            _inspection_key(inspection.inspection_id),
            inspection.model_dump_json(),
            inspection,
            None if inspection.supersedes is None else _inspection_key(inspection.supersedes),
            inspection.item_id,
        )

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        inspections: list[Inspection] = [claim.record for claim in claims]
        replaced = {each.supersedes for each in inspections if each.supersedes is not None}
        wanted = replaced | {each.inspection_id for each in inspections}
        known = known_inspections(connection, sorted(wanted))
        later = successors(connection, sorted(replaced))
        return Stored(
            {_inspection_key(name): each.model_dump_json() for name, each in known.items()},
            known_items(connection, sorted({each.item_id for each in inspections})),
            {_inspection_key(old): _inspection_key(new) for old, new in later.items()},
        )

    def field_that_differs(self, connection: Connection, claim: Claim, content: str) -> str:
        del connection
        return _difference(claim, content) or "inspection_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        add_inspections(connection, [claim.record for claim in claims])


class _Signals:
    def __init__(self, into: Importer) -> None:
        self._into = into

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        signal = _validate(_SIGNAL, row, place)
        content = _written(signal_row(signal, self._into.tokens))
        return Claim(place, _signal_key(signal.signal_id), content, signal)

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        known = known_signals(connection, sorted({claim.record.signal_id for claim in claims}))
        contents = {_signal_key(name): _written(row) for name, row in known.items()}
        return Stored(contents, set(), {})

    def field_that_differs(self, connection: Connection, claim: Claim, content: str) -> str:
        del connection
        field = _difference(claim, content)
        return "entity" if field == "token" else field or "signal_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        signals = [claim.record for claim in claims]
        add_signals(connection, signals, self._into.tokens, self._into.token_key)


def _signal_key(signal_id: str) -> str:
    return f"signal {signal_id!r}"


def _written(row: Mapping[str, Any]) -> str:
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


def _difference(claim: Claim, content: str) -> str | None:
    return _first_difference(orjson.loads(claim.content), orjson.loads(content))
