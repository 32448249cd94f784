"""Every page, every role, own and foreign port."""

import secrets
from collections.abc import Mapping

import pytest

from service.roles import PAGES, PERMISSIONS, ROLES, Role
from tests.declarations import VEHICLE
from tests.serving import VERSION, Desk
from tests.visitors import Page, Visitor, key_of

OPEN = {("GET", "/"), ("GET", "/sign-in"), ("POST", "/sign-in"), ("GET", "/static/{name}")}
FIGURES: set[Role] = {"supervisor", "analyst", "scientist", "evaluator", "auditor", "admin"}
SIGNED_IN: set[Role] = FIGURES | {"inspector"}
LOOKS: set[Role] = {"inspector", "supervisor", "analyst", "auditor", "admin"}
HANDLES: set[Role] = {"inspector", "supervisor"}
AUDITS: set[Role] = {"auditor", "admin"}
CHOOSES: set[Role] = {"supervisor", "scientist", "admin"}
RELEASES: set[Role] = {"analyst", "supervisor"}
RULE = "/rules/{rule_id}"
ITEM = "/items/{item_id}"
SHIFT = "/shifts/{shift_id}"
MODEL = "/models/{version}"

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
    ("GET", "/shifts"): (LOOKS, 403),
    ("GET", SHIFT): (LOOKS, 404),
    ("GET", "/open-shift"): ({"supervisor"}, 403),
    ("POST", "/open-shift"): ({"supervisor"}, 403),
    ("POST", f"{SHIFT}/plan"): ({"supervisor"}, 404),
    ("GET", "/rules"): (LOOKS | {"scientist"}, 200),
    ("GET", RULE): (LOOKS | {"scientist"}, 404),
    ("POST", f"{RULE}/release"): (RELEASES, 404),
    ("POST", f"{RULE}/retire"): (RELEASES, 404),
    ("POST", f"{RULE}/preview"): (RELEASES, 404),
    ("GET", "/draft-rule"): ({"analyst"}, 404),
    ("POST", "/draft-rule"): ({"analyst"}, 403),
    ("POST", "/draft-rule/preview"): ({"analyst"}, 403),
    ("GET", "/lookouts"): (RELEASES | AUDITS, 200),
    ("POST", "/lookouts"): (RELEASES, 200),
    ("POST", "/lookouts/{lookout_id}/end"): (RELEASES, 404),
    ("GET", "/suppressions"): (RELEASES | AUDITS, 200),
    ("POST", "/suppressions"): (RELEASES, 200),
    ("POST", "/suppressions/{suppression_id}/end"): (RELEASES, 404),
    ("GET", "/performance"): (FIGURES, 403),
    ("GET", "/models"): (FIGURES, 200),
    ("GET", "/models/shipped"): (FIGURES, 200),
    ("GET", MODEL): (FIGURES, 404),
    ("POST", f"{MODEL}/promote"): (CHOOSES, 404),
    ("POST", f"{MODEL}/challenge"): (CHOOSES, 404),
    ("POST", "/models/retire-challenger"): (CHOOSES, 200),
    ("POST", "/models/rollback"): (CHOOSES, 409),
    ("POST", "/models/kill"): (CHOOSES, 200),
    ("POST", "/models/restore"): (CHOOSES, 200),
    ("GET", "/audit"): (AUDITS, 403),
    ("POST", "/audit/verify"): (AUDITS, 403),
}
"""Who may open what, and what a foreign port gets; written down a second time: a change must be
meant."""

NAMES = {
    "item_id": "V1",
    "rule_id": "solo",
    "shift_id": "day",
    "version": VERSION,
    "lookout_id": "none",
    "suppression_id": "none",
}
ASKED = {"/draft-rule": "?rule=solo"}
PORTLESS = ("/models", "/lookouts", "/suppressions")
NAMES_PORTS = {"/queue", "/queue/items", "/shifts", "/open-shift", "/performance"}
STATUSES = {"refused": 403, "hidden": 404}
FINDING = {"method": "full_search", "minutes": "70", "outcome": "clear"}
DAY = {
    "shift_id": "day",
    "port": "2304",
    "modes": ["pov"],
    "starts_at": "2026-11-24T08:00:00Z",
    "ends_at": "2026-11-24T23:00:00Z",
    "minutes": {"partial_search": 60.0},
}
OPENED = {
    "shift_id": "night",
    "port": "2304",
    "way": "queue",
    "mode-pov": "yes",
    "starts_at": "2026-11-24T06:00",
    "ends_at": "2026-11-24T20:00",
    "minutes.partial_search": "240",
    "exploration_share": "10",
    "plan_every_minutes": "60",
}
WRITTEN = {
    "rule_id": "solo",
    "text": "alone",
    "action": "raise",
    "predicate": "occupants = 1",
    "ports": "2304",
    "days": "28",
}
WATCHED = {"entity_kind": "phone", "entity": "956 555 0142", "expires_at": "2026-12-01T00:00"}
FIELDS = {
    "/draft-rule": WRITTEN,
    "/draft-rule/preview": WRITTEN,
    "/lookouts": WATCHED | {"text": "a tip"},
    "/suppressions": WATCHED | {"reason": "known"},
    f"{ITEM}/skip": {"reason": "no_time"},
    f"{ITEM}/finding": FINDING,
    "/open-shift": OPENED,
}


def _open(
    visitor: Visitor, method: str, path: str, version: Mapping[str, str] | None = None
) -> Page:
    url = path.format_map(NAMES)
    if method == "GET":
        return visitor.get(f"{url}?port=2304" if path in NAMES_PORTS else url + ASKED.get(path, ""))
    token = next(
        (form["form_token"] for _, form in visitor.get("/").forms if "form_token" in form), "none"
    )
    fields = FIELDS.get(path, dict(version or {"version": "1"})) | {
        "idempotency_key": secrets.token_hex(16)
    }
    return visitor.post(url, fields | {"form_token": token})


def _prepare(desk: Desk) -> None:
    """Draft a rule and open a shift, if it is not open."""
    _draft(desk)
    headers = desk.headers("supervisor")
    assert desk.client.post("/v1/shifts", json=DAY, headers=headers).status_code == 201


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


def test_no_page_is_shown_to_who_is_not_signed_in(desk: Desk) -> None:
    desk.score(VEHICLE)
    for method, path in sorted(MATRIX):
        visitor = Visitor(desk)
        assert _open(visitor, method, path).status == 401, (method, path)
        for cookie in ("nonsense", key_of(desk)):
            visitor.client.cookies.set("weir", cookie, domain="127.0.0.1")
            assert _open(visitor, method, path).status == 401, (method, path)


@pytest.mark.parametrize(("method", "path"), sorted(MATRIX))
def test_exactly_the_listed_roles_are_let_in(desk: Desk, method: str, path: str) -> None:
    roles, otherwise = MATRIX[method, path]
    # nothing is installed or looked out for here: who is let in finds nothing to move or to end
    let_in = otherwise if path.startswith(PORTLESS) else 200
    for at, role in enumerate(ROLES):
        desk.clock.forward(minutes=20)
        desk.score(VEHICLE | {"lane": f"L{at}"})
        _prepare(desk)
        ports = () if path.startswith("/audit") else ("2304",)
        version = {"version": str(at + 1)}
        found = _open(_visitor(desk, role, *ports), method, path, version).status
        expected = let_in if role in roles else 403 if role in SIGNED_IN else 401
        assert found == expected, role


def test_a_foreign_port_is_out_of_reach_for_every_role(desk: Desk) -> None:
    desk.score(VEHICLE)
    _prepare(desk)
    visitors = {role: _visitor(desk, role, "5201") for role in sorted(SIGNED_IN)}
    # signing out ends the sessions that all else needs
    for method, path in sorted(MATRIX, key=lambda route: (route[1] == "/sign-out", route)):
        roles, foreign = MATRIX[method, path]
        for role in sorted(roles):
            found = _open(visitors[role], method, path).status
            assert found == foreign, (method, path, role)
