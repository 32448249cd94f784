"""Shifts: what they choose from, what they may spend, and what they keep to themselves."""

import secrets
from typing import Any

import pytest
from sqlalchemy import select

from service.store.finding_tables import DECISIONS
from service.store.shift_tables import PLANNED
from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import Desk

SHIFT: dict[str, Any] = {
    "shift_id": "day",
    "port": "2304",
    "modes": ["pov", "bus"],
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T13:00:00Z",
    "minutes": {"partial_search": 240.0},
    "exploration_share": 0.25,
    "floor": 0.0,
    "plan_every_minutes": 60.0,
}
SOON = VEHICLE | {"presented_at": "2026-11-24T09:00:00Z", "departs_at": "2026-11-24T18:00:00Z"}


def _open(desk: Desk, **changes: object) -> dict[str, Any]:
    headers = desk.headers("supervisor")
    reply = desk.client.post("/v1/shifts", json=SHIFT | changes, headers=headers)
    assert reply.status_code == 201, reply.text
    told: dict[str, Any] = reply.json()
    return told


def _plan(desk: Desk, shift_id: str = "day") -> dict[str, Any]:
    headers = desk.headers("supervisor")
    reply = desk.client.post(f"/v1/shifts/{shift_id}/plan", headers=headers)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def _post(desk: Desk, n: int, *, first: int = 0) -> None:
    for number in range(first, first + n):
        desk.score(SOON | {"item_id": f"V{number}", "plate": f"P{number}", "occupants": number % 5})


def _find(desk: Desk, item_id: str, **changes: object) -> None:
    finding = {"item_id": item_id, "method": "partial_search", "minutes": 15.0, "outcome": "clear"}
    headers = desk.headers() | {"Idempotency-Key": secrets.token_hex(8)}
    reply = desk.client.post("/v1/inspections", json=finding | changes, headers=headers)
    assert reply.status_code == 201, reply.text


def _decisions(desk: Desk) -> list[Any]:
    with desk.runtime.store.read() as connection:
        query = select(DECISIONS, PLANNED.c.settled, PLANNED.c.risk).outerjoin(
            PLANNED, PLANNED.c.decision_id == DECISIONS.c.decision_id
        )
        return list(connection.execute(query.order_by(DECISIONS.c.decided_at, DECISIONS.c.item_id)))


def test_a_shift_tells_its_local_day_and_hours(desk: Desk) -> None:
    told = _open(desk, starts_at="2026-11-25T02:00:00Z", ends_at="2026-11-25T07:00:00Z")
    assert told["time_zone"] == "America/Chicago"
    assert told["local_day"] == "2026-11-24"
    assert told["starts_local"] == "2026-11-24T20:00:00-06:00"
    headers = desk.headers()
    for day, n in (("2026-11-23", 0), ("2026-11-24", 1), ("2026-11-25", 1), ("2026-11-26", 0)):
        params = {"port": "2304", "day": day}
        listed = desk.client.get("/v1/shifts", params=params, headers=headers).json()["shifts"]
        assert len(listed) == n, day


def test_a_shift_that_is_opened_again_stays_and_another_one_is_refused(desk: Desk) -> None:
    assert _open(desk) == _open(desk)
    headers = desk.headers("supervisor")
    other = SHIFT | {"floor": 2.0}
    reply = desk.client.post("/v1/shifts", json=other, headers=headers)
    assert reply.status_code == 409
    assert reply.json()["errors"][0]["field"] == "shift_id"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"shift_id": "none"}, "shift_id"),
        ({"ends_at": "2026-11-24T09:00:00Z"}, "ends_at"),
        ({"ends_at": "2026-11-25T09:00:01Z"}, "ends_at"),
        ({"starts_at": "2026-11-24T07:00:00Z", "ends_at": "2026-11-24T08:00:00Z"}, "ends_at"),
        ({"minutes": {"magic": 10.0}}, "minutes.magic"),
        ({"minutes": {"parcel_xray": 10.0}}, "modes[0]"),
        ({"minutes": {"partial_search": -1.0}}, "minutes.partial_search"),
        ({"modes": ["rocket"]}, "modes[0]"),
        ({"way": "lane"}, "expected_items"),
        ({"uniform_share": 0.4}, "uniform_share"),
        ({"port": "9999"}, "port"),
    ],
)
def test_a_bad_shift_is_refused_by_the_name_of_the_field(
    desk: Desk, changes: dict[str, object], field: str
) -> None:
    headers = desk.headers("supervisor")
    reply = desk.client.post("/v1/shifts", json=SHIFT | changes, headers=headers)
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["field"] == field


def test_two_shifts_never_decide_in_one_lane_at_once(desk: Desk) -> None:
    lane = {"way": "lane", "expected_items": 100.0}
    _open(desk, shift_id="a", modes=["pov"], **lane)
    _open(desk, shift_id="b", modes=["bus"], **lane)
    later = {"starts_at": "2026-11-24T13:00:00Z", "ends_at": "2026-11-24T15:00:00Z"}
    _open(desk, shift_id="c", modes=["pov"], **lane, **later)
    body = SHIFT | lane | {"shift_id": "d", "ends_at": "2026-11-24T09:30:00Z"}
    reply = desk.client.post("/v1/shifts", json=body, headers=desk.headers("supervisor"))
    assert reply.status_code == 409
    assert reply.json()["errors"][0]["field"] == "modes"
    planned = desk.client.post("/v1/shifts/a/plan", headers=desk.headers("supervisor"))
    assert planned.status_code == 422


def test_a_plan_writes_a_propensity_for_every_candidate_chosen_or_not(desk: Desk) -> None:
    _post(desk, 12)
    _open(desk)
    told = _plan(desk)
    rows = _decisions(desk)
    assert [row.item_id for row in rows] == sorted(f"V{number}" for number in range(12))
    assert {row.item_id for row in rows if row.chosen} == {
        each["item_id"] for each in told["chosen"]
    }
    assert all(row.propensity > 0 for row in rows)
    by_risk = {row.item_id for row in rows if row.arm == "risk"}
    assert by_risk == {"V4", "V9", "V3"}
    assert all(row.propensity == 1.0 for row in rows if row.arm == "risk")
    drawn = [row for row in rows if row.arm in {None, "exploration"}]
    assert sum(row.propensity for row in drawn) == pytest.approx(1.0)
    assert {row.model_version for row in rows} == {desk.runtime.champion.model.version}  # type: ignore[union-attr]


def test_the_budget_says_what_is_used_and_left(desk: Desk) -> None:
    _post(desk, 12)
    (budget,) = _open(desk)["budget"]
    assert budget["left_minutes"] == 240.0
    (budget,) = _plan(desk)["budget"]
    assert (budget["used_minutes"], budget["left_minutes"]) == (60.0, 180.0)


def test_a_second_plan_at_once_spends_nothing_more_and_takes_nothing_back(desk: Desk) -> None:
    _post(desk, 12)
    _open(desk)
    first, second = _plan(desk), _plan(desk)
    assert second["n_plans"] == 2
    assert second["chosen"] == first["chosen"]


def test_plans_go_on_with_the_clock_and_propensities_compound(desk: Desk) -> None:
    _post(desk, 12)
    _open(desk)
    _plan(desk)
    before = {row.item_id: row.propensity for row in _decisions(desk)}
    desk.clock.forward(minutes=60)
    _post(desk, 3, first=12)
    told = _plan(desk)
    assert told["budget"][0]["used_minutes"] == 120.0
    latest = {row.item_id: row for row in _decisions(desk)}
    assert set(latest) == {f"V{number}" for number in range(15)}
    assert all(latest[item].propensity >= chance - 1e-12 for item, chance in before.items())
    settled = {row.item_id for row in _decisions(desk)[12:] if row.settled}
    assert len(settled) == 4


def test_what_chance_chose_looks_like_all_else_until_its_finding_is_in(desk: Desk) -> None:
    _post(desk, 12)
    _open(desk)
    told = _plan(desk)
    assert len(told["chosen"]) == 4
    assert {each["arm"] for each in told["chosen"]} == {None}
    arms = {row.item_id: row.arm for row in _decisions(desk) if row.chosen}
    for role in ("inspector", "supervisor", "analyst", "auditor"):
        for path in ("/v1/shifts/day", "/v1/queue", "/v1/items/V4", "/v1/shifts"):
            text = desk.client.get(path, headers=desk.headers(role)).text
            assert "exploration" not in text.replace("exploration_share", "")
            assert "propensity" not in text
    for item_id in arms:
        _find(desk, item_id)
    shown = desk.client.get("/v1/shifts/day", headers=desk.headers()).json()
    assert {each["item_id"]: each["arm"] for each in shown["chosen"]} == arms
    assert set(arms.values()) == {"risk", "exploration"}


def test_what_is_chosen_is_listed_by_departure_and_not_by_risk(desk: Desk) -> None:
    for n, hour in enumerate((17, 15, 16)):
        changes = {"item_id": f"V{n}", "occupants": 5 - n, "plate": f"P{n}"}
        desk.score(SOON | changes | {"departs_at": f"2026-11-24T{hour}:00:00Z"})
    _open(desk)
    assert [each["item_id"] for each in _plan(desk)["chosen"]] == ["V1", "V2", "V0"]


def test_an_officers_pick_stays_a_candidate_and_keeps_the_plans_chance(desk: Desk) -> None:
    _post(desk, 12)
    _open(desk)
    told = _plan(desk)
    chosen = {each["item_id"] for each in told["chosen"]}
    chance = {row.item_id: row.propensity for row in _decisions(desk)}
    picked = min(set(chance) - chosen)
    desk.clock.forward(minutes=1)
    _find(desk, picked, outcome="find", n_firearms=1)
    (officers,) = [row for row in _decisions(desk) if row.arm == "officer"]
    assert (officers.item_id, officers.propensity) == (picked, chance[picked])
    desk.clock.forward(minutes=60)
    _plan(desk)
    last = [row for row in _decisions(desk) if row.item_id == picked][-1]
    assert last.settled
    assert last.propensity > chance[picked]


def test_a_settled_item_keeps_the_risk_that_it_was_chosen_with(desk: Desk) -> None:
    _post(desk, 12)
    _open(desk)
    _plan(desk)
    desk.clock.forward(minutes=60)
    desk.score(SOON | {"item_id": "V4", "plate": "P4", "occupants": 0})
    desk.score(SOON | {"item_id": "V5", "plate": "P5", "occupants": 3})
    _plan(desk)
    risks = {row.item_id: row.risk for row in _decisions(desk)[:12]}
    later = {row.item_id: row for row in _decisions(desk)[12:]}
    assert later["V4"].risk == risks["V4"]
    assert later["V5"].settled or later["V5"].risk > risks["V5"]


def test_must_inspect_comes_first_and_a_cluster_takes_one_place(desk: Desk) -> None:
    goods = SHIPMENT | {"presented_at": "2026-11-24T08:00:00Z", "content": "merchandise"}
    firearm = LINE | {"schedule_b": "9302", "description": "pistol", "value_usd": 400.0}
    desk.score(goods | {"item_id": "S0", "lines": [firearm]})
    for n in range(1, 7):
        desk.score(
            goods
            | {"item_id": f"S{n}", "shipper": f"s{n}", "consignee": f"c{n}"}
            | {"consignee_address": "12 Hill Road"}
        )
        desk.clock.forward(minutes=1)
    changes = {"port": "5201", "modes": ["ocean"], "minutes": {"nii_container": 25.0}}
    _open(desk, plan_every_minutes=60.0, **changes)
    _plan(desk)
    arms = {row.item_id: row.arm for row in _decisions(desk)}
    assert arms["S0"] == "rule"
    clustered = [item for item in ("S3", "S4", "S5", "S6") if arms[item] == "risk"]
    assert len(clustered) <= 1


def test_items_that_left_or_belong_elsewhere_are_no_candidates(desk: Desk) -> None:
    _post(desk, 2)
    desk.score(SOON | {"item_id": "G", "departs_at": "2026-11-24T09:10:00Z"})
    desk.score(SOON | {"item_id": "O", "port": "2402"})
    desk.score(SOON | {"item_id": "T", "presented_at": "2026-11-24T14:00:00Z"})
    _open(desk)
    desk.clock.forward(minutes=10)
    _plan(desk)
    assert {row.item_id for row in _decisions(desk)} == {"V0", "V1"}


def test_rules_alone_still_plan_by_rule_and_by_chance(desk: Desk) -> None:
    desk.runtime.champion.model = None
    _post(desk, 12)
    _open(desk)
    _plan(desk)
    rows = _decisions(desk)
    assert {row.arm for row in rows} == {None, "exploration"}
    assert sum(row.propensity for row in rows) == pytest.approx(4.0)


def test_a_shift_that_has_ended_is_planned_no_more(desk: Desk) -> None:
    _open(desk)
    desk.clock.forward(hours=4)
    reply = desk.client.post("/v1/shifts/day/plan", headers=desk.headers("supervisor"))
    assert reply.status_code == 409
    assert reply.json()["type"] == "urn:weir:problem:shift-over"


def test_a_shift_of_a_foreign_port_is_not_there(desk: Desk) -> None:
    _open(desk)
    headers = desk.headers("supervisor", "5201")
    assert desk.client.get("/v1/shifts/day", headers=headers).status_code == 404
    assert desk.client.post("/v1/shifts/day/plan", headers=headers).status_code == 404
    assert desk.client.get("/v1/shifts", headers=headers).json() == {"shifts": []}


def test_opening_and_planning_are_acts(desk: Desk) -> None:
    _post(desk, 3)
    _open(desk)
    _plan(desk)
    headers = desk.headers("auditor")
    rows = desk.client.get("/v1/audit", params={"subject": "day"}, headers=headers).json()["rows"]
    assert [row["act"] for row in rows] == ["shift.opened", "shift.planned"]
    assert rows[1]["payload"]["n_candidates"] == 3


def test_a_day_beyond_all_records_is_refused(desk: Desk) -> None:
    for day in ("0001-01-01", "9999-12-31", "soon"):
        params = {"port": "2304", "day": day}
        reply = desk.client.get("/v1/shifts", params=params, headers=desk.headers())
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["field"] == "day"


def test_a_shift_that_is_sent_again_after_its_end_is_answered_as_before(desk: Desk) -> None:
    told = _open(desk)
    desk.clock.forward(hours=9)
    assert _open(desk) == told


def test_a_day_needs_its_port(desk: Desk) -> None:
    reply = desk.client.get("/v1/shifts", params={"day": "2026-11-24"}, headers=desk.headers())
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "port"
