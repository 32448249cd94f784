"""Taking an item in hand, letting it go, letting it leave; and the queue page by page."""

import threading
from typing import Any

import pytest

from tests.declarations import VEHICLE
from tests.serving import Desk

SOON = VEHICLE | {"presented_at": "2026-11-24T09:00:00Z"}


def _queue(desk: Desk, headers: dict[str, str], **params: str | int) -> dict[str, Any]:
    reply = desk.client.get("/v1/queue", params=params, headers=headers)
    assert reply.status_code == 200, reply.text
    page: dict[str, Any] = reply.json()
    return page


def _claim(desk: Desk, headers: dict[str, str], item_id: str = "V1") -> int:
    return desk.client.post(f"/v1/items/{item_id}/claim", headers=headers).status_code


def _release(desk: Desk, headers: dict[str, str]) -> int:
    return desk.client.delete("/v1/items/V1/claim", headers=headers).status_code


def test_one_of_many_gets_the_item(desk: Desk) -> None:
    desk.score(SOON)
    callers = [desk.headers() for _ in range(12)]
    found: list[int] = []
    posts = [
        threading.Thread(target=lambda caller=caller: found.append(_claim(desk, caller)))
        for caller in callers
    ]
    for post in posts:
        post.start()
    for post in posts:
        post.join()
    assert sorted(found) == [200, *[409] * 11]


def test_the_queue_shows_who_has_an_item(desk: Desk) -> None:
    desk.score(SOON)
    mine, other = desk.headers(), desk.headers()
    assert _queue(desk, mine)["items"][0]["claim"] is None
    _claim(desk, mine)
    until = "2026-11-24T09:15:00Z"
    held = {"holder": mine["Authorization"].split("_")[1], "expires_at": until}
    assert _queue(desk, mine)["items"][0]["claim"] == held | {"mine": True}
    assert _queue(desk, other)["items"][0]["claim"] == held | {"mine": False}


def test_a_claim_runs_out(desk: Desk) -> None:
    desk.score(SOON)
    first, second = desk.headers(), desk.headers()
    _claim(desk, first)
    desk.clock.forward(minutes=15, microseconds=-1)
    assert _claim(desk, second) == 409
    desk.clock.forward(microseconds=1)
    assert _queue(desk, first)["items"][0]["claim"] is None
    assert _claim(desk, second) == 200
    assert _claim(desk, first) == 409


def test_claiming_ones_own_again_extends_it(desk: Desk) -> None:
    desk.score(SOON)
    mine = desk.headers()
    _claim(desk, mine)
    desk.clock.forward(minutes=10)
    again = desk.client.post("/v1/items/V1/claim", headers=mine).json()
    assert again["claimed_at"] == "2026-11-24T09:00:00Z"
    assert again["expires_at"] == "2026-11-24T09:25:00Z"


def test_only_the_holder_or_a_supervisor_lets_go(desk: Desk) -> None:
    desk.score(SOON)
    mine, other, chief = desk.headers(), desk.headers(), desk.headers("supervisor")
    assert _release(desk, mine) == 204
    _claim(desk, mine)
    assert _release(desk, other) == 409
    assert _release(desk, chief) == 204
    assert _claim(desk, other) == 200
    assert _release(desk, other) == 204
    assert _release(desk, other) == 204


def test_what_was_let_go_leaves_the_queue_until_it_is_amended(desk: Desk) -> None:
    desk.score(SOON)
    headers = desk.headers()
    skipped = desk.client.post("/v1/items/V1/skip", json={"reason": "no_time"}, headers=headers)
    assert (skipped.status_code, skipped.json()["reason"]) == (201, "no_time")
    again = desk.client.post("/v1/items/V1/skip", json={"reason": "no_time"}, headers=headers)
    assert again.json() == skipped.json()
    assert _queue(desk, headers)["items"] == []
    desk.score(SOON | {"occupants": 4})
    assert len(_queue(desk, headers)["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"reason": "bored"}, 422, "reason"),
        ({}, 422, "reason"),
        ({"reason": "other"}, 422, "detail"),
        ({"reason": "other", "detail": "gate closed"}, 201, None),
    ],
)
def test_letting_go_needs_a_reason(
    desk: Desk, body: dict[str, str], status: int, field: str | None
) -> None:
    desk.score(SOON)
    reply = desk.client.post("/v1/items/V1/skip", json=body, headers=desk.headers())
    assert reply.status_code == status
    assert [error["field"] for error in reply.json().get("errors", ())] == [field] * bool(field)


def test_letting_go_otherwise_than_before_is_refused(desk: Desk) -> None:
    desk.score(SOON)
    for reason, status in (("no_time", 201), ("unsafe", 409)):
        reply = desk.client.post(
            "/v1/items/V1/skip", json={"reason": reason}, headers=desk.headers()
        )
        assert reply.status_code == status


@pytest.mark.parametrize("order", ["priority", "departure"])
def test_pages_hold_every_item_once_and_in_order(desk: Desk, order: str) -> None:
    for n in range(11):
        minute = f"2026-11-24T09:{n % 4:02}:00Z"
        desk.score(SOON | {"item_id": f"V{n}", "occupants": n % 3 + 1, "presented_at": minute})
    headers = desk.headers()
    whole = _queue(desk, headers, order=order, limit=50)
    assert whole["cursor"] is None
    ids: list[str] = []
    params: dict[str, str | int] = {"order": order, "limit": 3}
    while True:
        page = _queue(desk, headers, **params)
        ids += [item["item_id"] for item in page["items"]]
        if page["cursor"] is None:
            break
        params["cursor"] = page["cursor"]
    assert ids == [item["item_id"] for item in whole["items"]]
    assert len(set(ids)) == 11


def test_the_order_of_departure_begins_with_what_leaves_first(desk: Desk) -> None:
    for n in (2, 0, 1):
        minute = f"2026-11-24T09:{n:02}:00Z"
        desk.score(SOON | {"item_id": f"V{n}", "occupants": n + 1, "presented_at": minute})
    ids = [item["item_id"] for item in _queue(desk, desk.headers(), order="departure")["items"]]
    assert ids == ["V0", "V1", "V2"]


def test_an_item_that_comes_between_two_pages_moves_no_other(desk: Desk) -> None:
    for n in (1, 2, 3):
        desk.score(SOON | {"item_id": f"V{n}", "occupants": n})
    headers = desk.headers()
    first = _queue(desk, headers, limit=2)
    desk.score(SOON | {"item_id": "V9", "occupants": 9})
    rest = _queue(desk, headers, limit=2, cursor=first["cursor"])
    assert [item["item_id"] for item in first["items"] + rest["items"]] == ["V3", "V2", "V1"]


@pytest.mark.parametrize(
    "cursor", ["x", "e30", "WyJwcmlvcml0eSJd", "WyJwcmlvcml0eSIsMSwyLDMsNCw1XQ", "a" * 900, "é"]
)
def test_a_cursor_of_ones_own_making_is_refused(desk: Desk, cursor: str) -> None:
    reply = desk.client.get("/v1/queue", params={"cursor": cursor}, headers=desk.headers())
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == ["cursor"]


def test_a_cursor_belongs_to_its_order(desk: Desk) -> None:
    for n in (1, 2):
        desk.score(SOON | {"item_id": f"V{n}", "occupants": n})
    headers = desk.headers()
    cursor = _queue(desk, headers, limit=1)["cursor"]
    params = {"cursor": cursor, "order": "departure"}
    assert desk.client.get("/v1/queue", params=params, headers=headers).status_code == 422
