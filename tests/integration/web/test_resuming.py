"""Every form that takes minutes to fill comes back as it was typed after its session is over."""

from collections.abc import Mapping

import pytest

from service.roles import Role
from service.web.typed import may_resume
from tests.declarations import VEHICLE
from tests.integration.web.test_page_routes import FIELDS, NAMES
from tests.serving import Desk
from tests.visitors import Visitor, key_of

ROLES: Mapping[str, Role] = {
    "/draft-rule": "analyst",
    "/draft-rule/preview": "analyst",
    "/lookouts": "analyst",
    "/suppressions": "analyst",
    "/items/{item_id}/skip": "inspector",
    "/items/{item_id}/finding": "inspector",
    "/open-shift": "supervisor",
}


@pytest.mark.parametrize("path", sorted(FIELDS))
def test_what_was_typed_comes_back_and_nothing_is_done_until_it_is_sent_again(
    desk: Desk, path: str
) -> None:
    desk.score(VEHICLE)
    key, address, typed = key_of(desk, ROLES[path]), path.format_map(NAMES), FIELDS[path]
    assert may_resume(address)
    visitor = Visitor(desk)
    visitor.sign_in(key)
    shown = address.removesuffix("/preview")
    form = visitor.get(shown).form(shown) | typed
    desk.clock.forward(hours=1)
    asked = visitor.post(address, form)
    assert asked.status == 401
    assert "What you typed is kept." in asked.text
    back = visitor.post("/sign-in", asked.form("/sign-in") | {"key": key})
    again = visitor.post(address, back.form(address) | {"look_over": "yes"})
    assert again.status == 200
    filled = again.form(shown)
    assert {name: filled.get(name) for name in typed} == dict(typed)
    acts = {row["act"] for row in _rows(desk)}
    assert acts <= {"session.started", "item.read", "findings.read", "audit.read"}


def _rows(desk: Desk) -> list[dict[str, str]]:
    reply = desk.client.get("/v1/audit", headers=desk.headers("auditor"))
    rows: list[dict[str, str]] = reply.json()["rows"]
    return rows
