"""Requests that are made to cost much, and what they may cost."""

import json
import socket
import threading
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest
import uvicorn

from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import Desk, MakeDesk

MOST_REPLY_BYTES = 20_000
MOST_SECONDS = 5


@pytest.mark.parametrize(
    "body",
    [
        {"items": [SHIPMENT | {"lines": [{}] * 999}] * 500},
        {"items": [{}] * 500},
        {"items": [VEHICLE | {f"f{n}": n for n in range(95)}] * 500},
        {"items": [VEHICLE | {f"f{n}": n for n in range(100_000)}]},
        {"items": [VEHICLE | {"w" * 1_000_000: 1}]},
        {"items": [VEHICLE] * 500},
    ],
    ids=["bad lines", "empty items", "unknown fields", "many fields", "long name", "repeated"],
)
def test_a_refusal_is_quick_and_short_whatever_is_sent(desk: Desk, body: object) -> None:
    raw, headers = json.dumps(body), desk.headers() | {"Content-Type": "application/json"}
    started = perf_counter()
    reply = desk.client.post("/v1/score/batch", content=raw, headers=headers)
    assert perf_counter() - started < MOST_SECONDS
    assert reply.status_code == 422
    assert len(reply.content) < MOST_REPLY_BYTES


def test_faults_beyond_those_listed_are_counted(desk: Desk) -> None:
    item = VEHICLE | {f"f{n}": n for n in range(50)}
    reply = desk.client.post("/v1/score", json=item, headers=desk.headers()).json()
    assert len(reply["errors"]) == 20
    assert "50 field(s)" in reply["detail"]
    assert "30 more than are listed" in reply["detail"]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (json.dumps(VEHICLE)[:-1] + ', "item_id": "V2"}', "item_id"),
        (json.dumps(VEHICLE)[:-1] + ', "\\u0070ort": "2304"}', "port"),
        (json.dumps(VEHICLE)[:-1] + ', "port"\n : "2304"}', "port"),
        (json.dumps(VEHICLE)[:-1] + ', "port":"2304", "trailer":"T\\":\\":"}', "port"),
        (json.dumps(SHIPMENT).replace('"quantity": 2', '"quantity": 2, "quantity": 1'), "quantity"),
    ],
)
def test_a_field_that_occurs_twice_is_refused_and_named(desk: Desk, raw: str, name: str) -> None:
    headers = desk.headers() | {"Content-Type": "application/json"}
    reply = desk.client.post("/v1/score", content=raw, headers=headers)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [name]
    assert "twice" in reply.json()["errors"][0]["detail"]


def test_quotes_and_colons_in_a_text_are_no_names(desk: Desk) -> None:
    item = SHIPMENT | {"lines": [LINE | {"description": 'marked "rush": two "x" : boxes'}]}
    reply = desk.client.post("/v1/score", json=item, headers=desk.headers())
    assert reply.status_code == 200


def test_a_field_that_occurs_twice_deep_in_a_large_batch_is_named(desk: Desk) -> None:
    many = [SHIPMENT | {"item_id": f"S{n}", "lines": [LINE] * 20} for n in range(100)]
    twice = json.dumps({"items": many}).removesuffix("}]}]}") + ', "quantity": 5}]}]}'
    headers = desk.headers() | {"Content-Type": "application/json"}
    reply = desk.client.post("/v1/score/batch", content=twice, headers=headers)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == ["quantity"]


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip"])
def test_a_compressed_body_is_refused_and_the_coding_named(desk: Desk, coding: str) -> None:
    headers = desk.headers() | {"Content-Encoding": coding}
    reply = desk.client.post("/v1/score", json=VEHICLE, headers=headers)
    assert reply.status_code == 415
    assert reply.json()["errors"][0]["field"] == "Content-Encoding"
    assert coding in reply.json()["detail"]


def test_a_body_that_says_it_is_not_compressed_is_taken(desk: Desk) -> None:
    desk.score(VEHICLE, desk.headers() | {"Content-Encoding": "identity"})


@pytest.fixture
def address(make_desk: MakeDesk) -> Iterator[tuple[Desk, tuple[str, int]]]:
    """Serve a desk on a socket."""
    desk = make_desk()
    config = uvicorn.Config(desk.app, lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield desk, listening.getsockname()[:2]
    server.should_exit = True
    thread.join()


def _exchange(address: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def _head(path: str, headers: dict[str, Any]) -> bytes:
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: weir",
        "Connection: close",
        *(f"{k}: {v}" for k, v in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def test_a_body_that_never_arrives_is_given_up(
    address: tuple[Desk, tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, where = address
    monkeypatch.setattr("service.api.body.PATIENCE_SECONDS", 0.2)
    headers = desk.headers() | {"Content-Type": "application/json", "Content-Length": "100"}
    reply = _exchange(where, _head("/v1/score", headers) + b"{")
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"did not arrive within 0.2 seconds" in reply


def test_others_are_answered_while_a_large_body_is_parsed(
    address: tuple[Desk, tuple[str, int]],
) -> None:
    desk, where = address
    many = [SHIPMENT | {"item_id": f"S{n}", "lines": [LINE] * 50} for n in range(500)]
    many[-1] = many[-1] | {"port": "9999"}
    body = json.dumps({"items": many}).encode()
    headers = desk.headers() | {"Content-Type": "application/json", "Content-Length": len(body)}
    replies: list[bytes] = []
    request = _head("/v1/score/batch", headers) + body
    posting = threading.Thread(target=lambda: replies.append(_exchange(where, request)))
    posting.start()
    slowest = 0.0
    while posting.is_alive():
        started = perf_counter()
        reply = _exchange(where, b"GET /livez HTTP/1.1\r\nHost: weir\r\nConnection: close\r\n\r\n")
        slowest = max(slowest, perf_counter() - started)
        assert reply.startswith(b"HTTP/1.1 200 ")
    posting.join()
    assert replies[0].startswith(b"HTTP/1.1 422 ")
    assert slowest < 1
