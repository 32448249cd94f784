"""Every route, every role, own and foreign port."""

import secrets

import pytest
from fastapi.routing import APIRoute

from service.roles import PAGES, PERMISSIONS, ROLES, Role
from service.store.keys import revoke_key
from tests.declarations import VEHICLE
from tests.serving import VERSION, Desk, MakeDesk

LISTS = {"/v1/queue", "/v1/shifts", "/v1/performance", "/v1/performance/what-if"}
"""Routes that take the port as a parameter."""
PUBLIC = {("GET", "/livez"), ("GET", "/readyz"), ("GET", "/metrics"), ("GET", "/openapi.json")}

POSTS: set[Role] = {"feed", "inspector", "supervisor", "admin"}
LOOKS: set[Role] = {"inspector", "supervisor", "analyst", "auditor", "admin"}
HANDLES: set[Role] = {"inspector", "supervisor"}
READS_FIGURES: set[Role] = {
    "supervisor",
    "analyst",
    "scientist",
    "evaluator",
    "auditor",
    "admin",
}
CHOOSES: set[Role] = {"supervisor", "scientist", "admin"}
BRINGS: set[Role] = {"feed", "supervisor", "analyst", "admin"}
RELEASES: set[Role] = {"analyst", "supervisor"}
STUDIES: set[Role] = {"supervisor", "analyst", "scientist", "evaluator", "auditor", "admin"}
ITEM = "/v1/items/{item_id}"
RULE = "/v1/rules/{rule_id}"
SHIFT = "/v1/shifts/{shift_id}"
FIGURES = "/v1/performance"
MODEL = "/v1/models/{version}"

MATRIX: dict[tuple[str, str], tuple[set[Role], int]] = {
    ("POST", "/v1/score"): (POSTS, 403),
    ("POST", "/v1/score/batch"): (POSTS, 403),
    ("POST", "/v1/decide"): (POSTS, 403),
    ("GET", "/v1/queue"): (LOOKS, 403),
    ("GET", ITEM): (LOOKS | {"scientist"}, 404),
    ("GET", f"{ITEM}/inspections"): (LOOKS, 404),
    ("POST", f"{ITEM}/claim"): (HANDLES, 404),
    ("DELETE", f"{ITEM}/claim"): (HANDLES, 404),
    ("POST", f"{ITEM}/skip"): (HANDLES, 404),
    ("POST", "/v1/inspections"): (HANDLES, 404),
    ("POST", "/v1/signals"): (BRINGS, 201),
    ("POST", "/v1/outcomes"): (BRINGS, 404),
    ("POST", "/v1/rules"): ({"analyst"}, 403),
    ("GET", "/v1/rules"): (LOOKS | {"scientist"}, 200),
    ("POST", "/v1/rules/preview"): (RELEASES, 403),
    ("GET", RULE): (LOOKS | {"scientist"}, 404),
    ("POST", f"{RULE}/release"): (RELEASES, 404),
    ("POST", f"{RULE}/retire"): (RELEASES, 404),
    ("GET", f"{RULE}/performance"): (STUDIES, 404),
    ("POST", "/v1/lookouts"): (RELEASES, 201),
    ("GET", "/v1/lookouts"): (RELEASES | {"auditor", "admin"}, 200),
    ("DELETE", "/v1/lookouts/{lookout_id}"): (RELEASES, 200),
    ("POST", "/v1/suppressions"): (RELEASES, 201),
    ("GET", "/v1/suppressions"): (RELEASES | {"auditor", "admin"}, 200),
    ("DELETE", "/v1/suppressions/{suppression_id}"): (RELEASES, 200),
    ("POST", "/v1/shifts"): ({"supervisor"}, 403),
    ("GET", "/v1/shifts"): (LOOKS, 403),
    ("GET", SHIFT): (LOOKS, 404),
    ("POST", f"{SHIFT}/plan"): ({"supervisor"}, 404),
    ("GET", FIGURES): (READS_FIGURES, 403),
    ("GET", f"{FIGURES}/what-if"): (READS_FIGURES, 403),
    ("GET", "/v1/models"): (READS_FIGURES, 200),
    ("POST", f"{MODEL}/promote"): (CHOOSES, 404),
    ("POST", f"{MODEL}/challenge"): (CHOOSES, 404),
    ("DELETE", "/v1/models/challenger"): (CHOOSES, 200),
    ("POST", "/v1/models/rollback"): (CHOOSES, 409),
    ("POST", "/v1/models/kill"): (CHOOSES, 200),
    ("POST", "/v1/models/restore"): (CHOOSES, 200),
    ("GET", "/v1/audit"): ({"auditor", "admin"}, 403),
}
"""Who may call what, and what a foreign port gets; written down a second time: a change must be
meant."""

FINDING = {"item_id": "V1", "method": "full_search", "minutes": 70.0, "outcome": "clear"}
OUTCOME = {
    "outcome_id": "O1",
    "kind": "seizure_abroad",
    "item_id": "V1",
    "happened_at": "2026-11-24T08:00:00Z",
}
SIGNAL = {
    "signal_id": "G1",
    "kind": "lookout",
    "entity_kind": "plate",
    "entity": "TX:ABC1234",
    "strength": 0.5,
}
DRAFT = {
    "rule_id": "R1",
    "text": "night",
    "action": "raise",
    "predicate": "occupants = 1",
    "ports": ["2304"],
}
WATCHED = {"entity_kind": "plate", "entity": "TX:X1", "expires_at": "2026-11-30T00:00:00Z"}
BUS = VEHICLE | {"item_id": "B1", "mode": "bus", "body": "bus"}
LANE = {
    "shift_id": "lane",
    "port": "2304",
    "way": "lane",
    "modes": ["bus"],
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T17:00:00Z",
    "minutes": {"partial_search": 120.0},
    "expected_items": 100.0,
}
NEW_SHIFT = {
    "shift_id": "day",
    "port": "2304",
    "modes": ["pov"],
    "starts_at": "2026-11-24T09:00:00Z",
    "ends_at": "2026-11-24T17:00:00Z",
    "minutes": {"partial_search": 120.0},
}
BODIES: dict[str, object] = {
    "/v1/score": VEHICLE,
    "/v1/decide": BUS,
    "/v1/score/batch": {"items": [VEHICLE]},
    f"{ITEM}/skip": {"reason": "no_time"},
    "/v1/inspections": FINDING,
    "/v1/shifts": NEW_SHIFT,
    "/v1/signals": {"signals": [SIGNAL]},
    "/v1/outcomes": {"outcomes": [OUTCOME]},
    "/v1/rules": DRAFT | {"rule_id": "R2"},
    "/v1/rules/preview": {"predicate": "occupants = 1", "ports": ["2304"]},
    f"{RULE}/release": {"version": 1},
    f"{RULE}/retire": {"version": 1},
    "/v1/lookouts": WATCHED | {"text": "seen"},
    "/v1/suppressions": WATCHED | {"reason": "known"},
}


def _call(desk: Desk, method: str, path: str, headers: dict[str, str]) -> int:
    url = path.replace("{item_id}", "V1").replace("{rule_id}", "R1").replace("{shift_id}", "day")
    url = url.replace("{version}", VERSION)
    if "{lookout_id}" in url or "{suppression_id}" in url:
        url = f"{url.partition('{')[0]}{_watched(desk, url.split('/')[2])}"
    if method == "GET" and path in LISTS:
        url += "?port=2304"
    if path.startswith(FIGURES):
        url += "&from=2026-11-01&to=2026-12-01"
    named = headers | {"Idempotency-Key": secrets.token_hex(8)}
    return desk.client.request(method, url, headers=named, json=BODIES.get(path)).status_code


def _watched(desk: Desk, kind: str) -> str:
    """Make a lookout or a suppression and give its id."""
    headers = desk.headers("analyst") | {"Idempotency-Key": secrets.token_hex(8)}
    made = desk.client.post(f"/v1/{kind}", json=BODIES[f"/v1/{kind}"], headers=headers).json()
    return str(made[f"{kind.removesuffix('s')}_id"])


def _drafted(desk: Desk) -> None:
    headers = desk.headers("analyst") | {"Idempotency-Key": secrets.token_hex(8)}
    assert desk.client.post("/v1/rules", json=DRAFT, headers=headers).status_code == 201


def _fresh(desk: Desk) -> None:
    """Post the item anew, so that it was neither skipped nor claimed."""
    desk.clock.forward(minutes=20)
    number = desk.clock().minute
    desk.score(VEHICLE | {"lane": f"L{number}{desk.clock().hour}"})
    _open_shift(desk)


def _open_shift(desk: Desk) -> None:
    headers = desk.headers("supervisor")
    for shift in (NEW_SHIFT, LANE):
        reply = desk.client.post("/v1/shifts", json=shift, headers=headers)
        assert reply.status_code == 201, reply.text


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
    assert described == set(PERMISSIONS) - {("GET", "/openapi.json")} - set(PAGES)
    assert set(PERMISSIONS) - set(PAGES) == set(MATRIX) | PUBLIC


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
    roles, otherwise = MATRIX[method, path]
    # no bundle is installed here: who is let in finds none to promote or to go back to
    let_in = {otherwise} if path.startswith("/v1/models") else {200, 201, 204}
    _drafted(desk)
    for role in ROLES:
        _fresh(desk)
        ports = () if path == "/v1/audit" else ("2304",)
        found = _call(desk, method, path, desk.headers(role, *ports))
        assert (found in let_in) == (role in roles), (role, found)
        assert role in roles or found == 403


def test_what_the_application_enforces_is_what_is_written_here() -> None:
    statuses = {"hidden": 404, "refused": 403}
    for route, (roles, foreign) in MATRIX.items():
        access = PERMISSIONS[route]
        assert access.roles == frozenset(roles), route
        assert access.foreign == "portless" or statuses[access.foreign] == foreign, route


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_a_foreign_port_is_out_of_reach_for_every_role(desk: Desk, method: str, path: str) -> None:
    roles, foreign = MATRIX[method, path]
    desk.score(VEHICLE)
    _drafted(desk)
    _open_shift(desk)
    for role in sorted(roles):
        headers = desk.headers(role, "5201")
        assert _call(desk, method, path, headers) == foreign, role
        if path == "/v1/queue":
            assert desk.client.get("/v1/queue", headers=headers).json()["items"] == []


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


def test_a_key_that_calls_too_fast_is_told_to_wait(make_desk: MakeDesk) -> None:
    desk = make_desk(caller_rate=1)
    headers = desk.headers()
    statuses = [desk.client.get("/v1/queue", headers=headers).status_code for _ in range(14)]
    assert statuses[:10] == [200] * 10
    assert statuses[-1] == 429
    reply = desk.client.get("/v1/queue", headers=headers)
    assert reply.json()["type"] == "urn:weir:problem:too-many-requests"
    assert reply.headers["retry-after"] == "1"
    assert desk.client.get("/v1/queue", headers=desk.headers()).status_code == 200


def test_a_feed_may_call_faster(make_desk: MakeDesk) -> None:
    desk = make_desk(caller_rate=1, feed_rate=1_000)
    headers = desk.headers("feed")
    for _ in range(14):
        assert desk.client.post("/v1/score", json=VEHICLE, headers=headers).status_code == 200
