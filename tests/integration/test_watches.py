"""Lookouts and suppressions, on both engines."""

from typing import Any

import pytest

from tests.declarations import SHIPMENT, VEHICLE
from tests.integration.test_rules import acts, in_force, made, performance, post
from tests.serving import Desk

LOOKOUT: dict[str, Any] = {
    "entity_kind": "plate",
    "entity": "tx:abc-1234",
    "text": "seen at a sale",
    "expires_at": "2026-11-24T20:00:00Z",
}
SUPPRESSION: dict[str, Any] = {
    "entity_kind": "plate",
    "entity": "TX:ABC1234",
    "reason": "known lawful",
    "expires_at": "2026-11-24T20:00:00Z",
}


def test_a_lookout_demands_an_inspection_until_it_ends(desk: Desk) -> None:
    told = made(desk, "lookouts", LOOKOUT, desk.headers_of("analyst", "ATF"))
    assert (told["agency"], told["action"], told["ended_at"]) == ("ATF", "must_inspect", None)
    desk.runtime.rules.refresh()
    answer = desk.score(VEHICLE)
    (hit,) = answer["rule_hits"]
    assert (hit["code"], hit["text"], answer["band"]) == ("lookout", "seen at a sale", "very_high")
    assert hit["citation"] == f"lookout {told['lookout_id']} of ATF"
    assert desk.score(VEHICLE | {"item_id": "V2", "plate": "OTHER"})["rule_hits"] == []
    desk.clock.forward(hours=12)
    assert desk.score(VEHICLE | {"item_id": "V3"})["rule_hits"] == []


def test_a_lookout_is_ended_and_listed_by_its_agency_alone(desk: Desk) -> None:
    theirs = desk.headers_of("supervisor", "ATF")
    told = made(desk, "lookouts", LOOKOUT, theirs)
    path = f"/v1/lookouts/{told['lookout_id']}"
    ours = desk.headers("supervisor")
    refused = desk.client.delete(path, headers=ours)
    assert (refused.status_code, refused.json()["type"]) == (404, "urn:weir:problem:unknown-watch")
    assert desk.client.get("/v1/lookouts", headers=ours).json()["lookouts"] == []
    listed = desk.client.get("/v1/lookouts", headers=theirs).json()
    assert (listed["lookouts"], listed["complete"]) == ([told], True)
    ended = desk.client.delete(path, headers=theirs).json()
    assert ended["ended_at"] is not None
    assert desk.client.delete(path, headers=theirs).json() == ended
    assert desk.client.get("/v1/lookouts", headers=theirs).json()["lookouts"] == []
    desk.runtime.rules.refresh()
    assert desk.score(VEHICLE)["rule_hits"] == []
    told_acts = [act for act in acts(desk) if act.startswith("lookout.")]
    assert told_acts == ["lookout.made", "lookout.ended"]


def test_a_suppression_silences_a_rule_and_the_figures_say_so(desk: Desk) -> None:
    in_force(desk)
    made(desk, "suppressions", SUPPRESSION, desk.headers("analyst"))
    desk.runtime.rules.refresh()
    assert desk.score(VEHICLE)["rule_hits"] == []
    assert desk.score(VEHICLE | {"item_id": "V2", "plate": "B"})["rule_hits"]
    (told,) = performance(desk)
    assert (told["n_hits"], told["n_in_force"]) == (2, 1)


def test_the_law_is_not_silenced(desk: Desk) -> None:
    line = SHIPMENT["lines"][0] | {"schedule_b": "9302", "description": "pistol"}
    known = SUPPRESSION | {"entity_kind": "shipper", "entity": "s1"}
    made(desk, "suppressions", known, desk.headers("analyst"))
    desk.runtime.rules.refresh()
    codes = [hit["code"] for hit in desk.score(SHIPMENT | {"lines": [line]})["rule_hits"]]
    assert "firearm_unfiled" in codes


@pytest.mark.parametrize(
    ("path", "body", "days"), [("lookouts", LOOKOUT, 366), ("suppressions", SUPPRESSION, 90)]
)
def test_neither_lasts_for_ever(desk: Desk, path: str, body: dict[str, Any], days: int) -> None:
    headers = desk.headers("analyst")
    for moment in ("2026-11-24T09:00:00Z", "2028-01-01T00:00:00Z"):
        reply = post(desk, path, body | {"expires_at": moment}, headers)
        assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "expires_at")
        assert f"at most {days} days" in reply.json()["detail"]


@pytest.mark.parametrize(("path", "body"), [("lookouts", LOOKOUT), ("suppressions", SUPPRESSION)])
def test_what_is_sent_twice_is_made_once(desk: Desk, path: str, body: dict[str, Any]) -> None:
    headers = desk.headers("analyst") | {"Idempotency-Key": "watch-0001"}
    first = post(desk, path, body, headers)
    assert post(desk, path, body, headers).json() == first.json()
    assert len(desk.client.get(f"/v1/{path}", headers=headers).json()[path]) == 1
