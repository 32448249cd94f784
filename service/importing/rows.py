"""The rows of each table: what one claims, what the store holds of it, and how it is added."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from features.errors import InvalidRecord, InvalidTable
from features.items import ITEM
from features.items import Record as BaseRecord
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

Record = TypeVar("Record", bound=BaseRecord)

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


def validate(adapter: TypeAdapter[Record], row: dict[str, Any], place: str) -> Record:
    """Validate a row as its record.

    Parameters
    ----------
    adapter : pydantic.TypeAdapter
        What it must be.
    row : dict of str to Any
        Column to value.
    place : str
        File and row.

    Returns
    -------
    Record
        The record.

    Raises
    ------
    InvalidRecord
        If it breaks the contract; names place and field.
    """
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


class ItemRows:
    """Versions of items; see `Rows`."""

    def __init__(self, into: Importer) -> None:
        self._into = into

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        """Validate a row."""
        ledger = {name: row.pop(name) for name in ITEM_LEDGER if name != "item_id"}
        item = validate(ITEM, row, place)
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
        """Look up what the store holds of the rows."""
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
        """Name a field in which a row and the stored one differ."""
        del content
        new: NewVersion = claim.record
        stored = body_of(connection, new.item.item_id, new.version)
        return _first_difference(new.body.body, stored) or "item_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Store rows that are not there yet."""
        into = self._into
        versions = [claim.record for claim in claims]
        add_versions(connection, versions, into.tokens, into.token_key, into.lane_window)


def _inspection_key(inspection_id: str) -> str:
    return f"inspection {inspection_id!r}"


class InspectionRows:
    """Inspections; see `Rows`."""

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        """Validate a row."""
        inspection = validate(_INSPECTION, row, place)
        return Claim(
            place,
            _inspection_key(inspection.inspection_id),
            inspection.model_dump_json(),
            inspection,
            None if inspection.supersedes is None else _inspection_key(inspection.supersedes),
            inspection.item_id,
        )

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        """Look up what the store holds of the rows."""
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
        """Name a field in which a row and the stored one differ."""
        del connection
        return difference(claim, content) or "inspection_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Store rows that are not there yet."""
        add_inspections(connection, [claim.record for claim in claims])


class SignalRows:
    """Signals; see `Rows`."""

    def __init__(self, into: Importer) -> None:
        self._into = into

    def claim(self, row: dict[str, Any], place: str) -> Claim:
        """Validate a row."""
        signal = validate(_SIGNAL, row, place)
        content = written(signal_row(signal, self._into.tokens))
        return Claim(place, _signal_key(signal.signal_id), content, signal)

    def stored(self, connection: Connection, claims: Sequence[Claim]) -> Stored:
        """Look up what the store holds of the rows."""
        known = known_signals(connection, sorted({claim.record.signal_id for claim in claims}))
        contents = {_signal_key(name): written(row) for name, row in known.items()}
        return Stored(contents, set(), {})

    def field_that_differs(self, connection: Connection, claim: Claim, content: str) -> str:
        """Name a field in which a row and the stored one differ."""
        del connection
        field = difference(claim, content)
        return "entity" if field == "token" else field or "signal_id"

    def add(self, connection: Connection, claims: Sequence[Claim]) -> None:
        """Store rows that are not there yet."""
        signals = [claim.record for claim in claims]
        add_signals(connection, signals, self._into.tokens, self._into.token_key)


def _signal_key(signal_id: str) -> str:
    return f"signal {signal_id!r}"


def written(row: Mapping[str, Any]) -> str:
    """Write a row in one way, so that equal ones are written alike.

    Parameters
    ----------
    row : mapping of str to Any
        Column to value.

    Returns
    -------
    str
        JSON.
    """
    return orjson.dumps(row, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


def difference(claim: Claim, content: str) -> str | None:
    """Name the first column in which a claim and a stored row differ.

    Parameters
    ----------
    claim : Claim
        The claim, its content as JSON.
    content : str
        The stored row as JSON.

    Returns
    -------
    str or None
        None if they are equal.
    """
    return _first_difference(orjson.loads(claim.content), orjson.loads(content))
