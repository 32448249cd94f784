"""What inspectors record: once, durable, correctable, and seen by later scores."""

import threading

import httpx2
import pytest
from sqlalchemy import Table, func, select

from service.store.finding_tables import DECISIONS, NOTES, REPLIES
from service.store.tables import ENTITY_RESULTS, INSPECTIONS
from tests.declarations import VEHICLE
from tests.serving import Desk, MakeDesk, Shelf, plain_model

CLEAR = {"item_id": "V1", "method": "full_search", "minutes": 70.0, "outcome": "clear"}
FIND = CLEAR | {"outcome": "find", "n_firearms": 2, "n_rounds": 50}
KEY = "record-0001"


def _post(
    desk: Desk, body: object, headers: dict[str, str], key: str | None = KEY
) -> httpx2.Response:
    named = headers if key is None else headers | {"Idempotency-Key": key}
    return desk.client.post("/v1/inspections", json=body, headers=named)


def _count(desk: Desk, table: Table) -> int:
    with desk.runtime.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


@pytest.fixture
def inspector(desk: Desk) -> dict[str, str]:
    desk.score(VEHICLE)
    return desk.headers("inspector", "2304")


def test_a_finding_is_stored_as_replied(desk: Desk, inspector: dict[str, str]) -> None:
    reply = _post(desk, FIND, inspector)
    assert reply.status_code == 201, reply.text
    given = reply.json()
    assert (given["n_firearms"], given["agency"], given["supersedes"]) == (2, "CBP", None)
    assert given["found_at"] == given["recorded_at"] == "2026-11-24T09:00:00Z"
    with desk.runtime.store.read() as connection:
        row = connection.execute(select(INSPECTIONS)).one()
    assert (row.inspection_id, row.n_rounds) == (given["inspection_id"], 50)


def test_without_a_key_nothing_is_recorded(desk: Desk, inspector: dict[str, str]) -> None:
    for key in (None, "short", "with space in it"):
        reply = _post(desk, FIND, inspector, key)
        assert reply.status_code == 422
        assert [error["field"] for error in reply.json()["errors"]] == ["Idempotency-Key"]
    assert _count(desk, INSPECTIONS) == 0


def test_the_same_again_gets_the_same_reply(desk: Desk, inspector: dict[str, str]) -> None:
    first = _post(desk, FIND, inspector)
    desk.clock.forward(hours=5)
    again = _post(desk, dict(reversed(FIND.items())), inspector)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert _count(desk, INSPECTIONS) == 1


def test_another_body_under_the_same_key_is_refused(desk: Desk, inspector: dict[str, str]) -> None:
    _post(desk, FIND, inspector)
    refused = _post(desk, CLEAR, inspector)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:weir:problem:key-reused"
    assert _count(desk, INSPECTIONS) == 1


def test_keys_of_two_callers_do_not_meet(desk: Desk, inspector: dict[str, str]) -> None:
    _post(desk, FIND, inspector)
    assert _post(desk, CLEAR, desk.headers("inspector")).status_code == 201
    assert _count(desk, INSPECTIONS) == 2


def test_racing_duplicates_are_one_record(desk: Desk, inspector: dict[str, str]) -> None:
    replies: list[bytes] = []
    posts = [
        threading.Thread(target=lambda: replies.append(_post(desk, FIND, inspector).content))
        for _ in range(16)
    ]
    for post in posts:
        post.start()
    for post in posts:
        post.join()
    assert len(replies) == 16
    assert len(set(replies)) == 1
    assert _count(desk, INSPECTIONS) == 1


def test_a_refused_finding_leaves_its_key_free(desk: Desk, inspector: dict[str, str]) -> None:
    assert _post(desk, FIND | {"method": "guess"}, inspector).status_code == 422
    assert _count(desk, REPLIES) == 0
    assert _post(desk, FIND, inspector).status_code == 201


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"method": "container_devan"}, "method"),
        ({"outcome": "clear"}, "outcome"),
        ({"n_firearms": 0, "n_rounds": 0}, "outcome"),
        ({"minutes": -1.0}, "minutes"),
        ({"outcome": "guilty"}, "outcome"),
        ({"found_at": "2026-11-24T10:00:00Z"}, "found_at"),
        ({"reason": "other"}, "note"),
        ({"reason": "hunch"}, "reason"),
        ({"supersedes": "nothing"}, "supersedes"),
        ({"nationality": "X"}, "nationality"),
    ],
)
def test_a_finding_that_contradicts_itself_is_refused_by_name(
    desk: Desk, inspector: dict[str, str], change: dict[str, object], field: str
) -> None:
    reply = _post(desk, FIND | change, inspector)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [field]
    assert _count(desk, INSPECTIONS) == 0


def test_a_later_score_sees_the_finding(make_desk: MakeDesk) -> None:
    desk = make_desk(Shelf(shipped=plain_model(column="plate_n_finds")))
    headers = desk.headers()
    before = desk.score(VEHICLE | {"presented_at": "2026-11-24T09:00:00Z"})
    assert _post(desk, FIND, headers).status_code == 201
    desk.clock.forward(minutes=10)
    after = desk.score(VEHICLE | {"item_id": "V2", "presented_at": "2026-11-24T09:10:00Z"})
    assert after["risk"] > before["risk"]


def test_a_correction_supersedes_once_and_both_are_kept(
    desk: Desk, inspector: dict[str, str]
) -> None:
    first = _post(desk, FIND, inspector).json()["inspection_id"]
    desk.clock.forward(minutes=1)
    corrected = _post(desk, CLEAR | {"supersedes": first}, inspector, "record-0002")
    assert corrected.status_code == 201
    late = _post(desk, CLEAR | {"supersedes": first}, inspector, "record-0003")
    assert late.json()["type"] == "urn:weir:problem:already-corrected"
    with desk.runtime.store.read() as connection:
        net = connection.execute(
            select(func.sum(ENTITY_RESULTS.c.find), func.sum(ENTITY_RESULTS.c.clear)).where(
                ENTITY_RESULTS.c.kind == "plate"
            )
        ).one()
    assert tuple(net) == (0, 1)
    assert _count(desk, INSPECTIONS) == 2


def test_only_the_agency_that_recorded_corrects(desk: Desk, inspector: dict[str, str]) -> None:
    first = _post(desk, FIND, inspector).json()["inspection_id"]
    other = desk.headers_of("inspector", agency="HSI")
    refused = _post(desk, CLEAR | {"supersedes": first}, other)
    assert (refused.status_code, "another agency" in refused.text) == (422, True)
    assert _post(desk, FIND, other).json()["agency"] == "HSI"


def test_an_item_of_a_foreign_port_is_none(desk: Desk, inspector: dict[str, str]) -> None:
    del inspector
    for headers in (desk.headers("inspector", "5201"), desk.headers("supervisor", "5201")):
        assert _post(desk, FIND, headers).status_code == 404
    assert _post(desk, FIND | {"item_id": "V9"}, desk.headers()).status_code == 404


def test_notes_are_kept_apart_and_shown_to_those_who_see_identifiers(
    desk: Desk, inspector: dict[str, str]
) -> None:
    reply = _post(desk, FIND | {"note": "behind the panel"}, inspector)
    assert "panel" not in reply.text
    shown = desk.client.get("/v1/items/V1/inspections", headers=inspector).json()
    assert [each["note"] for each in shown["inspections"]] == ["behind the panel"]
    hidden = desk.client.get("/v1/items/V1/inspections", headers=desk.headers("auditor"))
    assert [each["note"] for each in hidden.json()["inspections"]] == [None]
    assert _count(desk, NOTES) == 1


def test_what_nobody_decided_on_an_officer_chose(desk: Desk, inspector: dict[str, str]) -> None:
    _post(desk, FIND | {"reason": "behaviour"}, inspector)
    _post(desk, FIND, inspector, "record-0002")
    with desk.runtime.store.read() as connection:
        decision = connection.execute(select(DECISIONS)).one()
    assert (decision.arm, decision.reason, decision.propensity) == ("officer", "behaviour", 0.0)


def test_what_was_examined_to_the_end_leaves_the_queue(
    desk: Desk, inspector: dict[str, str]
) -> None:
    def queued() -> int:
        return len(desk.client.get("/v1/queue", headers=inspector).json()["items"])

    started = _post(desk, CLEAR | {"outcome": "not_completed"}, inspector)
    assert queued() == 1
    done = _post(desk, CLEAR, inspector, "record-0002").json()["inspection_id"]
    assert queued() == 0
    _post(desk, CLEAR | {"supersedes": done, "outcome": "not_completed"}, inspector, "record-0003")
    assert (started.status_code, queued()) == (201, 1)


@pytest.mark.parametrize("busy", ["batcher", "acting"])
def test_findings_have_a_lane_of_their_own(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch, busy: str
) -> None:
    desk = make_desk()
    desk.score(VEHICLE)
    headers = desk.headers()
    full = desk.runtime.batcher if busy == "batcher" else desk.runtime.acting.batcher
    monkeypatch.setattr(full, "_most_waiting", 0)
    if busy == "batcher":
        shed = desk.client.post("/v1/score", json=VEHICLE, headers=headers)
    else:
        shed = desk.client.get("/v1/items/V1", headers=headers)
    assert (shed.status_code, shed.headers["retry-after"]) == (503, "1")
    assert _post(desk, FIND, headers).status_code == 201
    assert desk.client.post("/v1/items/V1/claim", headers=headers).status_code == 200


def test_a_finding_and_an_amendment_at_once_reach_every_entity(desk: Desk) -> None:
    headers = desk.headers()
    for number in range(15):
        item = VEHICLE | {"item_id": f"V{number}", "plate": f"P{number}"}
        desk.score(item, headers)
        amended = item | {"driver": f"D{number}"}
        body = FIND | {"item_id": f"V{number}"}
        posts = [
            threading.Thread(target=desk.score, args=(amended, headers)),
            threading.Thread(target=_post, args=(desk, body, headers, f"record-{number:04}")),
        ]
        for post in posts:
            post.start()
        for post in posts:
            post.join()
    with desk.runtime.store.read() as connection:
        found = connection.execute(select(ENTITY_RESULTS.c.item_id, ENTITY_RESULTS.c.kind)).all()
    assert sorted((row.item_id, row.kind) for row in found) == sorted(
        (f"V{number}", kind) for number in range(15) for kind in ("driver", "plate")
    )
