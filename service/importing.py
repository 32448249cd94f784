"""Loading a history from files, with its own times: each file whole, or not at all."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import polars as pl
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from features.errors import InvalidRecord, InvalidTable
from features.items import ITEM, Shipment, Vehicle
from features.records import ITEM_LEDGER, TABLES, Inspection, Signal
from features.refusals import refusals
from service.store.bodies import split
from service.store.engine import Store
from service.store.entity_log import add_inspections
from service.store.imported import known_inspections, known_items, known_versions
from service.store.items import NewVersion, add_versions
from service.store.signals import add_signals
from service.store.tokens import Tokens

ROWS_AT_ONCE = 2_000
"""Rows in memory at a time, whatever the size of the file."""

FILES = ("items", "inspections", "signals")
"""Tables that are loaded, in this order: inspections refer to items."""

Progress = Callable[[str, int, int], None]
"""Told the table, the rows done and the rows there are."""

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


class _Chunk(NamedTuple):
    where: str
    first_row: int
    rows: list[dict[str, Any]]

    def place(self, offset: int) -> str:
        return f"{self.where} row {self.first_row + offset}"


def import_data(into: Importer, folder: Path, progress: Progress) -> dict[str, int]:
    """Load the tables of a folder; rows that are stored already are left as they are.

    Parameters
    ----------
    into : Importer
        Where to load.
    folder : pathlib.Path
        Holds `items.parquet`, `inspections.parquet`, `signals.parquet`, or some of them.
    progress : callable
        Told how far it is.

    Returns
    -------
    dict of str to int
        Table to rows read. A file that fails or is interrupted leaves nothing behind.

    Raises
    ------
    InvalidTable
        If there is none of the files, or one is not its table; names file, column and row.
    InvalidRecord
        If a row breaks the contract of its record; names file, row and field.
    """
    paths = {name: folder / f"{name}.parquet" for name in FILES}
    there = {name: path for name, path in paths.items() if path.is_file()}
    if not there:
        raise InvalidTable(f"{folder} has none of {', '.join(FILES)} as .parquet; name another")
    return {name: _import_file(into, name, path, progress) for name, path in there.items()}


def _import_file(into: Importer, name: str, path: Path, progress: Progress) -> int:
    load = {"items": _load_items, "inspections": _load_inspections, "signals": _load_signals}[name]
    n_rows = _check_table(name, path)
    done = 0
    with into.store.write() as connection:
        for chunk in _chunks(path):
            load(connection, into, chunk)
            done += len(chunk.rows)
            progress(name, done, n_rows)
    return done


def _check_table(name: str, path: Path) -> int:
    try:
        table = pl.scan_parquet(path)
        TABLES[name].check(pl.DataFrame(schema=table.collect_schema()), where=path.name)
        return int(table.select(pl.len()).collect().item())
    except (pl.exceptions.PolarsError, OSError) as failed:
        raise InvalidTable(
            f"{path.name} is not a parquet file: {failed}", field=path.name
        ) from None


def _chunks(path: Path) -> Iterator[_Chunk]:
    first_row = 1
    batches = pl.scan_parquet(path).collect_batches(
        chunk_size=ROWS_AT_ONCE, maintain_order=True, lazy=True
    )
    for batch in batches:
        for part in batch.iter_slices(ROWS_AT_ONCE):
            yield _Chunk(path.name, first_row, part.to_dicts())
            first_row += part.height


def _validate(adapter: TypeAdapter[Record], row: dict[str, Any], place: str) -> Record:
    given = {name: value for name, value in row.items() if value is not None}
    try:
        return adapter.validate_python(given)
    except ValidationError as refused:
        fault = refusals(refused)[0]
        raise InvalidRecord(f"{place}: {fault.field}: {fault.problem}", field=fault.field) from None


def _load_items(connection: Connection, into: Importer, chunk: _Chunk) -> None:
    versions = [_version(into, row, chunk.place(offset)) for offset, row in enumerate(chunk.rows)]
    known = known_versions(
        connection,
        [(new.item.item_id, number) for new in versions for number in _numbers(new)],
    )
    fresh = []
    for offset, new in enumerate(versions):
        key = (new.item.item_id, new.version)
        if new.supersedes is not None and (key[0], new.supersedes) not in known:
            raise InvalidTable(
                f"{chunk.place(offset)}: version {new.version} of item {key[0]!r} comes before "
                f"version {new.supersedes}; sort the file by item_id and version",
                field="version",
            )
        if key not in known:
            fresh.append(new)
        if known.setdefault(key, new.body.digest) != new.body.digest:
            raise InvalidTable(
                f"{chunk.place(offset)}: item {key[0]!r} version {key[1]} is stored already with "
                "other content; give it the next version",
                field="item_id",
            )
    add_versions(connection, fresh, into.tokens, into.token_key, into.lane_window)


def _numbers(new: NewVersion) -> Sequence[int]:
    return [new.version] if new.supersedes is None else [new.supersedes, new.version]


def _version(into: Importer, row: dict[str, Any], place: str) -> NewVersion:
    ledger = {name: row.pop(name) for name in ITEM_LEDGER if name != "item_id"}
    item = _validate(ITEM, row, place)
    version = ledger["version"]
    if not isinstance(version, int) or version < 1:
        raise InvalidTable(f"{place}: version must be 1 or more", field="version")
    return NewVersion(
        item,
        split(item, into.tokens),
        version,
        version - 1 or None,
        ledger["source"],
        ledger["received_at"] or item.presented_at,
    )


def _load_inspections(connection: Connection, into: Importer, chunk: _Chunk) -> None:
    del into
    inspections = [
        _validate(_INSPECTION, row, chunk.place(offset)) for offset, row in enumerate(chunk.rows)
    ]
    items = known_items(connection, [inspection.item_id for inspection in inspections])
    wanted = [each.inspection_id for each in inspections]
    replaced = [each.supersedes for each in inspections if each.supersedes is not None]
    known = known_inspections(connection, [*wanted, *replaced])
    fresh = []
    for offset, inspection in enumerate(inspections):
        if inspection.item_id not in items:
            raise InvalidTable(
                f"{chunk.place(offset)}: item {inspection.item_id!r} is not stored; "
                "import its items first",
                field="item_id",
            )
        if inspection.supersedes is not None and inspection.supersedes not in known:
            raise InvalidTable(
                f"{chunk.place(offset)}: inspection {inspection.supersedes!r} is not stored; "
                "sort the file by recorded_at",
                field="supersedes",
            )
        if inspection.inspection_id not in known:
            fresh.append(inspection)
        if known.setdefault(inspection.inspection_id, inspection) != inspection:
            raise InvalidTable(
                f"{chunk.place(offset)}: inspection {inspection.inspection_id!r} is stored "
                "already with other content; correct it by one that supersedes it",
                field="inspection_id",
            )
    add_inspections(connection, fresh)


def _load_signals(connection: Connection, into: Importer, chunk: _Chunk) -> None:
    signals = [
        _validate(_SIGNAL, row, chunk.place(offset)) for offset, row in enumerate(chunk.rows)
    ]
    add_signals(connection, signals, into.tokens, into.token_key)
