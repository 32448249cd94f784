"""Figures of a period over HTTP: every arm apart, from what was logged, with what may be said."""

import secrets
from typing import Any

import pytest

from tests.declarations import VEHICLE
from tests.serving import OTHER_VERSION, VERSION, Desk, plain_model

SHIFT: dict[str, Any] = {
    "shift_id": "day",
    "port": "2304",
    "modes": ["pov"],
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T13:00:00Z",
    "minutes": {"partial_search": 300.0},
    "exploration_share": 0.5,
    "plan_every_minutes": 240.0,
}
SOON = VEHICLE | {"presented_at": "2026-11-24T09:00:00Z", "departs_at": "2026-11-24T12:00:00Z"}
DAY = {"from": "2026-11-24", "to": "2026-11-25"}


def _ask(desk: Desk, path: str = "/v1/performance", **params: str) -> dict[str, Any]:
    reply = desk.client.get(path, params=DAY | params, headers=desk.headers("analyst"))
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


def _find(desk: Desk, item_id: str, **changes: object) -> str:
    finding = {"item_id": item_id, "method": "partial_search", "minutes": 15.0, "outcome": "clear"}
    headers = desk.headers() | {"Idempotency-Key": secrets.token_hex(8)}
    reply = desk.client.post("/v1/inspections", json=finding | changes, headers=headers)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["inspection_id"])


def _worked(desk: Desk, n: int = 40) -> list[str]:
    """Let a port plan 20 of 40 vehicles and inspect them all; even ones carry something."""
    for number in range(n):
        changes = {"item_id": f"V{number}", "plate": f"P{number}", "occupants": number % 5}
        desk.score(SOON | changes)
    headers = desk.headers("supervisor")
    desk.client.post("/v1/shifts", json=SHIFT, headers=headers)
    planned = desk.client.post("/v1/shifts/day/plan", headers=headers).json()
    chosen = [each["item_id"] for each in planned["chosen"]]
    for item_id in chosen:
        carries = int(item_id[1:]) % 2 == 0
        _find(desk, item_id, outcome="find" if carries else "clear", n_firearms=int(carries))
    return chosen


def test_each_arm_is_told_apart_with_its_denominators(desk: Desk) -> None:
    chosen = _worked(desk)
    outside = min({f"V{n}" for n in range(40)} - set(chosen))
    _find(desk, outside)
    desk.clock.forward(hours=4)
    told = _ask(desk)
    arms = told["overall"]["arms"]
    assert told["n_left"] == told["overall"]["n_items"] == 40
    assert {arm: each["n_chosen"] for arm, each in arms.items()} == {
        "rule": 0,
        "risk": 10,
        "exploration": 10,
        "officer": 1,
    }
    assert sum(each["n_inspections"] for each in arms.values()) == 21
    rate = arms["risk"]["hit_rate"]
    assert rate["low"] < rate["value"] < rate["high"]
    assert told["overall"]["n_reachable"] == 40
    assert told["ports"]["2304"] == told["overall"]


def test_estimates_come_from_the_logged_propensities(desk: Desk) -> None:
    _worked(desk)
    desk.clock.forward(hours=4)
    told = _ask(desk)["overall"]
    n_finds = told["n_exploration_finds"]
    enough = n_finds >= 5
    assert told["n_exploration_exams"] == 10
    assert told["prevalence"]["enough"] == enough
    assert ("enough to estimate" in told["says"]) == enough
    assert told["prevalence"]["value"] == pytest.approx(
        (told["arms"]["risk"]["n_finds"] + 3 * n_finds) / 40, abs=0.1
    )
    assert told["prevalence_doubly_robust"]["model_based"]


def test_what_has_not_left_is_in_no_figure(desk: Desk) -> None:
    _worked(desk)
    told = _ask(desk)
    assert told["n_left"] == 0
    assert told["overall"]["n_items"] == 0
    assert told["burden"] == []
    assert "No decision" in told["overall"]["says"]


def test_few_finds_are_not_enough_and_say_what_it_would_take(desk: Desk) -> None:
    for number in range(30):
        desk.score(SOON | {"item_id": f"V{number}", "plate": f"P{number}"})
    headers = desk.headers("supervisor")
    desk.client.post("/v1/shifts", json=SHIFT | {"exploration_share": 1.0}, headers=headers)
    planned = desk.client.post("/v1/shifts/day/plan", headers=headers).json()
    for each in planned["chosen"]:
        _find(desk, each["item_id"])
    desk.clock.forward(hours=4)
    told = _ask(desk)["overall"]
    assert told["says"].startswith("Not enough: 0 finds in 20 exams by chance")
    assert told["prevalence"]["low"] is None
    assert 0 < told["prevalence"]["high"] < 0.5
    assert told["n_exams_needed"] > 20


def test_a_corrected_finding_counts_as_corrected(desk: Desk) -> None:
    chosen = _worked(desk)
    first = _find(desk, chosen[0], outcome="find", n_firearms=1)
    desk.clock.forward(hours=4)
    before = _ask(desk)["late_evidence"]["n_events_found_here"]
    _find(desk, chosen[0], supersedes=first)
    carried = int(chosen[0][1:]) % 2 == 0
    assert _ask(desk)["late_evidence"]["n_events_found_here"] == before - (not carried)


def test_reports_of_one_event_count_once(desk: Desk) -> None:
    chosen = _worked(desk)
    found = next(each for each in chosen if int(each[1:]) % 2 == 0)
    missed = min({f"V{n}" for n in range(40)} - set(chosen))
    desk.clock.forward(hours=4)
    n_found = _ask(desk)["late_evidence"]["n_events"]
    for agency, item_id in (("HSI", found), ("SEDENA", missed), ("FGR", missed)):
        outcome = {
            "outcome_id": f"{agency}-{item_id}",
            "kind": "seizure_abroad",
            "item_id": item_id,
            "happened_at": "2026-11-24T12:30:00Z",
        }
        reply = desk.client.post(
            "/v1/outcomes",
            json={"outcomes": [outcome]},
            headers=desk.headers_of("analyst", agency),
        )
        assert reply.status_code == 201, reply.text
    late = _ask(desk)["late_evidence"]
    assert late == {
        "n_events": n_found + 1,
        "n_events_found_here": n_found,
        "n_events_elsewhere": 1,
    }


def test_the_burden_says_how_often_lawful_items_are_opened(desk: Desk) -> None:
    chosen = _worked(desk)
    desk.clock.forward(hours=4)
    rows = {(row["by"], row["group"]): row for row in _ask(desk)["burden"]}
    row = rows["body", "suv"]
    n_finds = sum(int(each[1:]) % 2 == 0 for each in chosen)
    assert (row["n_items"], row["n_inspected"], row["n_finds"]) == (40, 20, n_finds)
    assert row["lawful_opened_rate"] == pytest.approx((20 - n_finds) / (40 - n_finds))
    assert row["inspection_interval"][0] < 0.5 < row["inspection_interval"][1]
    assert ("shipper_size", "none") in rows


def test_days_are_those_of_the_port(desk: Desk) -> None:
    desk.score(SOON | {"item_id": "V1", "departs_at": "2026-11-25T05:30:00Z"})
    desk.clock.forward(hours=48)
    assert _ask(desk, port="2304")["n_left"] == 1
    assert _ask(desk, **{"from": "2026-11-25", "to": "2026-11-26"})["n_left"] == 0


def test_another_capacity_is_judged_on_the_same_history(desk: Desk) -> None:
    _worked(desk)
    desk.clock.forward(hours=4)
    path = "/v1/performance/what-if"
    half, same, none = (_ask(desk, path, capacity_share=each) for each in ("0.5", "1", "0"))
    assert (half["n_exams"], same["n_exams"], none["n_exams"]) == (10.0, 20.0, 0.0)
    assert half["finds"]["value"] <= same["finds"]["value"]
    assert same["n_known_exams"] >= 10
    assert none["finds"]["value"] == 0
    assert same["n_without_overlap"] == 0


def test_another_bundle_is_judged_by_what_it_said_in_shadow(desk: Desk) -> None:
    desk.runtime.challenger.model = plain_model(OTHER_VERSION)
    _worked(desk)
    desk.clock.forward(hours=4)
    path = "/v1/performance/what-if"
    other, used = _ask(desk, path, bundle=OTHER_VERSION), _ask(desk, path)
    assert other["bundle"] == OTHER_VERSION
    assert other["n_without_score"] == 0
    # it is the same arithmetic, and so the same choice
    assert other["finds"] == used["finds"]
    params = DAY | {"bundle": VERSION}
    refused = desk.client.get(path, params=params, headers=desk.headers("analyst"))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "bundle"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"to": "2026-11-24"}, "to"),
        ({"to": "2028-11-24"}, "to"),
        ({"from": "yesterday"}, "from"),
        ({"from": "0001-01-01"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"counting": "guessed"}, "counting"),
        ({"port": "9999"}, "port"),
    ],
)
def test_a_period_that_is_none_is_refused_by_the_name_of_the_field(
    desk: Desk, params: dict[str, str], field: str
) -> None:
    headers = desk.headers("analyst")
    reply = desk.client.get("/v1/performance", params=DAY | params, headers=headers)
    assert reply.status_code == 422, reply.text
    assert reply.json()["errors"][0]["field"] == field


def test_only_the_ports_of_the_key_are_counted(desk: Desk) -> None:
    _worked(desk, 4)
    desk.clock.forward(hours=4)
    headers = desk.headers("analyst", "5201")
    told = desk.client.get("/v1/performance", params=DAY, headers=headers).json()
    assert told["n_left"] == 0
