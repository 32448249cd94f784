"""What `POST /v1/score` refuses, and what it answers."""

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from service.store.keys import revoke_key
from service.store.tables import ENTITY_ITEMS, IDENTIFIERS, ITEMS, SCORES
from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import OTHER_VERSION, VERSION, Desk, MakeDesk, Shelf, plain_model

FIELDS = {
    "item_id",
    "risk",
    "band",
    "priority",
    "reasons",
    "rule_hits",
    "model_version",
    "degraded",
    "missing",
}


def _n_rows(desk: Desk) -> int:
    with desk.runtime.store.read() as connection:
        tables = (ITEMS, SCORES, IDENTIFIERS, ENTITY_ITEMS)
        return sum(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        )


def _post(
    desk: Desk,
    body: str | bytes,
    *,
    path: str = "/v1/score",
    content_type: str = "application/json",
) -> tuple[int, dict[str, Any]]:
    reply = desk.client.post(
        path,
        content=body,
        headers=desk.headers("feed", "2304", "5201") | {"Content-Type": content_type},
    )
    assert reply.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = reply.json()
    assert problem["status"] == reply.status_code
    return reply.status_code, problem


def _fields(problem: dict[str, Any]) -> list[str]:
    return [error["field"] for error in problem["errors"]]


def test_without_a_key_nothing_is_answered(desk: Desk) -> None:
    reply = desk.client.post("/v1/score", json=VEHICLE)
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert reply.headers["content-type"] == "application/problem+json"
    assert _n_rows(desk) == 0


def test_an_item_for_a_foreign_port_is_refused_and_the_port_named(desk: Desk) -> None:
    reply = desk.client.post("/v1/score", json=VEHICLE, headers=desk.headers("feed", "5201"))
    assert reply.status_code == 403
    assert "2304" in reply.json()["detail"]
    assert _fields(reply.json()) == ["port"]
    assert _n_rows(desk) == 0


def test_a_batch_with_one_item_for_a_foreign_port_is_refused_as_a_whole(desk: Desk) -> None:
    reply = desk.client.post(
        "/v1/score/batch",
        json={"items": [VEHICLE, SHIPMENT]},
        headers=desk.headers("feed", "2304"),
    )
    assert reply.status_code == 403
    assert _fields(reply.json()) == ["items[1].port"]
    assert _n_rows(desk) == 0


BAD_ITEMS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": (VEHICLE | {"speed": 90}, "speed"),
    "a protected attribute": (VEHICLE | {"nationality": "MX"}, "nationality"),
    "a naive time": (VEHICLE | {"presented_at": "2026-11-24T10:00:00"}, "presented_at"),
    "an unknown port": (VEHICLE | {"port": "9999"}, "port"),
    "an unknown country": (VEHICLE | {"destination": "XX"}, "destination"),
    "a negative value": (
        SHIPMENT | {"lines": [LINE | {"value_usd": -1}]},
        "lines[0].value_usd",
    ),
    "a value with three decimals": (
        SHIPMENT | {"lines": [LINE, LINE | {"value_usd": 1.005}]},
        "lines[1].value_usd",
    ),
    "a missing field": ({k: v for k, v in VEHICLE.items() if k != "plate"}, "plate"),
    "an unknown kind": (VEHICLE | {"kind": "boat"}, "kind"),
    "no lines": (SHIPMENT | {"lines": []}, "lines"),
    "text for a number": (VEHICLE | {"occupants": "2"}, "occupants"),
    "a departure before the presentation": (
        SHIPMENT | {"departs_at": "2026-11-23T10:00:00Z"},
        "departs_at",
    ),
    "a presentation beyond retention": (
        VEHICLE | {"presented_at": "1999-11-24T10:00:00Z"},
        "presented_at",
    ),
}


@pytest.mark.parametrize(("item", "field"), BAD_ITEMS.values(), ids=BAD_ITEMS.keys())
def test_bad_items_are_refused_with_the_field_named_and_nothing_stored(
    desk: Desk, item: dict[str, Any], field: str
) -> None:
    status, problem = _post(desk, json.dumps(item))
    assert status == 422
    assert field in _fields(problem)
    assert all(error["detail"] for error in problem["errors"])
    status, problem = _post(desk, json.dumps({"items": [item]}), path="/v1/score/batch")
    assert status == 422
    assert f"items[0].{field}" in _fields(problem)
    assert _n_rows(desk) == 0


BAD_BODIES: dict[str, tuple[str | bytes, int, str]] = {
    "malformed JSON": ('{"kind": "vehicle",', 422, "(request body)"),
    "nothing": ("", 422, "(request body)"),
    "a list": ("[]", 422, "(request body)"),
    "not text at all": (b"\xff\xfe", 422, "(request body)"),
    "nesting without end": ('{"a":' * 5_000 + "1" + "}" * 5_000, 422, "(request body)"),
    "NaN": (json.dumps(SHIPMENT | {"gross_weight_kg": float("nan")}), 422, "gross_weight_kg"),
    "infinite dollars": (
        json.dumps(SHIPMENT | {"lines": [LINE | {"value_usd": float("inf")}]}),
        422,
        "lines[0].value_usd",
    ),
    "too many bytes": (" " * 20_001, 413, "(request body)"),
}


@pytest.mark.parametrize(("body", "status", "field"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_bad_bodies_are_refused_before_anything_is_done(
    make_desk: MakeDesk, body: str | bytes, status: int, field: str
) -> None:
    desk = make_desk(max_body_bytes=60_000 if status == 422 else 20_000)
    found, problem = _post(desk, body)
    assert found == status
    assert field in _fields(problem)
    assert _n_rows(desk) == 0


def test_a_body_without_a_length_is_still_bounded(make_desk: MakeDesk) -> None:
    desk = make_desk(max_body_bytes=1_000)
    headers = desk.headers() | {"Content-Type": "application/json"}
    reply = desk.client.post("/v1/score", content=iter([b" " * 600] * 2), headers=headers)
    assert reply.status_code == 413


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", ""])
def test_another_content_type_is_refused(desk: Desk, content_type: str) -> None:
    status, problem = _post(desk, json.dumps(VEHICLE), content_type=content_type)
    assert status == 415
    assert _fields(problem) == ["Content-Type"]
    assert _n_rows(desk) == 0


def test_an_item_twice_in_a_batch_is_refused_and_the_second_named(desk: Desk) -> None:
    body = json.dumps({"items": [VEHICLE, SHIPMENT, VEHICLE | {"lane": "4"}]})
    status, problem = _post(desk, body, path="/v1/score/batch")
    assert status == 422
    assert _fields(problem) == ["items[2].item_id"]
    assert _n_rows(desk) == 0


def test_more_than_five_hundred_items_are_refused(desk: Desk) -> None:
    many = [VEHICLE | {"item_id": f"V{n}"} for n in range(501)]
    status, problem = _post(desk, json.dumps({"items": many}), path="/v1/score/batch")
    assert status == 422
    assert _fields(problem) == ["items"]
    assert _n_rows(desk) == 0


def test_a_reply_has_exactly_the_fields_of_the_contract(desk: Desk) -> None:
    answer = desk.score(VEHICLE)
    assert set(answer) == FIELDS
    assert answer["item_id"] == "V1"
    assert answer["model_version"] == VERSION
    assert answer["degraded"] is False
    assert answer["band"] == "low"
    assert 0 < answer["risk"] < 0.1
    assert answer["missing"] == ["driver"]
    assert set(answer["reasons"][0]) == {"code", "text", "direction", "strength"}


def test_a_declared_firearm_without_a_filing_must_be_inspected(desk: Desk) -> None:
    firearm = LINE | {"schedule_b": "9302", "description": "pistol", "value_usd": 400.0}
    answer = desk.score(SHIPMENT | {"content": "merchandise", "lines": [firearm]})
    hit = answer["rule_hits"][0]
    assert set(hit) == {"code", "text", "action", "citation"}
    assert (hit["code"], hit["action"]) == ("firearm_unfiled", "must_inspect")
    assert answer["band"] == "very_high"


def test_five_hundred_items_are_answered_in_their_order(desk: Desk) -> None:
    many = [VEHICLE | {"item_id": f"V{n}", "plate": f"P{n % 7}"} for n in range(500)]
    reply = desk.client.post("/v1/score/batch", json={"items": many}, headers=desk.headers("feed"))
    assert reply.status_code == 200
    assert [score["item_id"] for score in reply.json()["scores"]] == [f"V{n}" for n in range(500)]


def test_every_item_is_stored_with_its_answer(desk: Desk) -> None:
    answer = desk.score(VEHICLE)
    with desk.runtime.store.read() as connection:
        stored = connection.execute(select(SCORES)).one()
        item = connection.execute(select(ITEMS)).one()
    assert (stored.item_id, stored.version, item.version) == ("V1", 1, 1)
    assert stored.risk == answer["risk"]
    assert stored.reasons == answer["reasons"]


def test_the_same_item_again_is_the_same_version_and_gets_the_same_answer(desk: Desk) -> None:
    first = desk.score(VEHICLE)
    desk.clock.forward(days=1)
    spelled_otherwise = VEHICLE | {"presented_at": "2026-11-24T04:00:00-06:00"}
    assert desk.score(spelled_otherwise) == first
    with desk.runtime.store.read() as connection:
        assert connection.execute(select(ITEMS.c.version)).scalars().all() == [1]


def test_an_amended_item_supersedes_and_both_are_kept(desk: Desk) -> None:
    desk.score(VEHICLE)
    amended = desk.score(VEHICLE | {"occupants": 4})
    assert amended["risk"] > 0.1
    with desk.runtime.store.read() as connection:
        rows = connection.execute(select(ITEMS).order_by(ITEMS.c.version)).all()
        assert len(connection.execute(select(SCORES)).all()) == 2
    assert [(row.version, row.supersedes, row.superseded_by) for row in rows] == [
        (1, None, 2),
        (2, 1, None),
    ]


def test_a_taken_item_id_at_a_foreign_port_is_a_conflict_and_changes_nothing(desk: Desk) -> None:
    desk.score(VEHICLE)
    before = _n_rows(desk)
    mine = SHIPMENT | {"item_id": "V1"}
    reply = desk.client.post("/v1/score", json=mine, headers=desk.headers("feed", "5201"))
    assert reply.status_code == 409
    assert _fields(reply.json()) == ["item_id"]
    assert _n_rows(desk) == before


def test_a_taken_item_id_in_a_batch_is_named_by_its_place(desk: Desk) -> None:
    desk.score(VEHICLE)
    batch = {"items": [SHIPMENT, SHIPMENT | {"item_id": "V1"}]}
    headers = desk.headers("feed", "5201")
    reply = desk.client.post("/v1/score/batch", json=batch, headers=headers)
    assert reply.status_code == 409
    assert _fields(reply.json()) == ["items[1].item_id"]


def test_values_split_over_shipments_of_one_conveyance_add_up(desk: Desk) -> None:
    part = SHIPMENT | {"content": "merchandise", "lines": [LINE | {"value_usd": 1_500.0}]}
    assert desk.score(part)["rule_hits"] == []
    again = desk.score(part | {"item_id": "S2"})
    assert [hit["code"] for hit in again["rule_hits"]] == ["value_unfiled"]


def test_an_amendment_takes_its_earlier_value_out_of_the_sum(desk: Desk) -> None:
    part = SHIPMENT | {"content": "merchandise", "lines": [LINE | {"value_usd": 1_500.0}]}
    desk.score(part)
    desk.score(part | {"lines": [LINE | {"value_usd": 900.0}]})
    assert desk.score(part | {"item_id": "S2"})["rule_hits"] == []


def test_without_a_model_the_rules_alone_answer(make_desk: MakeDesk) -> None:
    desk = make_desk(Shelf())
    answer = desk.score(VEHICLE)
    assert answer["degraded"] is True
    assert (answer["risk"], answer["band"], answer["model_version"]) == (None, None, None)
    assert "model" in answer["missing"]
    firearm = LINE | {"schedule_b": "9302", "description": "pistol", "value_usd": 400.0}
    armed = desk.score(SHIPMENT | {"lines": [firearm]})
    assert armed["band"] is None
    assert "must_inspect" in [hit["action"] for hit in armed["rule_hits"]]
    queue = desk.client.get("/v1/queue", headers=desk.headers()).json()["items"]
    assert [(entry["item_id"], entry["band"]) for entry in queue] == [("S1", None), ("V1", None)]
    assert desk.score(VEHICLE) == answer


def test_what_the_rules_alone_answered_is_scored_when_a_model_is_back(
    make_desk: MakeDesk,
) -> None:
    without, with_model = make_desk(Shelf()), make_desk()
    headers = without.headers()
    assert without.score(VEHICLE, headers)["degraded"] is True
    scored = with_model.score(VEHICLE, headers)
    assert (scored["degraded"], scored["model_version"]) == (False, VERSION)
    assert scored["risk"] is not None
    assert scored["band"] is not None
    shown = with_model.client.get("/v1/items/V1", headers=headers).json()
    assert (shown["version"], shown["score"]) == (1, scored)
    assert without.score(VEHICLE, headers) == scored


def test_a_batch_scores_again_only_what_no_model_has_answered(make_desk: MakeDesk) -> None:
    without, first = make_desk(Shelf()), make_desk()
    second = make_desk(Shelf(shipped=plain_model(OTHER_VERSION)))
    headers = without.headers()
    without.score(VEHICLE, headers)
    kept = first.score(SHIPMENT, headers)
    reply = second.client.post(
        "/v1/score/batch", json={"items": [VEHICLE, SHIPMENT]}, headers=headers
    )
    again, repeated = reply.json()["scores"]
    assert again["model_version"] == OTHER_VERSION
    assert repeated == kept


@pytest.mark.parametrize(
    "later",
    [
        VEHICLE | {"item_id": "S1", "port": "5201"},
        SHIPMENT | {"content": "merchandise", "consignee": "c2"},
        SHIPMENT | {"content": "merchandise", "departs_at": "2026-11-26T18:00:00Z"},
    ],
    ids=["a vehicle", "another consignee", "another conveyance"],
)
def test_what_an_item_no_longer_declares_leaves_the_sum(desk: Desk, later: dict[str, Any]) -> None:
    part = SHIPMENT | {"content": "merchandise", "lines": [LINE | {"value_usd": 1_500.0}]}
    desk.score(part)
    desk.score(later)
    assert desk.score(part | {"item_id": "S2"})["rule_hits"] == []


def test_a_key_that_posted_before_is_refused_once_it_is_revoked(desk: Desk) -> None:
    headers, others = desk.headers("feed"), desk.headers("feed")
    desk.score(VEHICLE, headers)
    with desk.runtime.store.write() as connection:
        assert revoke_key(connection, headers["Authorization"].split("_")[1], desk.clock())
    refused = desk.client.post("/v1/score", json=SHIPMENT, headers=headers)
    assert refused.status_code == 401
    assert desk.client.get("/v1/items/S1", headers=desk.headers()).status_code == 404
    assert desk.score(SHIPMENT, others)["item_id"] == "S1"
