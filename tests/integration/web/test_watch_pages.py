"""The pages of lookouts and suppressions: made once, listed, ended."""

import pytest

from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import visitor_of

SOON = {"expires_at": "2026-12-01T00:00"}
PLATE = {"entity_kind": "plate", "entity": "TX:ABC 1234"} | SOON
MARKUP = '"><i>x</i>'


def test_a_lookout_is_made_once_hits_and_is_ended(desk: Desk) -> None:
    analyst = visitor_of(desk, "analyst")
    form = analyst.get("/lookouts").form("/lookouts") | PLATE
    form |= {"text": f"a tip {MARKUP}", "action": "must_inspect"}
    analyst.post("/lookouts", form)
    page = analyst.post("/lookouts", form)
    assert page.text.count("a tip") == 1
    assert "<i>" not in page.markup
    assert "Must be inspected" in page.text
    desk.runtime.rules.refresh()
    assert any("a tip" in hit["text"] for hit in desk.score(VEHICLE)["rule_hits"])
    (end,) = (action for action, _ in page.forms if action.endswith("/end"))
    boss = visitor_of(desk, "supervisor")
    ended = boss.post(end, boss.get("/lookouts").form(end))
    assert "None is in force." in ended.text
    assert boss.post("/lookouts/none/end", page.form(end)).status == 403


def test_a_suppression_is_made_and_the_auditor_only_looks(desk: Desk) -> None:
    boss = visitor_of(desk, "supervisor")
    form = boss.get("/suppressions").form("/suppressions") | PLATE | {"reason": "a known carrier"}
    assert "action" not in form
    assert "a known carrier" in boss.post("/suppressions", form).text
    seen = visitor_of(desk, "auditor").get("/suppressions")
    assert "a known carrier" in seen.text
    assert {action for action, _ in seen.forms} == {"/sign-out"}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("entity_kind", "ship"),
        ("entity", "---"),
        ("entity", MARKUP[:2]),
        ("reason", ""),
        ("expires_at", "soon"),
        ("expires_at", "2028-01-01T00:00"),
    ],
)
def test_faults_stand_at_their_fields(desk: Desk, field: str, typed: str) -> None:
    boss = visitor_of(desk, "supervisor")
    form = boss.get("/suppressions").form("/suppressions") | PLATE | {"reason": MARKUP}
    page = boss.post("/suppressions", form | {field: typed})
    assert page.status == 422
    assert f'id="{field}-fault"' in page.markup
    assert "<i>" not in page.markup
    assert page.form("/suppressions")["entity"] == (typed if field == "entity" else "TX:ABC 1234")
    assert "None is in force." in page.text
