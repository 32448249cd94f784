"""What others can do during an import, and what stays of one that is interrupted."""

import threading
import time
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from features.errors import InvalidTable
from features.records import SIGNALS, Inspection, Signal
from service.importing.check import Step
from service.importing.rows import Importer
from service.importing.run import import_data
from service.store.bodies import split
from service.store.engine import Store
from service.store.items import NewVersion, add_versions
from service.store.probe import probe
from service.store.schema import upgrade
from service.store.tables import METADATA, PROBES
from service.store.tokens import Tokens, claim_token_key
from tests.fakes import START, Received, inspections_table, items_table, shipment, vehicle
from tests.serving import NOON

N_VEHICLES = 900
LANE_WINDOW = timedelta(minutes=30)


def _received() -> list[Received]:
    found = []
    for number in range(N_VEHICLES):
        at = START + timedelta(minutes=number)
        found.append(Received(vehicle(f"V{number}", at, plate=f"P{number % 50}"), 1, at))
        if number % 10 == 0:
            found.append(Received(shipment(f"S{number}", at), 1, at))
            later = at + timedelta(hours=5)
            found.append(Received(shipment(f"S{number}", at, phone=f"55{number}"), 2, later))
    return found


def _inspections() -> list[Inspection]:
    return [
        Inspection.model_validate(
            {
                "inspection_id": f"N{number}",
                "supersedes": f"N{number - 1}" if number % 7 == 0 and number else None,
                "item_id": f"S{number // 7 * 10 % N_VEHICLES}",
                "method": "full_search",
                "minutes": 75.0,
                "outcome": "find" if number % 3 == 0 else "clear",
                "found_at": START,
                "recorded_at": START + timedelta(hours=number),
                "agency": "CBP",
            }
        )
        for number in range(200)
    ]


def _signals() -> pl.DataFrame:
    rows = [
        Signal(
            signal_id=f"G{number}",
            kind="lookout",
            entity_kind="plate",
            entity=f"TX:P{number}",
            agency="CBP",
            known_at=START,
            strength=0.5,
        ).model_dump()
        for number in range(50)
    ]
    return pl.DataFrame(rows, schema=SIGNALS.schema)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("history")
    items_table(_received()).write_parquet(found / "items.parquet")
    inspections_table(_inspections()).write_parquet(found / "inspections.parquet")
    _signals().write_parquet(found / "signals.parquet")
    return found


@pytest.fixture
def into(store: Store, tokens: Tokens) -> Importer:
    return _importer(store, tokens)


def _importer(store: Store, tokens: Tokens) -> Importer:
    with store.write() as connection:
        token_key = claim_token_key(connection, tokens, NOON)
    return Importer(store, tokens, token_key, LANE_WINDOW)


def _quietly(_step: Step, _table: str, _done: int, _total: int) -> None:
    pass


def _content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=str)
            for table in METADATA.sorted_tables
        }


def test_others_write_between_any_two_transactions_of_an_import(
    into: Importer, folder: Path, store_url: str
) -> None:
    other = Store(store_url)
    turns = []

    def write(step: Step, table: str, done: int, _total: int) -> None:
        with other.write() as connection:
            probe(connection, NOON)
        turns.append((step, table, done))

    import_data(into, folder, write)
    assert len([turn for turn in turns if turn[:2] == ("load", "items")]) >= 3
    other.close()


def test_a_writer_that_never_rests_is_not_kept_waiting(
    into: Importer, folder: Path, store_url: str
) -> None:
    other, over, waits = Store(store_url), threading.Event(), []

    def write() -> None:
        while not over.is_set():
            started = time.monotonic()
            with other.write() as connection:
                probe(connection, NOON)
            waits.append(time.monotonic() - started)
            over.wait(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    import_data(into, folder, _quietly)
    over.set()
    thread.join()
    with other.read() as connection:
        assert connection.execute(select(PROBES)).one()
    assert len(waits) > 5
    assert max(waits) < 3.0  # a transaction aims at 0.3 s; machines are shared
    other.close()


class Stop:
    """Interrupts an import at its nth report of loading."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self, step: Step, _table: str, _done: int, _total: int) -> None:
        if step == "load":
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt


def test_interruptions_and_repeats_end_up_as_one_run(
    into: Importer, folder: Path, tokens: Tokens, tmp_path: Path
) -> None:
    reached = []
    for nth in (1, 2, 1):
        with pytest.raises(KeyboardInterrupt):
            import_data(into, folder, Stop(nth))
        reached.append(len(_content(into.store)["items"]))
    assert 0 < reached[0] < reached[1] <= N_VEHICLES * 1.2
    import_data(into, folder, _quietly)
    whole = Store(f"sqlite:///{tmp_path / 'whole.sqlite'}")
    upgrade(whole)
    import_data(_importer(whole, tokens), folder, _quietly)
    assert _content(into.store) == _content(whole)
    whole.close()


def test_what_a_server_stores_otherwise_meanwhile_is_refused_and_the_rest_stays(
    into: Importer, folder: Path
) -> None:
    last = vehicle(f"V{N_VEHICLES - 1}", START, occupants=9)

    def interfere(step: Step, table: str, done: int, total: int) -> None:
        if (step, table, done) == ("check", "items", total):
            new = NewVersion(last, split(last, into.tokens), 1, None, "feed", NOON)
            with into.store.write() as connection:
                add_versions(connection, [new], into.tokens, into.token_key, LANE_WINDOW)

    with pytest.raises(InvalidTable, match=r"row \d+: occupants: item 'V899' version 1 is stored"):
        import_data(into, folder, interfere)
    assert len(_content(into.store)["items"]) > 100


def test_what_a_server_stores_alike_meanwhile_is_not_stored_twice(
    into: Importer, folder: Path
) -> None:
    first = vehicle("V0", START, plate="P0")

    def interfere(step: Step, table: str, done: int, total: int) -> None:
        if (step, table, done) == ("check", "items", total):
            new = NewVersion(first, split(first, into.tokens), 1, None, "feed", NOON)
            with into.store.write() as connection:
                add_versions(connection, [new], into.tokens, into.token_key, LANE_WINDOW)

    loaded = import_data(into, folder, interfere)
    assert loaded["items"].n_new == loaded["items"].n_rows - 1
