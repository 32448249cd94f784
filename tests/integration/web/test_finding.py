"""The finding form: saved once, corrected, and never lost."""

import re
from typing import Any, NoReturn

import pytest

from service.store.engine import StoreUnavailable
from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import Page, Visitor, key_of, visitor_of

FORM = "/items/V1/finding"
FOUND = {
    "method": "full_search",
    "minutes": "62.5",
    "outcome": "find",
    "n_firearms": "2",
    "n_rounds": "1,000",
    "reason": "dog_alert",
    "note": "under the seat,\r\nwrapped",
}


def _kept(desk: Desk) -> list[dict[str, Any]]:
    headers = desk.headers("supervisor")
    reply = desk.client.get("/v1/items/V1/inspections", headers=headers)
    rows: list[dict[str, Any]] = reply.json()["inspections"]
    return rows


def _save(visitor: Visitor, fields: dict[str, str]) -> Page:
    return visitor.post(FORM, visitor.get(FORM).form(FORM) | fields)


def test_a_finding_is_saved_as_it_was_typed(desk: Desk) -> None:
    desk.score(VEHICLE)
    page = _save(visitor_of(desk), FOUND)
    assert (page.status, page.path) == (200, "/items/V1")
    assert "The finding is saved." in page.text
    (kept,) = _kept(desk)
    assert kept["n_firearms"] == 2
    assert kept["n_rounds"] == 1000
    assert kept["minutes"] == 62.5
    assert kept["note"] == "under the seat, wrapped"


def test_pressed_twice_or_sent_again_it_is_saved_once(desk: Desk) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    form = visitor.get(FORM).form(FORM) | FOUND
    assert [visitor.post(FORM, form).path for _ in range(3)] == ["/items/V1"] * 3
    assert len(_kept(desk)) == 1


def test_whoever_goes_back_and_changes_what_was_saved_is_told(desk: Desk) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    form = visitor.get(FORM).form(FORM) | FOUND
    visitor.post(FORM, form)
    page = visitor.post(FORM, form | {"n_firearms": "3"})
    assert page.status == 409
    assert "this was saved before in other words" in page.text
    assert page.form(FORM)["n_firearms"] == "3"
    assert len(_kept(desk)) == 1


def test_whoever_opens_the_form_again_sees_what_is_saved(desk: Desk) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    _save(visitor, FOUND)
    page = visitor.get(FORM)
    assert "A finding is saved for this item" in page.text
    assert FORM not in dict(page.forms)
    assert FORM in dict(visitor.get(f"{FORM}?again=true").forms)


def test_a_finding_is_corrected_with_what_it_said_filled_in(desk: Desk) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    _save(visitor, FOUND)
    (link,) = set(re.findall(r"/items/V1/finding\?corrects=\w+", visitor.get("/items/V1").markup))
    form = visitor.get(link).form(FORM)
    assert {name: form[name] for name in ("method", "minutes", "n_firearms")} == {
        "method": "full_search",
        "minutes": "62.5",
        "n_firearms": "2",
    }
    desk.clock.forward(minutes=1)
    page = visitor.post(FORM, form | {"outcome": "find", "n_firearms": "1"})
    assert "The finding is saved." in page.text
    first, second = _kept(desk)
    assert (second["supersedes"], second["n_firearms"]) == (first["inspection_id"], 1)
    assert "was corrected" in page.text
    late = visitor.post(FORM, form | {"outcome": "find", "idempotency_key": "0" * 32})
    assert late.status == 409
    assert "was corrected already" in late.text


def test_correcting_what_is_not_there_is_refused(desk: Desk) -> None:
    desk.score(VEHICLE)
    assert visitor_of(desk).get(f"{FORM}?corrects=nothing").status == 422


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": ""}, "How it was examined"),
        ({"method": "container_devan"}, "not an exam of pov"),
        ({"minutes": "an hour"}, "Minutes"),
        ({"minutes": "-1"}, "Minutes"),
        ({"minutes": "nan"}, "Minutes"),
        ({"outcome": ""}, "Outcome"),
        ({"outcome": "clear"}, "correct the counts or the outcome"),
        ({"n_firearms": "two"}, "Firearms"),
        ({"n_firearms": "1.5"}, "Firearms"),
        ({"reason": "other", "note": ""}, "say in a note"),
        ({"note": "x" * 501}, "Note"),
        ({"note": "a\u202eb"}, "Note"),
        ({"reason": "mood"}, "Why it was chosen"),
        ({"idempotency_key": "short"}, "not ours"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_that_was_typed_is_lost(
    desk: Desk, change: dict[str, str], words: str
) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    page = _save(visitor, FOUND | change)
    assert page.status == 422
    assert "Nothing was saved yet" in page.text
    assert words in page.text
    again = page.form(FORM)
    typed = FOUND | {"note": FOUND["note"].replace("\r\n", "\n")} | change
    kept = {name: again[name].replace("\r\n", "\n") for name in ("minutes", "n_firearms", "note")}
    assert kept == {name: typed[name] for name in kept}
    assert _kept(desk) == []


def test_what_was_typed_survives_a_session_that_is_over(desk: Desk) -> None:
    desk.score(VEHICLE)
    key = key_of(desk)
    visitor = Visitor(desk)
    visitor.sign_in(key)
    form = visitor.get(FORM).form(FORM) | FOUND
    desk.clock.forward(hours=1)
    asked = visitor.post(FORM, form)
    assert asked.status == 401
    assert "What you typed is kept." in asked.text
    assert form["form_token"] not in asked.markup
    wrong = visitor.post("/sign-in", asked.form("/sign-in") | {"key": "nonsense"})
    assert wrong.status == 401
    back = visitor.post("/sign-in", wrong.form("/sign-in") | {"key": key})
    assert "You are signed in again" in back.text
    shown = visitor.post(FORM, back.form(FORM) | {"look_over": "yes"})
    filled = shown.form(FORM)
    assert _kept(desk) == []
    assert {name: filled[name] for name in FOUND if name != "note"} == {
        name: value for name, value in FOUND.items() if name != "note"
    }
    assert "wrapped" in filled["note"]
    assert visitor.post(FORM, filled).path == "/items/V1"
    assert len(_kept(desk)) == 1


def test_a_finding_that_was_saved_before_the_session_ended_is_not_saved_again(desk: Desk) -> None:
    desk.score(VEHICLE)
    key = key_of(desk)
    visitor = Visitor(desk)
    visitor.sign_in(key)
    form = visitor.get(FORM).form(FORM) | FOUND
    visitor.post(FORM, form)
    desk.clock.forward(hours=1)
    asked = visitor.post(FORM, form)
    back = visitor.post("/sign-in", asked.form("/sign-in") | {"key": key})
    shown = visitor.post(FORM, back.form(FORM) | {"look_over": "yes"})
    assert visitor.post(FORM, shown.form(FORM)).path == "/items/V1"
    assert len(_kept(desk)) == 1


def test_markup_that_was_typed_comes_back_as_text(desk: Desk) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    evil = '"><script>alert(1)</script></textarea><b>'
    page = _save(visitor, FOUND | {"note": evil, "minutes": evil, "method": evil, "reason": evil})
    assert page.status == 422
    assert "<script>" not in page.markup
    assert page.form(FORM)["note"] == evil
    form = visitor.get(FORM).form(FORM) | FOUND | {"note": evil}
    desk.clock.forward(hours=1)
    assert "<script>" not in visitor.post(FORM, form).markup


def test_a_form_that_the_store_cannot_take_now_is_given_back_to_be_sent_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    form = visitor.get(FORM).form(FORM) | FOUND
    with monkeypatch.context() as trouble:
        trouble.setattr("service.acting.perform", _unavailable)
        page = visitor.post(FORM, form)
    assert page.status == 503
    assert page.headers["retry-after"] == "1"
    assert "What you typed is kept on this page." in page.text
    again = page.form(FORM)
    assert again == form
    assert visitor.post(FORM, again).path == "/items/V1"
    assert len(_kept(desk)) == 1


def _unavailable(*_: object) -> NoReturn:
    raise StoreUnavailable("the store takes no writes now; send it again", reason="full")
