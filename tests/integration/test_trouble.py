"""What a server does when something it leans on is gone."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from service.acting import MOST_TRIES
from service.store.champions import promote, roll_back
from service.store.engine import PRAGMAS, Store, StoreConflict
from service.store.tables import ITEMS
from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import OTHER_VERSION, VERSION, Desk, MakeDesk, Shelf, faulty_model, plain_model


@contextmanager
def _without(store: Store, table: str) -> Iterator[None]:
    with store.write() as connection:
        connection.execute(text(f"ALTER TABLE {table} RENAME TO elsewhere"))
    yield
    with store.write() as connection:
        connection.execute(text(f"ALTER TABLE elsewhere RENAME TO {table}"))


@contextmanager
def _locked(desk: Desk) -> Iterator[None]:
    """Hold the store's write lock; waiting for it is cut short."""
    store = Store(desk.runtime.settings.url)
    with store.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE items, probes IN ACCESS EXCLUSIVE MODE"))
        yield
    store.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.store.engine.BUSY_TIMEOUT_MILLISECONDS", 100)
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 100)


def test_without_history_items_are_scored_with_the_stated_defaults(desk: Desk) -> None:
    desk.score(SHIPMENT)
    with _without(desk.runtime.store, "entity_results"):
        answer = desk.score(VEHICLE)
    assert answer["degraded"] is False
    assert "history" in answer["missing"]
    assert "history" not in desk.score(VEHICLE | {"item_id": "V2"})["missing"]


@pytest.mark.usefixtures("impatient")
def test_a_store_that_takes_no_writes_is_a_503_and_nothing_is_kept(make_desk: MakeDesk) -> None:
    desk = make_desk()
    headers = desk.headers("feed")
    with _locked(desk):
        reply = desk.client.post("/v1/score", json=VEHICLE, headers=headers)
        assert reply.status_code == 503
        assert reply.headers["retry-after"] == "1"
        assert reply.headers["content-type"] == "application/problem+json"
        ready = desk.client.get("/readyz")
        assert ready.status_code == 503
        assert desk.client.get("/livez").status_code == 200
    assert desk.client.get("/readyz").status_code == 200
    with desk.runtime.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(ITEMS)).scalar_one() == 0
    assert "weir_store_failures_total 1.0" in desk.client.get("/metrics").text
    desk.score(VEHICLE)


def _fill(store: Store, *, most_pages: int | None) -> None:
    """Let no connection of a SQLite store need more pages; None makes room again."""

    def limit(connection: sqlite3.Connection, *_: object) -> None:
        pages = most_pages or 10**6
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store.engine, "checkout", limit)


def test_a_full_store_is_not_ready_although_a_row_still_fits(make_desk: MakeDesk) -> None:
    desk = make_desk()
    store = desk.runtime.store
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no limit that a test could set")
    headers = desk.headers("feed")
    many = {"items": [SHIPMENT | {"item_id": f"S{n}", "lines": [LINE] * 50} for n in range(200)]}
    assert desk.client.get("/readyz").status_code == 200
    _fill(store, most_pages=1)
    assert desk.client.get("/readyz").status_code == 200
    assert desk.client.post("/v1/score/batch", json=many, headers=headers).status_code == 503
    for _ in range(2):
        reply = desk.client.get("/readyz")
        assert (reply.status_code, reply.json()["status"]) == (503, "not ready")
    _fill(store, most_pages=None)
    assert desk.client.get("/readyz").status_code == 200
    assert desk.client.post("/v1/score/batch", json=many, headers=headers).status_code == 200
    assert desk.runtime.writes.failing is False


def test_a_store_whose_file_was_moved_away_is_not_ready(make_desk: MakeDesk) -> None:
    desk = make_desk()
    url = desk.runtime.store.engine.url
    if url.database is None or not url.drivername.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps no file of ours")
    headers, path = desk.headers("feed"), Path(url.database)
    path.rename(path.with_name("elsewhere"))
    assert desk.client.get("/readyz").status_code == 503
    assert desk.client.post("/v1/score", json=VEHICLE, headers=headers).status_code == 503
    assert str(path) not in desk.client.get("/readyz").text
    path.with_name("elsewhere").rename(path)
    assert desk.client.get("/readyz").status_code == 200


def test_a_fault_of_ours_is_a_500_that_tells_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk(Shelf(shipped=faulty_model("the secret of the model")))
    reply = desk.client.post("/v1/score", json=VEHICLE, headers=desk.headers())
    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    assert "secret" not in reply.text
    assert "Traceback" not in reply.text
    with desk.runtime.store.read() as connection:
        assert connection.execute(select(func.count()).select_from(ITEMS)).scalar_one() == 0


def test_too_much_waiting_is_refused_at_once(make_desk: MakeDesk) -> None:
    desk = make_desk(max_waiting_items=500)
    batch = {"items": [VEHICLE | {"item_id": f"V{n}"} for n in range(400)]}
    held, taken = threading.Event(), threading.Event()
    run = desk.runtime.batcher._run  # noqa: SLF001 - the one place to hold a run up

    def slow(jobs: object) -> object:
        taken.set()
        held.wait(5)
        return run(jobs)  # type: ignore[arg-type]  # passed through

    desk.runtime.batcher._run = slow  # type: ignore[assignment]  # noqa: SLF001 - as above
    headers = desk.headers("feed")
    statuses: list[int] = []

    def post() -> None:
        reply = desk.client.post("/v1/score/batch", json=batch, headers=headers)
        statuses.append(reply.status_code)

    posts = [threading.Thread(target=post) for _ in range(3)]
    posts[0].start()
    assert taken.wait(5)
    posts[1].start()
    posts[2].start()
    posts[1].join(0.5)
    posts[2].join(0.5)
    assert 503 in statuses
    held.set()
    for each in posts:
        each.join()
    assert sorted(statuses) == [200, 200, 503]


def test_a_promoted_bundle_is_used_and_a_rollback_undone(make_desk: MakeDesk) -> None:
    shelf = Shelf(plain_model(), plain_model(OTHER_VERSION))
    desk = make_desk(shelf)
    store, champion = desk.runtime.store, desk.runtime.champion
    for version in (VERSION, OTHER_VERSION):
        with store.write() as connection:
            promote(connection, version, desk.clock())
        champion.refresh()
        assert desk.score(VEHICLE | {"item_id": version})["model_version"] == version
    with store.write() as connection:
        assert roll_back(connection, desk.clock()) == VERSION
    champion.refresh()
    assert desk.score(VEHICLE)["model_version"] == VERSION


def test_a_bad_bundle_leaves_the_last_good_one_in_use(make_desk: MakeDesk) -> None:
    desk = make_desk(Shelf(shipped=plain_model()))
    with desk.runtime.store.write() as connection:
        promote(connection, OTHER_VERSION, desk.clock())
    desk.runtime.champion.refresh()
    answer = desk.score(VEHICLE)
    assert (answer["model_version"], answer["degraded"]) == (VERSION, False)
    assert "weir_degraded 1.0" in desk.client.get("/metrics").text


def test_two_servers_that_take_in_one_item_at_once_keep_every_version(
    make_desk: MakeDesk,
) -> None:
    desks = [make_desk(), make_desk()]
    headers = desks[0].headers("feed")
    statuses: list[int] = []

    def post(desk: Desk, first: int) -> None:
        for occupants in range(first, first + 10):
            batch = {
                "items": [
                    VEHICLE | {"item_id": item_id, "occupants": occupants, "driver": "d"}
                    for item_id in (("V1", "V2") if occupants % 2 else ("V2", "V1"))
                ]
            }
            reply = desk.client.post("/v1/score/batch", json=batch, headers=headers)
            statuses.append(reply.status_code)

    posts = [
        threading.Thread(target=post, args=(desk, first))
        for desk, first in zip(desks, (0, 50), strict=True)
    ]
    for each in posts:
        each.start()
    for each in posts:
        each.join()
    assert statuses == [200] * 20
    with desks[0].runtime.store.read() as connection:
        for item_id in ("V1", "V2"):
            rows = connection.execute(
                select(ITEMS.c.version, ITEMS.c.superseded_by)
                .where(ITEMS.c.item_id == item_id)
                .order_by(ITEMS.c.version)
            ).all()
            assert [row.version for row in rows] == list(range(1, 21))
            assert [row.superseded_by for row in rows] == [*range(2, 21), None]


class LostRaces:
    """Stands in for taking items in where another writer is always first."""

    def __init__(self, n_lost: int) -> None:
        self.left = n_lost

    def __call__(self, *_arguments: object) -> list[list[dict[str, bool]]]:
        self.left -= 1
        if self.left >= 0:
            raise StoreConflict("another request wrote the same record first; send it again")
        return [[{"degraded": False}]]


@pytest.mark.parametrize(("n_lost", "status"), [(MOST_TRIES - 1, 200), (MOST_TRIES, 503)])
def test_a_lost_race_is_run_again_but_not_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, n_lost: int, status: int
) -> None:
    headers = desk.headers("feed")
    monkeypatch.setattr("service.intake.take_in", LostRaces(n_lost))
    reply = desk.client.post("/v1/score", json=VEHICLE, headers=headers)
    assert reply.status_code == status


def test_a_role_that_this_version_does_not_know_is_not_let_in(desk: Desk) -> None:
    headers = desk.headers("feed")
    with desk.runtime.store.write() as connection:
        connection.execute(text("UPDATE api_keys SET role = 'king'"))
    assert desk.client.get("/v1/queue", headers=headers).status_code == 401
