"""What the queue shows, and in which order; what one item shows."""

from typing import Any

import pytest

from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import Desk, MakeDesk

SOON = VEHICLE | {"presented_at": "2026-11-24T09:00:00Z"}


def _queue(desk: Desk, **params: str | int) -> list[dict[str, Any]]:
    reply = desk.client.get("/v1/queue", params=params, headers=desk.headers())
    assert reply.status_code == 200, reply.text
    items: list[dict[str, Any]] = reply.json()["items"]
    return items


def _ids(desk: Desk, **params: str | int) -> list[str]:
    return [entry["item_id"] for entry in _queue(desk, **params)]


def test_higher_priority_comes_first(desk: Desk) -> None:
    for n in (1, 5, 3):
        desk.score(SOON | {"item_id": f"V{n}", "occupants": n})
    assert _ids(desk) == ["V5", "V3", "V1"]


def test_what_must_be_inspected_comes_before_everything_else(desk: Desk) -> None:
    desk.score(SOON | {"item_id": "V9", "occupants": 9})
    firearm = LINE | {"schedule_b": "9302", "description": "pistol", "value_usd": 400.0}
    desk.score(SHIPMENT | {"content": "merchandise", "lines": [firearm]})
    first, second = _queue(desk)
    assert (first["item_id"], first["must_inspect"]) == ("S1", True)
    assert (second["item_id"], second["must_inspect"]) == ("V9", False)


def test_a_rule_that_raises_lifts_the_band_and_the_rank_but_not_the_risk(desk: Desk) -> None:
    goods = SHIPMENT | {"content": "merchandise"}
    plain = desk.score(goods | {"item_id": "S1", "consignee": "c1"})
    too_much = [LINE | {"value_usd": 9_000.0}]
    raised = desk.score(goods | {"item_id": "S2", "consignee": "c2", "lines": too_much})
    assert {hit["action"] for hit in raised["rule_hits"]} == {"raise"}
    assert (plain["band"], raised["band"]) == ("low", "medium")
    assert raised["risk"] == plain["risk"]
    assert _ids(desk) == ["S2", "S1"]


def test_equal_priorities_leave_in_the_order_of_departure(desk: Desk) -> None:
    for item_id, departs_at in (("S1", "2026-11-26T18:00:00Z"), ("S2", "2026-11-25T18:00:00Z")):
        desk.score(SHIPMENT | {"item_id": item_id, "consignee": item_id, "departs_at": departs_at})
    assert _ids(desk) == ["S2", "S1"]


def test_a_vehicle_leaves_the_queue_after_the_lane_window(make_desk: MakeDesk) -> None:
    desk = make_desk(lane_window_minutes=10)
    desk.score(SOON)
    desk.clock.forward(minutes=10, microseconds=-1)
    assert _ids(desk) == ["V1"]
    desk.clock.forward(microseconds=1)
    assert _ids(desk) == []


def test_a_shipment_leaves_the_queue_when_it_departs(desk: Desk) -> None:
    desk.score(SHIPMENT)
    desk.clock.forward(hours=32, minutes=59)
    assert _ids(desk) == ["S1"]
    desk.clock.forward(minutes=1)
    assert _ids(desk) == []


def test_the_latest_version_ranks_and_only_once(desk: Desk) -> None:
    desk.score(SOON | {"item_id": "V1", "occupants": 5})
    desk.score(SOON | {"item_id": "V2", "occupants": 3})
    desk.score(SOON | {"item_id": "V1", "occupants": 1})
    assert [(entry["item_id"], entry["version"]) for entry in _queue(desk)] == [
        ("V2", 1),
        ("V1", 2),
    ]


def test_port_mode_and_limit_narrow_the_queue(desk: Desk) -> None:
    desk.score(SOON)
    desk.score(SHIPMENT)
    desk.score(SOON | {"item_id": "B1", "mode": "bus"})
    assert _ids(desk, port="5201") == ["S1"]
    assert _ids(desk, mode="bus") == ["B1"]
    assert _ids(desk, port="2304", mode="ocean") == []
    assert len(_ids(desk, limit=2)) == 2


def test_without_a_port_the_queue_shows_the_ports_of_the_key(desk: Desk) -> None:
    desk.score(SOON)
    desk.score(SHIPMENT)
    reply = desk.client.get("/v1/queue", headers=desk.headers("inspector", "5201", "2402"))
    assert [entry["item_id"] for entry in reply.json()["items"]] == ["S1"]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"port": "9999"}, "port"),
        ({"mode": "rocket"}, "mode"),
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "many"}, "limit"),
    ],
)
def test_bad_parameters_are_refused_by_name(desk: Desk, params: dict[str, str], field: str) -> None:
    reply = desk.client.get("/v1/queue", params=params, headers=desk.headers())
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in reply.json()["errors"]] == [field]


def test_an_item_shows_what_was_posted_its_versions_and_its_answer(desk: Desk) -> None:
    desk.score(SHIPMENT)
    desk.clock.forward(minutes=5)
    answer = desk.score(SHIPMENT | {"packages": 4})
    shown = desk.client.get("/v1/items/S1", headers=desk.headers()).json()
    assert shown["item"]["packages"] == 4
    assert shown["item"]["shipper"] == "s1"
    assert shown["item"]["lines"][0]["value_usd"] == 480.0
    assert [(each["version"], each["supersedes"]) for each in shown["versions"]] == [
        (2, 1),
        (1, None),
    ]
    assert shown["received_at"] == "2026-11-24T09:05:00Z"
    assert shown["score"] == answer


def test_who_may_not_see_identifiers_sees_tokens(desk: Desk) -> None:
    desk.score(VEHICLE)
    for role in ("scientist", "auditor"):
        shown = desk.client.get("/v1/items/V1", headers=desk.headers(role)).json()
        assert len(shown["item"]["plate"]) == 32
        assert "ABC1234" not in str(shown)


def test_an_unknown_item_and_a_malformed_id_are_refused(desk: Desk) -> None:
    assert desk.client.get("/v1/items/nobody", headers=desk.headers()).status_code == 404
    reply = desk.client.get("/v1/items/-", headers=desk.headers())
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "item_id"


@pytest.mark.parametrize(
    ("query", "field", "advice"),
    [
        ("ports=2304", "ports", "unknown; the route takes cursor, limit, mode, order, port"),
        ("port=2304&port=5201", "port", "given twice"),
        ("limit=5&limit=5", "limit", "given twice"),
        ("limit=many", "limit", "give a whole number"),
        ("limit=501", "limit", "give 500 or less"),
        ("mode=boat", "mode", "give one of 'pov'"),
        ("port=23", "port", "of the form"),
        ("port=9999", "port", "not a known port"),
    ],
)
def test_a_parameter_at_fault_is_named_in_plain_words(
    desk: Desk, query: str, field: str, advice: str
) -> None:
    reply = desk.client.get(f"/v1/queue?{query}", headers=desk.headers())
    assert reply.status_code == 422
    (error,) = reply.json()["errors"]
    assert error["field"] == field
    assert advice in error["detail"]
    assert "stored" not in reply.json()["detail"]


def test_routes_without_parameters_take_none(desk: Desk) -> None:
    reply = desk.client.get("/v1/items/V1?verbose=1", headers=desk.headers())
    assert [error["field"] for error in reply.json()["errors"]] == ["verbose"]
    reply = desk.client.get("/v1/items/-V1", headers=desk.headers())
    assert [error["field"] for error in reply.json()["errors"]] == ["item_id"]


_PRESENTED = {"presented_at": "2026-11-24T08:00:00Z"}


def _shared_address(desk: Desk, n: int, **changes: object) -> None:
    """Post the n-th of shipments that share nothing but the address of their consignees."""
    told = {"item_id": f"S{n}", "shipper": f"s{n}", "consignee": f"c{n}"} | _PRESENTED
    desk.score(SHIPMENT | told | {"consignee_address": "12 Hill Road"} | changes)
    desk.clock.forward(minutes=1)


def test_the_small_sends_of_linked_parties_have_one_place(desk: Desk) -> None:
    for n in range(1, 6):
        _shared_address(desk, n)
    desk.score(SHIPMENT | {"item_id": "S9", "shipper": "s9", "consignee": "c9"})
    places = {entry["item_id"]: entry for entry in _queue(desk)}
    # of the first two, one other party at most is known when they come
    assert [places[each]["cluster_id"] for each in ("S1", "S2", "S9")] == [None] * 3
    clustered = [entry for entry in places.values() if entry["cluster_id"] is not None]
    assert [(entry["item_id"], entry["cluster_size"]) for entry in clustered] == [("S3", 3)]
    assert all(places[each]["cluster_size"] == 1 for each in ("S1", "S2", "S9"))


def test_pages_go_on_after_the_place_of_a_cluster(desk: Desk) -> None:
    for n in range(1, 6):
        _shared_address(desk, n)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = desk.client.get("/v1/queue", params=params, headers=desk.headers()).json()
        seen += [entry["item_id"] for entry in page["items"]]
        if (cursor := page["cursor"]) is None:
            break
    assert seen == ["S1", "S2", "S3"]


def test_what_must_be_inspected_keeps_a_place_of_its_own(desk: Desk) -> None:
    firearm = LINE | {"schedule_b": "9302", "description": "pistol", "value_usd": 400.0}
    for n in range(1, 6):
        arms = {"content": "merchandise", "lines": [firearm]} if n == 4 else {}
        _shared_address(desk, n, **arms)
    first = _queue(desk)[0]
    assert (first["item_id"], first["must_inspect"]) == ("S4", True)
    assert first["cluster_id"] is not None
    assert first["cluster_size"] == 1
    assert [e["cluster_size"] for e in _queue(desk) if e["item_id"] == "S3"] == [2]
