"""The pages of rules: what each says, and two people to put it in force."""

from tests.serving import Desk
from tests.visitors import Visitor, key_of, visitor_of

RULE = {
    "rule_id": "solo",
    "text": "<b>alone</b> in a large vehicle",
    "action": "raise",
    "predicate": "occupants = 1",
}
RELEASE, RETIRE = "/rules/solo/release", "/rules/solo/retire"


def _drafted(desk: Desk) -> Visitor:
    """Draft the rule, and give its author's browser."""
    key = key_of(desk, "analyst")
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "draft-solo"}
    assert desk.client.post("/v1/rules", json=RULE, headers=headers).status_code == 201
    author = Visitor(desk)
    author.sign_in(key)
    return author


def test_who_drafted_a_rule_does_not_put_it_in_force_and_somebody_else_does(desk: Desk) -> None:
    author = _drafted(desk)
    page = author.get("/rules/solo")
    assert "Version 1: draft" in page.text
    own = author.post(RELEASE, page.form(RELEASE))
    assert own.status == 403
    assert "somebody else releases it" in own.text
    chief = visitor_of(desk, "supervisor")
    released = chief.post(RELEASE, chief.get("/rules/solo").form(RELEASE))
    assert "Version 1: released" in released.text
    retired = author.post(RETIRE, author.get("/rules/solo").form(RETIRE))
    assert "Version 1: retired" in retired.text
    assert RETIRE not in dict(retired.forms)


def test_markup_in_a_rule_shows_as_text(desk: Desk) -> None:
    author = _drafted(desk)
    for path in ("/rules", "/rules/solo"):
        page = author.get(path)
        assert "<b>" not in page.markup
        assert "<b>alone</b>" in page.text


def test_an_inspector_reads_rules_and_moves_none(desk: Desk) -> None:
    _drafted(desk)
    inspector = visitor_of(desk)
    page = inspector.get("/rules/solo")
    assert page.status == 200
    assert "Hits" not in page.text
    assert RELEASE not in dict(page.forms)
    assert inspector.get("/rules/none").status == 404


def test_a_version_that_is_none_is_refused(desk: Desk) -> None:
    author = _drafted(desk)
    form = author.get("/rules/solo").form(RETIRE)
    assert author.post(RETIRE, form | {"version": "x"}).status == 422
    assert author.post(RETIRE, form | {"version": "9"}).status == 404
