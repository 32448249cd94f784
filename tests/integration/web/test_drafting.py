"""Writing a rule: its faults at their place, its hits on history, and two people to release it."""

import re

from models.predicates.parse import parse
from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import Visitor, visitor_of

DRAFT, PREVIEW = "/draft-rule", "/draft-rule/preview"
RULE = {
    "rule_id": "solo",
    "text": "alone\r\nin a large vehicle",
    "action": "must_inspect",
    "predicate": "occupants = 1\r\nAND body = 'suv'",
    "ports": "2304, 2402",
}
MARKUP = '"><script>alert(1)</script>'


def _form(visitor: Visitor, path: str = DRAFT) -> dict[str, str]:
    return visitor.get(path).form(DRAFT)


def test_an_analyst_previews_saves_and_another_person_releases(desk: Desk) -> None:
    for n in range(6):
        desk.score(VEHICLE | {"item_id": f"V{n}", "plate": f"P{n}", "occupants": 1 + n % 3})
    author, chief = visitor_of(desk, "analyst"), visitor_of(desk, "supervisor")
    form = _form(author) | RULE
    previewed = author.post(PREVIEW, form)
    assert "2 of 6 items (33 %) would have had to be inspected." in previewed.text
    assert "pov 6 2" in previewed.text
    assert "V0" in previewed.text
    assert author.get("/rules").text.count("solo") == 0
    written = previewed.form(DRAFT)
    assert written["predicate"].split() == RULE["predicate"].split()
    author.post(DRAFT, written)
    saved = author.post(DRAFT, written)
    assert saved.path == "/rules/solo"
    assert "The draft is saved" in saved.text
    assert "Says alone in a large vehicle" in saved.text
    assert "Where 2304, 2402" in saved.text
    assert "Version 2" not in saved.text
    looked = chief.post("/rules/solo/preview", chief.get("/rules/solo").form("/rules/solo/preview"))
    assert "2 of 6 items" in looked.text
    released = chief.post("/rules/solo/release", looked.form("/rules/solo/release"))
    assert "Version 1: released" in released.text
    desk.runtime.rules.refresh()
    desk.score(VEHICLE | {"item_id": "V9", "plate": "P9", "occupants": 1})
    assert "Hits 1, 0 inspected" in author.get("/rules/solo").text
    acts = visitor_of(desk, "auditor").get("/audit").text
    assert acts.count("rule.previewed") == 2


def test_the_next_version_begins_with_what_the_last_one_says(desk: Desk) -> None:
    author = visitor_of(desk, "analyst")
    author.post(DRAFT, _form(author) | RULE)
    form = _form(author, "/draft-rule?rule=solo")
    assert form["ports"] == "2304 2402"
    saved = author.post(DRAFT, form | {"predicate": "occupants = 2"})
    assert "Version 2: draft" in saved.text
    assert author.get("/draft-rule?rule=none").status == 404


def test_a_fault_of_the_language_is_shown_at_its_place(desk: Desk) -> None:
    author = visitor_of(desk, "analyst")
    form = _form(author) | RULE | {"predicate": "occupants = 1\r\nAND occupant = 1"}
    for path in (DRAFT, PREVIEW):
        page = author.post(path, form)
        assert page.status == 422
        place = page.markup.partition('id="predicate-fault">')[2].partition("</pre>")[0]
        said, line, caret = place.splitlines()
        assert said.startswith("character 19: ")
        assert line[caret.index("^") :].startswith("occupant ")
        assert page.form(DRAFT)["predicate"].endswith("occupant = 1")


def test_every_other_fault_stands_at_its_field_and_markup_stays_text(desk: Desk) -> None:
    author = visitor_of(desk, "analyst")
    form = _form(author) | RULE
    for field, typed in (
        ("predicate", MARKUP),
        ("predicate", f"body = '{MARKUP}"),
        ("ports", "2304 9999"),
        ("ports", MARKUP),
        ("rule_id", MARKUP),
        ("action", "delete"),
        ("action", ""),
        ("text", ""),
        ("expires_at", "never"),
        ("expires_at", "2026-11-01T00:00"),
    ):
        page = author.post(DRAFT, form | {field: typed})
        assert page.status == 422, (field, typed)
        assert f'id="{field}-fault"' in page.markup, (field, typed)
        assert "<script>" not in page.markup
    assert author.post(PREVIEW, form | {"days": "0"}).status == 422
    saved = author.post(DRAFT, form | {"text": MARKUP, "predicate": "plate_state = '<b>'"})
    assert saved.status == 200
    assert "<script>alert" not in saved.markup
    assert "<b>" not in saved.markup
    assert MARKUP in saved.text


def test_a_form_that_was_saved_is_not_saved_in_other_words(desk: Desk) -> None:
    author = visitor_of(desk, "analyst")
    form = _form(author) | RULE
    author.post(DRAFT, form)
    assert author.post(DRAFT, form | {"text": "other words"}).status == 409


def test_a_port_out_of_reach_is_refused_at_its_field(desk: Desk) -> None:
    author = visitor_of(desk, "analyst", "2304")
    for ports in ("2304 2402", ""):
        page = author.post(DRAFT, _form(author) | RULE | {"ports": ports})
        assert page.status == 403
        assert 'id="ports-fault"' in page.markup


def test_whoever_writes_a_condition_reads_there_what_it_may_name(desk: Desk) -> None:
    page = visitor_of(desk, "analyst").get(DRAFT).markup
    of_items, of_lines, features = (
        re.findall(r"<th scope=\"row\"><code>(\w+)</code>", part)
        for part in page.split("<caption>")[1:]
    )
    for name in of_items + features:
        assert parse(f"{name} IS NULL").columns, name
    for name in of_lines:
        assert parse(f"any_line({name} IS NULL)").columns, name
    assert {"occupants", "filing_itn"} <= set(of_items)
    assert "plate_n_items_7d" in features
