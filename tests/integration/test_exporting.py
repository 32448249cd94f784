"""What leaves the store, and that learning from it is learning from the files."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from sqlalchemy import select

from features.catalogue import FEATURE_NAMES
from features.matrix import matrix_from_tables
from features.records import INSPECTIONS, ITEMS, SIGNALS, TABLES
from service.exporting import FolderTaken, export_data
from service.importing.rows import Importer
from service.importing.run import import_data
from service.store.audit_tables import AUDIT
from service.store.engine import Store
from service.store.schema import upgrade
from service.store.tokens import Tokens, claim_token_key
from tests.declarations import SHIPMENT, VEHICLE
from tests.serving import NOON, Desk
from tests.worlds import write_folder
from training.dataset import labelled
from training.learner import Recipe, grow
from training.parameters import PARAMETERS
from training.tables import read_tables

EVER = datetime(2000, 1, 1, tzinfo=UTC)


def _quietly(*_step: object) -> None:
    pass


def _export(store: Store, out: Path, since: datetime = EVER) -> dict[str, int]:
    return export_data(store, since, out, lambda: NOON, _quietly)


def _importer(store: Store, tokens: Tokens) -> Importer:
    with store.write() as connection:
        token_key = claim_token_key(connection, tokens, NOON)
    return Importer(store, tokens, token_key, timedelta(minutes=30))


@pytest.fixture
def used(desk: Desk) -> Desk:
    """Give a server in which something of everything was recorded."""
    desk.score(VEHICLE)
    desk.score(SHIPMENT)
    desk.score(SHIPMENT | {"packages": 4})
    finding = {"item_id": "V1", "method": "full_search", "minutes": 70.0, "outcome": "clear"}
    named = desk.headers() | {"Idempotency-Key": "record-0001"}
    desk.client.post("/v1/inspections", json=finding | {"note": "all in order"}, headers=named)
    plate = {"entity_kind": "plate", "entity": "TX:ABC1234"}
    signal = plate | {"signal_id": "G1", "kind": "lookout", "strength": 0.5}
    outcome = plate | {"outcome_id": "O1", "kind": "trace", "happened_at": "2026-11-24T08:00:00Z"}
    feed = desk.headers("feed")
    assert desk.client.post("/v1/signals", json={"signals": [signal]}, headers=feed).is_success
    assert desk.client.post("/v1/outcomes", json={"outcomes": [outcome]}, headers=feed).is_success
    return desk


def test_every_table_leaves_as_the_contract_has_it(used: Desk, tmp_path: Path) -> None:
    counts = _export(used.runtime.store, tmp_path / "out")
    assert counts == {
        "items": 3,
        "decisions": 1,
        "inspections": 1,
        "signals": 1,
        "outcomes": 1,
        "scores": 3,
    }
    for name, n_rows in counts.items():
        frame = TABLES[name].check(pl.read_parquet(tmp_path / "out" / f"{name}.parquet"))
        assert frame.height == n_rows


def test_no_identifier_and_no_note_leaves(used: Desk, tmp_path: Path) -> None:
    _export(used.runtime.store, tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        words = str(pl.read_parquet(path).to_dicts()).lower()
        assert not any(word in words for word in ("abc1234", "'s1', 'c1'", "all in order")), path


def test_only_what_became_known_since_then_leaves(used: Desk, tmp_path: Path) -> None:
    later = NOON + timedelta(microseconds=1)
    counts = _export(used.runtime.store, tmp_path / "later", later)
    # scores count from the presentation of their items, which is an hour later here
    assert {name: n for name, n in counts.items() if n} == {"scores": 3}
    assert _export(used.runtime.store, tmp_path / "then", NOON)["items"] == 3


def test_an_export_is_an_act(used: Desk, tmp_path: Path) -> None:
    _export(used.runtime.store, tmp_path / "out")
    with used.runtime.store.read() as connection:
        acts = connection.execute(select(AUDIT.c.act).order_by(AUDIT.c.seq)).scalars().all()
    assert acts[-1] == "records.exported"


def test_a_folder_that_is_there_is_left_alone(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FolderTaken, match="name a new folder"):
        _export(store, tmp_path)


def test_an_export_that_fails_leaves_nothing(used: Desk, tmp_path: Path) -> None:
    def fail(table: str, _done: int) -> None:
        if table == "inspections":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_data(used.runtime.store, EVER, tmp_path / "out", lambda: NOON, fail)
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


def test_what_was_exported_can_be_imported_elsewhere_and_exported_again(
    used: Desk, tmp_path: Path
) -> None:
    _export(used.runtime.store, tmp_path / "first")
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    upgrade(other)
    tokens = Tokens("another secret, of another store altogether")
    into = _importer(other, tokens)
    loaded = import_data(into, tmp_path / "first", _quietly)
    assert {name: each.n_new for name, each in loaded.items()} == {
        "items": 3,
        "decisions": 1,
        "inspections": 1,
        "signals": 1,
        "outcomes": 1,
    }
    _export(other, tmp_path / "second")
    other.close()
    first, second = (
        pl.read_parquet(tmp_path / folder / "signals.parquet")["entity"].item()
        for folder in ("first", "second")
    )
    assert first.startswith("TX:")
    assert second == "TX:" + tokens.token("plate", first.upper())
    left, right = (
        pl.read_parquet(tmp_path / folder / "decisions.parquet") for folder in ("first", "second")
    )
    assert_frame_equal(left, right)


def test_features_of_what_was_imported_and_exported_are_those_of_the_files(
    used: Desk, tmp_path: Path
) -> None:
    """Pseudonyms change nothing: items that shared a name share a token."""
    used.score(SHIPMENT | {"item_id": "S2", "lines": SHIPMENT["lines"] * 2, "phone": "1 555"})
    used.score(VEHICLE | {"item_id": "V2", "driver": "d 1"})
    used.score(VEHICLE | {"item_id": "V3", "driver": "D1", "plate_state": "AZ"})
    _export(used.runtime.store, tmp_path / "first")
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    upgrade(other)
    import_data(_importer(other, Tokens("x" * 40)), tmp_path / "first", _quietly)
    _export(other, tmp_path / "second")
    other.close()
    matrices = [
        matrix_from_tables(
            ITEMS.check(pl.read_parquet(tmp_path / folder / "items.parquet")),
            INSPECTIONS.check(pl.read_parquet(tmp_path / folder / "inspections.parquet")),
            SIGNALS.check(pl.read_parquet(tmp_path / folder / "signals.parquet")),
        )
        for folder in ("first", "second")
    ]
    assert matrices[0].item_ids == matrices[1].item_ids
    assert matrices[0].X.tobytes() == matrices[1].X.tobytes()


def test_learning_from_an_export_of_an_import_is_learning_from_the_files(
    store: Store, tokens: Tokens, tmp_path: Path
) -> None:
    files = write_folder(tmp_path / "files")
    import_data(_importer(store, tokens), files, _quietly)
    _export(store, tmp_path / "out")
    here, there = labelled(read_tables(files)), labelled(read_tables(tmp_path / "out"))
    assert here.item_ids == there.item_ids
    assert here.X.tobytes() == there.X.tobytes()
    assert here.y.tolist() == there.y.tolist()
    assert here.weight.tolist() == there.weight.tolist()
    recipe = Recipe("inverse", PARAMETERS, FEATURE_NAMES, seed=3)
    texts = [grow(recipe, data, n_rounds=40).model_to_string() for data in (here, there)]
    assert texts[0] == texts[1]
