"""Rules from draft to figures, on both engines."""

import secrets
from collections.abc import Mapping
from typing import Any

import pytest
from httpx2 import Response

from service.ruling import RuleKeeper
from service.store.rules import rules_in_force
from tests.declarations import SHIPMENT, VEHICLE
from tests.serving import Desk, MakeDesk, Shelf

DRAFT: dict[str, Any] = {
    "rule_id": "solo",
    "text": "a lone driver",
    "action": "raise",
    "predicate": "kind = 'vehicle' AND occupants = 1",
}
EARLIER = VEHICLE | {"presented_at": "2026-11-24T08:00:00Z"}
"""Presented before it is posted, so that it counts from when it came."""

Headers = dict[str, str]


def post(desk: Desk, path: str, body: Mapping[str, Any], headers: Headers) -> Response:
    named = {"Idempotency-Key": secrets.token_hex(8)} | headers
    reply: Response = desk.client.post(f"/v1/{path}", json=body, headers=named)
    return reply


def made(desk: Desk, path: str, body: Mapping[str, Any], headers: Headers) -> dict[str, Any]:
    reply = post(desk, path, body, headers)
    assert reply.status_code in {200, 201}, reply.text
    told: dict[str, Any] = reply.json()
    return told


def in_force(desk: Desk, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    """Draft a rule and have somebody else release it."""
    drafted = made(desk, "rules", DRAFT | changes, desk.headers("analyst"))
    path = f"rules/{drafted['rule_id']}/release"
    released = made(desk, path, {"version": drafted["version"]}, desk.headers("supervisor"))
    desk.runtime.rules.refresh()
    return released


def performance(desk: Desk, rule_id: str = "solo", query: str = "") -> list[dict[str, Any]]:
    reply = desk.client.get(
        f"/v1/rules/{rule_id}/performance{query}", headers=desk.headers("analyst")
    )
    assert reply.status_code == 200, reply.text
    versions: list[dict[str, Any]] = reply.json()["versions"]
    return versions


def acts(desk: Desk) -> list[str]:
    reply = desk.client.get("/v1/audit?limit=500", headers=desk.headers("auditor"))
    return [row["act"] for row in reply.json()["rows"]]


def test_a_draft_does_nothing_until_somebody_else_releases_it(desk: Desk) -> None:
    author = desk.headers("analyst")
    drafted = made(desk, "rules", DRAFT, author)
    assert (drafted["status"], drafted["version"], drafted["ports"]) == ("draft", 1, None)
    desk.runtime.rules.refresh()
    assert desk.score(VEHICLE)["rule_hits"] == []
    own = post(desk, "rules/solo/release", {"version": 1}, author)
    assert (own.status_code, own.json()["type"]) == (403, "urn:weir:problem:own-rule")
    other = desk.headers("analyst")
    released = made(desk, "rules/solo/release", {"version": 1}, other)
    assert released["status"] == "released"
    assert released["released_by"] != released["owner"]
    desk.runtime.rules.refresh()
    (hit,) = desk.score(VEHICLE | {"item_id": "V2"})["rule_hits"]
    assert (hit["code"], hit["text"], hit["action"]) == ("solo", "a lone driver", "raise")
    assert hit["citation"] == "rule solo version 1 of CBP"
    assert made(desk, "rules/solo/release", {"version": 1}, other) == released
    assert [act for act in acts(desk) if act.startswith("rule.")] == [
        "rule.drafted",
        "rule.released",
    ]


def test_a_released_rule_reaches_every_worker_by_itself(make_desk: MakeDesk) -> None:
    desk = make_desk(champion_poll_seconds=0.05)
    drafted = made(desk, "rules", DRAFT, desk.headers("analyst"))
    made(desk, "rules/solo/release", {"version": drafted["version"]}, desk.headers("supervisor"))
    other = RuleKeeper(desk.runtime.store, desk.clock)
    other.refresh()
    assert other.book.n_rules == 1
    for _ in range(200):
        if desk.runtime.rules.book.n_rules:
            break
        desk.runtime.rules._stop.wait(0.05)  # noqa: SLF001 - the keeper's own pause
    assert desk.runtime.rules.book.n_rules == 1


def test_a_must_inspect_rule_leads_the_queue_and_a_release_ends_it(desk: Desk) -> None:
    in_force(desk, rule_id="two", predicate="occupants = 2", action="must_inspect")
    in_force(desk, rule_id="three", predicate="occupants = 3", action="release")
    for occupants in (3, 5, 2):
        desk.score(VEHICLE | {"item_id": f"V{occupants}", "occupants": occupants})
    queue = desk.client.get("/v1/queue", headers=desk.headers()).json()["items"]
    assert [each["item_id"] for each in queue] == ["V2", "V5", "V3"]
    assert [each["must_inspect"] for each in queue] == [True, False, False]
    assert queue[0]["band"] == "very_high"


def test_a_new_version_takes_the_place_of_the_old_one_and_retiring_ends_both(desk: Desk) -> None:
    in_force(desk)
    in_force(desk, predicate="occupants = 4")
    with desk.runtime.store.read() as connection:
        assert [(each.rule_id, each.version) for each in rules_in_force(connection)] == [
            ("solo", 2)
        ]
    assert desk.score(VEHICLE)["rule_hits"] == []
    assert desk.score(VEHICLE | {"item_id": "V4", "occupants": 4})["rule_hits"]
    reply = desk.client.get("/v1/rules/solo", headers=desk.headers()).json()
    statuses = [(each["version"], each["status"]) for each in reply["versions"]]
    assert statuses == [(2, "released"), (1, "retired")]
    boss = desk.headers("supervisor")
    assert made(desk, "rules/solo/retire", {"version": 2}, boss)["status"] == "retired"
    desk.runtime.rules.refresh()
    assert desk.score(VEHICLE | {"item_id": "V5", "occupants": 4})["rule_hits"] == []
    again = post(desk, "rules/solo/release", {"version": 2}, boss)
    assert (again.status_code, again.json()["type"]) == (409, "urn:weir:problem:rule-moved")


def test_only_the_version_that_was_read_is_released(desk: Desk) -> None:
    author, boss = desk.headers("analyst"), desk.headers("supervisor")
    made(desk, "rules", DRAFT, author)
    made(desk, "rules", DRAFT | {"predicate": "TRUE"}, author)
    moved = post(desk, "rules/solo/release", {"version": 1}, boss)
    assert (moved.status_code, moved.json()["errors"][0]["field"]) == (409, "version")
    assert post(desk, "rules/solo/release", {"version": 3}, boss).status_code == 404
    assert post(desk, "rules/none/release", {"version": 1}, boss).status_code == 404


def test_a_bad_predicate_is_refused_with_its_place(desk: Desk) -> None:
    reply = post(desk, "rules", DRAFT | {"predicate": "occupant > 1"}, desk.headers("analyst"))
    assert reply.status_code == 422
    (error,) = reply.json()["errors"]
    assert error["field"] == "predicate"
    assert error["detail"].split("\n")[1:] == ["occupant > 1", "^"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"expires_at": "2026-11-24T08:00:00Z"}, "expires_at"), ({"ports": []}, "ports")],
)
def test_a_draft_that_cannot_work_is_refused(
    desk: Desk, changes: dict[str, object], field: str
) -> None:
    reply = post(desk, "rules", DRAFT | changes, desk.headers("analyst"))
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, field)


def test_a_draft_sent_twice_is_one_version_and_the_same_reply(desk: Desk) -> None:
    author = desk.headers("analyst") | {"Idempotency-Key": "draft-0001"}
    first = post(desk, "rules", DRAFT, author)
    assert post(desk, "rules", DRAFT, author).json() == first.json()
    changed = post(desk, "rules", DRAFT | {"text": "other"}, author)
    assert (changed.status_code, changed.json()["type"]) == (409, "urn:weir:problem:key-reused")
    listed = desk.client.get("/v1/rules", headers=desk.headers()).json()
    assert [(each["rule_id"], each["version"]) for each in listed["rules"]] == [("solo", 1)]
    assert listed["cursor"] is None


def test_a_rule_is_drafted_released_and_seen_within_reach_only(desk: Desk) -> None:
    made(desk, "rules", DRAFT | {"ports": ["2304", "5201"]}, desk.headers("analyst"))
    here = desk.headers("supervisor", "2304")
    assert desk.client.get("/v1/rules/solo", headers=here).status_code == 200
    assert post(desk, "rules/solo/release", {"version": 1}, here).status_code == 403
    there = desk.headers("analyst", "2402")
    assert desk.client.get("/v1/rules/solo", headers=there).status_code == 404
    assert desk.client.get("/v1/rules", headers=there).json()["rules"] == []
    assert post(desk, "rules", DRAFT | {"rule_id": "every"}, there).status_code == 403
    taken = post(desk, "rules", DRAFT | {"ports": ["2402"]}, there)
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:weir:problem:rule-taken")


def test_figures_count_items_once_and_inspections_that_stand(desk: Desk) -> None:
    in_force(desk)
    for number in range(4):
        desk.score(VEHICLE | {"item_id": f"V{number}", "plate": f"P{number}"})
    desk.score(VEHICLE | {"item_id": "V0", "plate": "P0", "lane": "4"})
    desk.score(VEHICLE | {"item_id": "V9", "occupants": 2})
    officer = desk.headers()
    finding = {"method": "full_search", "minutes": 70.0, "outcome": "clear"}
    for number in range(3):
        wrong = made(desk, "inspections", finding | {"item_id": f"V{number}"}, officer)
        if number == 0:
            right = {"item_id": "V0", "outcome": "find", "n_firearms": 1}
            right["supersedes"] = wrong["inspection_id"]
            made(desk, "inspections", finding | right, officer)
    made(desk, "inspections", finding | {"item_id": "V9"}, officer)
    (told,) = performance(desk)
    assert (told["n_hits"], told["n_in_force"]) == (4, 4)
    assert (told["n_inspected"], told["n_finds"]) == (3, 1)
    assert told["hit_rate"] == pytest.approx(1 / 3)
    assert (told["hit_rate_low"], told["hit_rate_high"]) == pytest.approx(
        (0.0084, 0.9057), abs=1e-4
    )
    (elsewhere,) = performance(desk, query="?port=5201")
    assert (elsewhere["n_hits"], elsewhere["hit_rate"]) == (0, None)


def test_late_reports_of_one_event_count_once_and_a_find_of_ours_not_again(desk: Desk) -> None:
    in_force(desk)
    for number in range(2):
        desk.score(VEHICLE | {"item_id": f"V{number}", "plate": f"P{number}"})
    found = {"method": "full_search", "minutes": 70.0, "outcome": "find", "n_firearms": 1}
    made(desk, "inspections", found | {"item_id": "V1"}, desk.headers())
    for place, (item_id, agency) in enumerate([("V0", "ATF"), ("V0", "HSI"), ("V1", "ATF")]):
        outcome = {
            "outcome_id": f"O{place}",
            "kind": "seizure_abroad",
            "item_id": item_id,
            "happened_at": "2026-11-24T08:30:00Z",
        }
        made(desk, "outcomes", {"outcomes": [outcome]}, desk.headers_of("supervisor", agency))
    (told,) = performance(desk)
    assert (told["n_hits"], told["n_finds"], told["n_late_events"]) == (2, 1, 1)


def test_an_answer_by_the_rules_alone_keeps_its_hits_when_a_model_answers(
    make_desk: MakeDesk,
) -> None:
    desk = make_desk(Shelf())
    in_force(desk)
    assert desk.score(VEHICLE)["degraded"]
    desk.score(VEHICLE)
    (told,) = performance(desk)
    assert told["n_hits"] == 1


def test_a_preview_tells_what_a_rule_would_have_hit(desk: Desk) -> None:
    for number in range(3):
        desk.score(EARLIER | {"item_id": f"V{number}", "occupants": number})
        desk.clock.forward(seconds=1)
    desk.score(SHIPMENT)
    found = {"method": "full_search", "minutes": 70.0, "outcome": "find", "n_firearms": 1}
    made(desk, "inspections", found | {"item_id": "V2"}, desk.headers())
    predicate = "kind = 'vehicle' AND plate_n_items_90d >= 1"
    analyst = desk.headers("analyst")
    told = made(desk, "rules/preview", {"predicate": predicate}, analyst)
    assert (told["n_items"], told["n_hits"], told["complete"]) == (4, 2, True)
    assert sorted(told["sample"]) == ["V1", "V2"]
    assert (told["n_inspected"], told["n_finds"], told["n_items_found"]) == (1, 1, 1)
    assert told["by_port"] == [
        {"port": "2304", "n_items": 3, "n_hits": 2},
        {"port": "5201", "n_items": 1, "n_hits": 0},
    ]
    assert told["by_mode"][0] == {"mode": "ocean", "n_items": 1, "n_hits": 0}
    assert told["by_week"] == [{"week": "2026-11-23", "n_items": 4, "n_hits": 2}]
    lines = {"predicate": "any_line(description LIKE '%television%' AND value_usd < 500)"}
    assert made(desk, "rules/preview", lines, analyst)["sample"] == ["S1"]
    assert "rule.previewed" in acts(desk)


def test_a_preview_hits_what_the_live_rule_hits(desk: Desk) -> None:
    predicate = "plate_n_items_90d >= 2 OR n_lines = 1 AND filing_itn IS NULL"
    in_force(desk, predicate=predicate)
    hit = set()
    for number in range(5):
        item = EARLIER | {"item_id": f"V{number}"} if number != 1 else SHIPMENT
        if desk.score(item)["rule_hits"]:
            hit.add(str(item["item_id"]))
        desk.clock.forward(seconds=1)
    told = made(desk, "rules/preview", {"predicate": predicate}, desk.headers("analyst"))
    assert set(told["sample"]) == hit == {"S1", "V3", "V4"}
