"""Deciding in the lane: within the shift's minutes, with known chances, once for each item."""

from typing import Any

from sqlalchemy import func, select

from service.store.finding_tables import DECISIONS
from service.store.keys import revoke_key
from service.store.shift_tables import LANES, PLANNED
from service.store.tables import ITEMS
from tests.declarations import VEHICLE
from tests.serving import Desk

LANE: dict[str, Any] = {
    "shift_id": "lane",
    "port": "2304",
    "way": "lane",
    "modes": ["pov"],
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T17:00:00Z",
    "minutes": {"partial_search": 150.0},
    "exploration_share": 0.2,
    "expected_items": 60.0,
}
SOON = VEHICLE | {"presented_at": "2026-11-24T09:00:00Z"}


def _open(desk: Desk, **changes: object) -> None:
    headers = desk.headers("supervisor")
    reply = desk.client.post("/v1/shifts", json=LANE | changes, headers=headers)
    assert reply.status_code == 201, reply.text


def _decide(desk: Desk, headers: dict[str, str], item: object) -> dict[str, Any]:
    reply = desk.client.post("/v1/decide", json=item, headers=headers)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def _vehicle(number: int, **changes: object) -> dict[str, Any]:
    told = {"item_id": f"V{number}", "plate": f"P{number}", "occupants": number % 5}
    return SOON | told | changes


def _decisions(desk: Desk) -> list[Any]:
    with desk.runtime.store.read() as connection:
        query = select(DECISIONS, PLANNED.c.minutes).join(
            PLANNED, PLANNED.c.decision_id == DECISIONS.c.decision_id
        )
        return list(connection.execute(query.order_by(DECISIONS.c.decided_at)))


def test_a_shift_is_spent_on_time_and_never_beyond_one_exam(desk: Desk) -> None:
    _open(desk)
    headers = desk.headers("feed")
    replies = []
    for number in range(60):
        replies.append(_decide(desk, headers, _vehicle(number)))
        desk.clock.forward(minutes=8)
    rows = _decisions(desk)
    assert len(rows) == 60
    assert sum(each["minutes"] or 0.0 for each in replies) < 150.0 + 15.0
    assert sum(row.chosen for row in rows) == sum(each["inspect"] for each in replies) > 0
    assert all(0 < row.propensity <= 1 for row in rows if row.reason != "no_capacity")
    shown = desk.client.get("/v1/shifts/lane", headers=desk.headers()).json()
    assert [each["item_id"] for each in shown["chosen"]] != []
    assert {each["arm"] for each in shown["chosen"]} == {None}
    used = sum(row.minutes for row in rows if row.chosen)
    assert shown["budget"][0]["used_minutes"] == used


def test_what_decided_is_not_told(desk: Desk) -> None:
    _open(desk, exploration_share=1.0)
    headers = desk.headers("feed")
    replies = [_decide(desk, headers, _vehicle(number)) for number in range(20)]
    assert any(each["inspect"] for each in replies)
    shape = {"item_id", "shift_id", "inspect", "method", "minutes", "degraded"}
    assert all(set(each) == shape for each in replies)
    assert {row.arm for row in _decisions(desk)} <= {None, "exploration"}


def test_the_same_item_again_gets_the_same_decision_and_uses_nothing_more(desk: Desk) -> None:
    _open(desk, minutes={"partial_search": 15.0}, expected_items=1.0)
    headers = desk.headers("feed")
    first = _decide(desk, headers, _vehicle(4))
    for _ in range(3):
        desk.clock.forward(minutes=1)
        assert _decide(desk, headers, _vehicle(4, lane="9")) == first
    assert len(_decisions(desk)) == 1
    with desk.runtime.store.read() as connection:
        (row,) = connection.execute(select(LANES)).all()
    assert row.state[0] == 1


def test_without_minutes_the_chance_is_nought_and_is_written_as_that(desk: Desk) -> None:
    _open(desk, minutes={"partial_search": 0.0})
    assert not _decide(desk, desk.headers("feed"), _vehicle(4))["inspect"]
    (row,) = _decisions(desk)
    assert (row.propensity, row.reason, row.arm) == (0.0, "no_capacity", None)


def test_where_no_shift_decides_nothing_is_stored(desk: Desk) -> None:
    _open(desk)
    headers = desk.headers("feed")
    for item in (_vehicle(1, mode="bus"), _vehicle(1, port="2402")):
        reply = desk.client.post("/v1/decide", json=item, headers=headers)
        assert reply.status_code == 409
        assert reply.json()["type"] == "urn:weir:problem:no-lane"
    desk.clock.forward(hours=8)
    assert desk.client.post("/v1/decide", json=_vehicle(1), headers=headers).status_code == 409
    with desk.runtime.store.read() as connection:
        n_items = connection.execute(select(func.count()).select_from(ITEMS)).scalar_one()
    assert n_items == 0


def test_a_revoked_key_is_refused_whether_there_is_a_lane_or_not(desk: Desk) -> None:
    _open(desk)
    headers = desk.headers("feed")
    _decide(desk, headers, _vehicle(1))
    with desk.runtime.store.write() as connection:
        revoke_key(connection, headers["Authorization"].split("_")[1], desk.clock())
    for item in (_vehicle(2), _vehicle(3, mode="bus")):
        assert desk.client.post("/v1/decide", json=item, headers=headers).status_code == 401
    assert len(_decisions(desk)) == 1


def test_a_decision_rests_on_the_score_that_is_stored_with_it(desk: Desk) -> None:
    _open(desk)
    _decide(desk, desk.headers("feed"), _vehicle(3))
    told = desk.client.get("/v1/items/V3", headers=desk.headers()).json()
    with desk.runtime.store.read() as connection:
        (seen,) = connection.execute(select(PLANNED)).all()
    assert seen.risk == told["score"]["risk"]
    (row,) = _decisions(desk)
    assert row.model_version == told["score"]["model_version"]
    assert not told["score"]["degraded"]


def test_rules_alone_decide_by_chance_and_say_that_they_are_degraded(desk: Desk) -> None:
    desk.runtime.champion.model = None
    _open(desk, exploration_share=0.5)
    headers = desk.headers("feed")
    replies = [_decide(desk, headers, _vehicle(number)) for number in range(10)]
    assert all(each["degraded"] for each in replies)
    assert {row.arm for row in _decisions(desk)} <= {None, "exploration"}


def test_a_later_plan_compounds_what_the_lane_decided(desk: Desk) -> None:
    _open(desk)
    headers = desk.headers("feed")
    late = {"departs_at": "2026-11-24T18:00:00Z"}
    for number in range(10):
        _decide(desk, headers, _vehicle(number, **late))
    chance = {row.item_id: row.propensity for row in _decisions(desk)}
    chosen = {row.item_id for row in _decisions(desk) if row.chosen}
    changes = {"way": "queue", "shift_id": "day", "expected_items": None}
    _open(desk, **changes)
    desk.clock.forward(minutes=1)
    reply = desk.client.post("/v1/shifts/day/plan", headers=desk.headers("supervisor"))
    assert reply.status_code == 200, reply.text
    latest = {row.item_id: row for row in _decisions(desk)}
    assert all(latest[item].propensity >= chance[item] for item in chance)
    assert not {each["item_id"] for each in reply.json()["chosen"]} & chosen
