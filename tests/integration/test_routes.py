"""Every route, every role, own and foreign port."""

import pytest
from fastapi.routing import APIRoute

from service.auth import PERMISSIONS, ROLES, Role
from service.store.keys import revoke_key
from tests.declarations import VEHICLE
from tests.serving import Desk

PUBLIC = {("GET", "/livez"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/openapi.json")}

MATRIX: dict[tuple[str, str], set[Role]] = {
    ("POST", "/v1/score"): {"feed", "inspector", "supervisor", "admin"},
    ("POST", "/v1/score/batch"): {"feed", "inspector", "supervisor", "admin"},
    ("GET", "/v1/queue"): {"inspector", "supervisor", "analyst", "auditor", "admin"},
    ("GET", "/v1/items/{item_id}"): {
        "inspector",
        "supervisor",
        "analyst",
        "scientist",
        "auditor",
        "admin",
    },
}
"""Who may call what, written down a second time: a change must be meant."""


def _call(desk: Desk, method: str, path: str, headers: dict[str, str]) -> int:
    bodies = {"/v1/score": VEHICLE, "/v1/score/batch": {"items": [VEHICLE]}}
    url = path.replace("{item_id}", "V1")
    return desk.client.request(method, url, headers=headers, json=bodies.get(path)).status_code


def test_every_route_of_the_application_is_in_the_table_and_no_other(desk: Desk) -> None:
    found: set[tuple[str, str]] = {("GET", "/openapi.json")}
    for route in desk.app.routes:
        inner = getattr(getattr(route, "original_router", None), "routes", [route])
        found |= {
            (method, each.path)
            for each in inner
            if isinstance(each, APIRoute)
            for method in each.methods or ()
        }
    described = {
        (method.upper(), path)
        for path, operations in desk.app.openapi()["paths"].items()
        for method in operations
    }
    assert found == set(PERMISSIONS)
    assert described == set(PERMISSIONS) - {("GET", "/openapi.json")}
    assert set(PERMISSIONS) == set(MATRIX) | PUBLIC


@pytest.mark.parametrize(("method", "path"), sorted(PUBLIC))
def test_public_routes_need_no_key(desk: Desk, method: str, path: str) -> None:
    assert _call(desk, method, path, {}) == 200


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_other_routes_need_a_valid_key(desk: Desk, method: str, path: str) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer weir_000000000000_" + "0" * 64},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic d2Vpcjp3ZWly"},
    ):
        assert _call(desk, method, path, headers) == 401


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_exactly_the_listed_roles_are_let_in(desk: Desk, method: str, path: str) -> None:
    desk.score(VEHICLE)
    for role in ROLES:
        allowed = role in MATRIX[method, path]
        assert _call(desk, method, path, desk.headers(role, "2304")) == (200 if allowed else 403)


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_a_foreign_port_is_out_of_reach_for_every_role(desk: Desk, method: str, path: str) -> None:
    desk.score(VEHICLE)
    for role in MATRIX[method, path]:
        headers = desk.headers(role, "5201")
        if path == "/v1/queue":
            reply = desk.client.get("/v1/queue", params={"port": "2304"}, headers=headers)
            assert reply.status_code == 403
            assert desk.client.get("/v1/queue", headers=headers).json()["items"] == []
        else:
            expected = 404 if method == "GET" else 403
            assert _call(desk, method, path, headers) == expected


def test_a_revoked_key_is_refused_from_the_next_request_on(desk: Desk) -> None:
    headers = desk.headers("inspector")
    assert _call(desk, "GET", "/v1/queue", headers) == 200
    with desk.runtime.store.write() as connection:
        key_id = headers["Authorization"].split("_")[1]
        assert revoke_key(connection, key_id, desk.clock())
        assert not revoke_key(connection, key_id, desk.clock())
    assert _call(desk, "GET", "/v1/queue", headers) == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/v1/queue", 405), ("GET", "/v1/score/", 404)],
)
def test_what_is_no_route_is_a_problem_too(desk: Desk, method: str, path: str, status: int) -> None:
    reply = desk.client.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status


def test_every_reply_carries_the_security_headers_and_a_request_id(desk: Desk) -> None:
    for path in ("/livez", "/nothing", "/v1/queue"):
        headers = desk.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-request-id"]


def test_a_sane_request_id_is_kept_and_another_one_replaced(desk: Desk) -> None:
    kept = desk.client.get("/livez", headers={"X-Request-Id": "trace-0123"})
    assert kept.headers["x-request-id"] == "trace-0123"
    replaced = desk.client.get("/livez", headers={"X-Request-Id": "a b\tc{}"})
    assert replaced.headers["x-request-id"] != "a b\tc{}"


def test_there_is_no_page_that_loads_code_from_elsewhere(desk: Desk) -> None:
    assert desk.client.get("/docs").status_code == 404
    assert desk.client.get("/redoc").status_code == 404


def test_openapi_shows_both_items_and_names_what_it_refers_to(desk: Desk) -> None:
    document = desk.client.get("/openapi.json").json()
    body = document["paths"]["/v1/score"]["post"]["requestBody"]["content"]["application/json"]
    assert {"vehicle", "shipment"} == set(body["examples"])
    for example in body["examples"].values():
        desk.score(example["value"])
    text = str(document)
    schemas = document["components"]["schemas"]
    referred = {part.split("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= set(schemas)
    assert {"Vehicle", "Shipment", "Line", "ProblemReply"} <= set(schemas)
