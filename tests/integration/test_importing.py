"""Loading a history from files."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sqlalchemy import func, select

from features.errors import InvalidRecord, InvalidTable
from features.history import as_of
from features.matrix import matrix_from_items, matrix_from_tables
from features.records import SIGNALS, Inspection, Signal
from service.importing.check import Step
from service.importing.rows import Importer
from service.importing.run import import_data
from service.store.engine import Store
from service.store.history import StoreHistory
from service.store.tables import (
    ENTITY_ITEMS,
    ENTITY_RESULTS,
    IDENTIFIERS,
    INSPECTIONS,
    ITEMS,
)
from service.store.tables import SIGNALS as STORED_SIGNALS
from service.store.tokens import Tokens, claim_token_key
from tests.declarations import VEHICLE
from tests.fakes import (
    START,
    Received,
    inspections_table,
    items_table,
    shipment,
    signals_table,
    vehicle,
)
from tests.serving import NOON, Desk

TABLES = (ITEMS, IDENTIFIERS, ENTITY_ITEMS, INSPECTIONS, ENTITY_RESULTS, STORED_SIGNALS)


def _day(number: int) -> object:
    return START + timedelta(days=number)


RECEIVED = [
    Received(vehicle("V1", START), 1, START),
    Received(vehicle("V2", START + timedelta(hours=3), driver="d-1"), 1, START),
    Received(shipment("S1", START), 1, START + timedelta(days=1)),
    Received(shipment("S1", START, phone="1"), 2, START + timedelta(days=2)),
    Received(shipment("S2", START + timedelta(days=5)), 1, START + timedelta(days=5)),
    Received(vehicle("V3", START + timedelta(days=6), driver="D1"), 1, START),
]


def _inspection(number: int, item_id: str, outcome: str, supersedes: str | None) -> Inspection:
    return Inspection.model_validate(
        {
            "inspection_id": f"N{number}",
            "supersedes": supersedes,
            "item_id": item_id,
            "method": "full_search",
            "minutes": 75.0,
            "outcome": outcome,
            "found_at": START,
            "recorded_at": START + timedelta(hours=number),
            "agency": "CBP",
        }
    )


FOUND = [
    _inspection(1, "V1", "find", None),
    _inspection(2, "S1", "find", None),
    _inspection(3, "S1", "clear", "N2"),
]

SIGNAL = Signal(
    signal_id="G1",
    kind="lookout",
    entity_kind="plate",
    entity="TX:abc 1234",
    agency="CBP",
    known_at=START,
    strength=0.5,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "history"
    found.mkdir()
    items_table(RECEIVED).write_parquet(found / "items.parquet", row_group_size=2)
    inspections_table(FOUND).write_parquet(found / "inspections.parquet")
    signals = pl.DataFrame([SIGNAL.model_dump()], schema=SIGNALS.schema)
    signals.write_parquet(found / "signals.parquet")
    return found


@pytest.fixture
def into(store: Store, tokens: Tokens) -> Importer:
    with store.write() as connection:
        token_key = claim_token_key(connection, tokens, NOON)
    return Importer(store, tokens, token_key, timedelta(minutes=30))


def _quietly(_step: Step, _table: str, _done: int, _total: int) -> None:
    pass


def _counts(store: Store) -> list[int]:
    with store.read() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in TABLES
        ]


def test_a_history_is_loaded_with_its_own_times(into: Importer, folder: Path) -> None:
    counts = import_data(into, folder, _quietly)
    assert counts == {"items": (6, 6), "inspections": (3, 3), "signals": (1, 1)}
    with into.store.read() as connection:
        rows = connection.execute(select(ITEMS).where(ITEMS.c.item_id == "S1")).all()
        signal = connection.execute(select(STORED_SIGNALS)).one()
    assert {(row.version, row.superseded_by, row.received_at) for row in rows} == {
        (1, 2, _day(1)),
        (2, None, _day(2)),
    }
    assert signal.token == into.tokens.token("plate", "TX:ABC1234")


def test_what_was_loaded_is_history_exactly_as_in_the_files(into: Importer, folder: Path) -> None:
    import_data(into, folder, _quietly)
    tables = matrix_from_tables(
        items_table(RECEIVED), inspections_table(FOUND), signals_table([SIGNAL])
    )
    latest = list({each.item.item_id: each for each in RECEIVED}.values())
    with into.store.read() as connection:
        served = matrix_from_items(
            [each.item for each in latest],
            [each.as_of for each in latest],
            StoreHistory(connection, into.tokens),
        )
    order = [tables.item_ids.index(item_id) for item_id in served.item_ids]
    np.testing.assert_array_equal(served.X, tables.X[order])


@pytest.mark.parametrize(
    ("kind", "entity", "key"),
    [
        ("plate", "TX:abc 1234", "TX:ABC1234"),
        ("plate", "abc 1234", ":ABC1234"),
        ("shipper", "Acme, Inc.", "ACMEINC"),
    ],
)
def test_a_signal_points_at_the_token_of_its_entity(
    into: Importer, folder: Path, kind: str, entity: str, key: str
) -> None:
    row = SIGNAL.model_dump() | {"entity_kind": kind, "entity": entity}
    pl.DataFrame([row], schema=SIGNALS.schema).write_parquet(folder / "signals.parquet")
    import_data(into, folder, _quietly)
    with into.store.read() as connection:
        signal = connection.execute(select(STORED_SIGNALS)).one()
    assert signal.token == into.tokens.token(kind, key)


def test_loading_again_changes_nothing(into: Importer, folder: Path) -> None:
    import_data(into, folder, _quietly)
    before = _counts(into.store)
    again = import_data(into, folder, _quietly)
    assert again == {"items": (6, 0), "inspections": (3, 0), "signals": (1, 0)}
    assert _counts(into.store) == before


def test_progress_is_told_up_to_the_last_row(into: Importer, folder: Path) -> None:
    told: list[tuple[Step, str, int, int]] = []
    import_data(into, folder, lambda *step: told.append(step))
    assert told[0] == ("check", "items", 6, 6)
    assert ("load", "items", 6, 6) in told
    assert told[-1] == ("load", "signals", 1, 1)


@pytest.mark.parametrize(
    ("name", "column", "value", "message"),
    [
        ("items", "port", "9999", r"items\.parquet row 1: port: '9999'"),
        ("inspections", "outcome", "dirty", r"inspections\.parquet row 1: outcome: give one of"),
        ("signals", "strength", 2.0, r"signals\.parquet row 1: strength: give 1.0 or less"),
    ],
)
def test_a_bad_row_of_any_file_keeps_the_whole_folder_out(  # noqa: PLR0913, PLR0917 - a table
    into: Importer, folder: Path, name: str, column: str, value: object, message: str
) -> None:
    path = folder / f"{name}.parquet"
    frame = pl.read_parquet(path)
    frame.with_columns(pl.lit(value).alias(column)).write_parquet(path)
    with pytest.raises(InvalidRecord, match=message):
        import_data(into, folder, _quietly)
    assert _counts(into.store) == [0] * len(TABLES)


def test_a_row_that_breaks_the_contract_is_named_and_nothing_is_loaded(
    into: Importer, folder: Path
) -> None:
    bad = items_table(RECEIVED).with_columns(
        pl.when(pl.col("item_id") == "S2").then(pl.lit("9999")).otherwise("port").alias("port")
    )
    bad.write_parquet(folder / "items.parquet")
    with pytest.raises(InvalidRecord, match=r"items\.parquet row 5: port: '9999'"):
        import_data(into, folder, _quietly)
    assert _counts(into.store) == [0] * len(TABLES)


def test_a_missing_column_is_named(into: Importer, folder: Path) -> None:
    items_table(RECEIVED).drop("port").write_parquet(folder / "items.parquet")
    with pytest.raises(InvalidTable, match=r"items\.parquet: column 'port' is missing"):
        import_data(into, folder, _quietly)


def test_a_file_that_is_no_table_is_named(into: Importer, folder: Path) -> None:
    (folder / "items.parquet").write_bytes(b"no table")
    with pytest.raises(InvalidTable, match=r"items\.parquet is not a parquet file"):
        import_data(into, folder, _quietly)


def test_a_folder_without_tables_is_refused(into: Importer, tmp_path: Path) -> None:
    with pytest.raises(InvalidTable, match="has none of items"):
        import_data(into, tmp_path / "nowhere", _quietly)


def _rewrite(folder: Path, received: list[Received], found: list[Inspection]) -> None:
    items_table(received).write_parquet(folder / "items.parquet")
    inspections_table(found).write_parquet(folder / "inspections.parquet")


@pytest.mark.parametrize(
    ("received", "found", "message"),
    [
        (
            [Received(vehicle("V1", occupants=7), 1, START)],
            [],
            r"items.parquet row 1: occupants: item 'V1' version 1 is stored already with other",
        ),
        (
            [Received(vehicle("V9"), 2, START)],
            [],
            "version: item 'V9' version 2 supersedes item 'V9' version 1, which is not there",
        ),
        (
            [Received(vehicle("V9"), 2, START), Received(vehicle("V9"), 1, START)],
            [],
            "row 1: version: item 'V9' version 2 comes before item 'V9' version 1; sort",
        ),
        (
            [Received(vehicle("V9"), 1, START), Received(vehicle("V9", occupants=7), 1, START)],
            [],
            "row 2: item_id: item 'V9' version 1 is in row 1 already with other content",
        ),
        (
            [],
            [_inspection(9, "V9", "find", None)],
            "item_id: item 'V9' is neither stored nor in items.parquet",
        ),
        (
            [],
            [_inspection(9, "V1", "find", "N8")],
            "supersedes: inspection 'N9' supersedes inspection 'N8', which is not there",
        ),
        (
            [],
            [_inspection(1, "V1", "clear", None)],
            "outcome: inspection 'N1' is stored already with other content; correct it",
        ),
        (
            [],
            [_inspection(9, "S1", "find", "N2")],
            "'N9' supersedes inspection 'N2', which inspection 'N3' supersedes already",
        ),
        (
            [],
            [_inspection(8, "V1", "clear", "N1"), _inspection(9, "V1", "find", "N1")],
            "row 2: supersedes: inspection 'N9' supersedes inspection 'N1', which inspection 'N8'",
        ),
    ],
)
def test_what_contradicts_the_store_is_refused_and_named(
    into: Importer,
    folder: Path,
    received: list[Received],
    found: list[Inspection],
    message: str,
) -> None:
    import_data(into, folder, _quietly)
    before = _counts(into.store)
    _rewrite(folder, received, found)
    with pytest.raises(InvalidTable, match=message):
        import_data(into, folder, _quietly)
    assert _counts(into.store) == before


@pytest.mark.parametrize(
    ("field", "value"), [("strength", 0.25), ("entity", "TX:XYZ99"), ("detail", "seen again")]
)
def test_a_signal_with_other_content_than_the_stored_one_is_refused(
    into: Importer, folder: Path, field: str, value: object
) -> None:
    import_data(into, folder, _quietly)
    changed = pl.DataFrame([SIGNAL.model_dump() | {field: value}], schema=SIGNALS.schema)
    changed.write_parquet(folder / "signals.parquet")
    message = rf"signals\.parquet row 1: {field}: signal 'G1' is stored already"
    with pytest.raises(InvalidTable, match=message):
        import_data(into, folder, _quietly)


def test_a_version_below_one_is_refused(into: Importer, folder: Path) -> None:
    _rewrite(folder, [Received(vehicle("V8"), 0, START)], [])
    with pytest.raises(InvalidTable, match="version: give 1 or more"):
        import_data(into, folder, _quietly)


def test_an_item_without_a_receipt_counts_from_its_presentation(
    into: Importer, folder: Path
) -> None:
    frame = items_table([Received(vehicle("V7"), 1, START)])
    frame = frame.with_columns(pl.lit(None, frame.schema["received_at"]).alias("received_at"))
    frame.write_parquet(folder / "items.parquet")
    (folder / "inspections.parquet").unlink()
    import_data(into, folder, _quietly)
    with into.store.read() as connection:
        known_at = connection.execute(select(ENTITY_ITEMS.c.known_at)).scalars().all()
    assert known_at == [START]


def test_an_imported_item_that_is_posted_is_scored_as_of_its_own_moment(desk: Desk) -> None:
    parts = desk.runtime.desk
    into = Importer(desk.runtime.store, parts.tokens, parts.token_key, parts.lane_window)
    received = Received(vehicle("V1", START), 1, START)
    folder = desk.runtime.settings.state_dir
    folder.mkdir()
    items_table([received]).write_parquet(folder / "items.parquet")
    import_data(into, folder, _quietly)
    posted = {name: value for name, value in VEHICLE.items() if name in {"kind", "mode", "plate"}}
    posted |= {"item_id": "V1", "port": "2304", "destination": "MX", "plate_state": "TX"}
    answer = desk.score(posted | {"presented_at": START.isoformat()})
    assert answer["degraded"] is False
    with desk.runtime.store.read() as connection:
        stored = connection.execute(select(ITEMS.c.version)).scalars().all()
    assert stored == [1]
    assert received.as_of == as_of(received.item, 0)
