"""Every page, every role, own and foreign port."""

import secrets
from collections.abc import Mapping

import pytest

from service.roles import PAGES, PERMISSIONS, ROLES, Role
from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import Page, Visitor, key_of

OPEN = {("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/static/{name}")}
FIGURES: set[Role] = {"supervisor", "analyst", "scientist", "evaluator", "auditor", "admin"}
SIGNED_IN: set[Role] = FIGURES | {"inspector"}
LOOKS: set[Role] = {"inspector", "supervisor", "analyst", "auditor", "admin"}
HANDLES: set[Role] = {"inspector", "supervisor"}
AUDITS: set[Role] = {"auditor", "admin"}
RELEASES: set[Role] = {"analyst", "supervisor"}
RULE = "/rules/{rule_id}"
ITEM = "/items/{item_id}"

MATRIX: dict[tuple[str, str], tuple[set[Role], int]] = {
    ("POST", "/sign-out"): (SIGNED_IN, 200),
    ("GET", "/queue"): (LOOKS, 403),
    ("GET", "/queue/items"): (LOOKS, 403),
    ("GET", ITEM): (LOOKS | {"scientist"}, 404),
    ("POST", f"{ITEM}/claim"): (HANDLES, 404),
    ("POST", f"{ITEM}/release"): (HANDLES, 404),
    ("GET", f"{ITEM}/skip"): (HANDLES, 404),
    ("POST", f"{ITEM}/skip"): (HANDLES, 404),
    ("GET", f"{ITEM}/finding"): (HANDLES, 404),
    ("POST", f"{ITEM}/finding"): (HANDLES, 404),
    ("GET", "/rules"): (LOOKS | {"scientist"}, 200),
    ("GET", RULE): (LOOKS | {"scientist"}, 404),
    ("POST", f"{RULE}/release"): (RELEASES, 404),
    ("POST", f"{RULE}/retire"): (RELEASES, 404),
    ("GET", "/performance"): (FIGURES, 403),
    ("GET", "/audit"): (AUDITS, 403),
    ("POST", "/audit/verify"): (AUDITS, 403),
}
"""Who may open what, and what a foreign port gets; written down a second time: a change must be
meant."""

NAMES_PORTS = {"/queue", "/queue/items", "/performance"}
STATUSES = {"refused": 403, "hidden": 404}
FINDING = {"method": "full_search", "minutes": "70", "outcome": "clear"}
FIELDS = {f"{ITEM}/skip": {"reason": "no_time"}, f"{ITEM}/finding": FINDING}


def _open(
    visitor: Visitor, method: str, path: str, version: Mapping[str, str] | None = None
) -> Page:
    url = path.replace("{item_id}", "V1").replace("{rule_id}", "solo")
    if method == "GET":
        return visitor.get(f"{url}?port=2304" if path in NAMES_PORTS else url)
    token = next(
        (form["form_token"] for _, form in visitor.get("/").forms if "form_token" in form), "none"
    )
    fields = FIELDS.get(path, dict(version or {"version": "1"})) | {
        "idempotency_key": secrets.token_hex(16)
    }
    return visitor.post(url, fields | {"form_token": token})


def _draft(desk: Desk) -> None:
    rule = {"rule_id": "solo", "text": "alone", "action": "raise", "ports": ["2304"]}
    headers = desk.headers("analyst") | {"Idempotency-Key": secrets.token_hex(16)}
    drafted = rule | {"predicate": "occupants = 1"}
    assert desk.client.post("/v1/rules", json=drafted, headers=headers).status_code == 201


def _visitor(desk: Desk, role: Role, *ports: str) -> Visitor:
    visitor = Visitor(desk)
    visitor.sign_in(key_of(desk, role, *ports))
    return visitor


def test_every_page_is_written_here_and_is_in_the_table() -> None:
    assert set(PAGES) == set(MATRIX) | OPEN
    for route, (roles, foreign) in MATRIX.items():
        access = PERMISSIONS[route]
        assert access.roles == frozenset(roles), route
        assert access.foreign == "portless" or STATUSES[access.foreign] == foreign, route
    assert all(PERMISSIONS[route].roles is None for route in OPEN)


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_no_page_is_shown_to_who_is_not_signed_in(desk: Desk, method: str, path: str) -> None:
    desk.score(VEHICLE)
    visitor = Visitor(desk)
    assert _open(visitor, method, path).status == 401
    for cookie in ("nonsense", key_of(desk)):
        visitor.client.cookies.set("weir", cookie, domain="127.0.0.1")
        assert _open(visitor, method, path).status == 401


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_exactly_the_listed_roles_are_let_in(desk: Desk, method: str, path: str) -> None:
    roles, _ = MATRIX[method, path]
    for at, role in enumerate(ROLES):
        desk.clock.forward(minutes=20)
        desk.score(VEHICLE | {"lane": f"L{at}"})
        _draft(desk)
        ports = () if path.startswith("/audit") else ("2304",)
        version = {"version": str(at + 1)}
        found = _open(_visitor(desk, role, *ports), method, path, version).status
        expected = 200 if role in roles else 403 if role in SIGNED_IN else 401
        assert found == expected, role


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_a_foreign_port_is_out_of_reach_for_every_role(desk: Desk, method: str, path: str) -> None:
    roles, foreign = MATRIX[method, path]
    desk.score(VEHICLE)
    _draft(desk)
    for role in sorted(roles):
        assert _open(_visitor(desk, role, "5201"), method, path).status == foreign, role
