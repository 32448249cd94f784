"""The pages of shifts: opening one, planning it again, what is left, and what stays hidden."""

import re

from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import Page, Visitor, visitor_of

SOON = VEHICLE | {"presented_at": "2026-11-24T09:00:00Z", "departs_at": "2026-11-24T18:00:00Z"}
OPEN = "/open-shift"
TYPED = {
    "shift_id": "night",
    "mode-pov": "yes",
    "ends_at": "2026-11-24T08:00",
    "minutes.partial_search": "240",
    "exploration_share": "50 %",
}
CHOSEN_BY = re.compile("(?:Yes|Not yet) (?:A rule|The risk|Chance|An officer)")
MARKUP = '"><b>x</b>'


def _form(visitor: Visitor, port: str = "2304") -> dict[str, str]:
    return visitor.get(f"{OPEN}?port={port}").form(OPEN) | TYPED


def _post(desk: Desk, n: int) -> None:
    for number in range(n):
        desk.score(SOON | {"item_id": f"V{number}", "plate": f"P{number}", "occupants": number % 5})


def _chosen(page: Page) -> list[str]:
    return re.findall(r'<a href="/items/([^"]+)"', page.markup)


def test_a_shift_is_opened_in_the_time_of_its_port_and_once(desk: Desk) -> None:
    visitor = visitor_of(desk, "supervisor")
    form = _form(visitor)
    assert (form["port"], form["starts_at"]) == ("2304", "2026-11-24T03:00")
    visitor.post(OPEN, form)
    page = visitor.post(OPEN, form)
    assert page.path == "/shifts/night"
    assert "The shift is open." in page.text
    assert "24 Nov 2026, 03:00 CST" in page.text
    assert "Minutes that chance gets 50 in 100" in page.text
    assert "Search of the usual hiding places 240 0 240" in page.text
    listed = visitor.get("/shifts?port=2304&day=2026-11-24")
    assert listed.text.count("night") == 1
    assert "There is no shift here." in visitor.get("/shifts?port=2304&day=2026-11-23").text


def test_how_chance_draws_is_as_usual_unless_it_is_typed_otherwise(desk: Desk) -> None:
    visitor = visitor_of(desk, "supervisor")
    form = _form(visitor)
    usual = visitor.post(OPEN, form)
    assert "50 in 100 evenly, the rest towards the risk (power 0.5); at least 1" in usual.text
    typed = {"floor": "3", "uniform_share": "80 %", "tilt": "rules", "exponent": "0.75"}
    visitor.post(OPEN, form | {"shift_id": "other"} | typed)
    shift = desk.client.get("/v1/shifts/other", headers=desk.headers("supervisor")).json()
    drawn = {name: shift[name] for name in typed}
    assert drawn == {"floor": 3.0, "uniform_share": 0.8, "tilt": "rules", "exponent": 0.75}
    told = visitor.get("/shifts/other").text
    assert "80 in 100 evenly, the rest towards rules that were hit" in told
    left_empty = form | {"shift_id": "third"} | dict.fromkeys(typed, "")
    visitor.post(OPEN, left_empty)
    shift = desk.client.get("/v1/shifts/third", headers=desk.headers("supervisor")).json()
    assert [shift[name] for name in typed] == [1.0, 0.5, "risk", 0.5]


def test_a_plan_spends_what_is_due_and_tells_who_chose_once_the_finding_is_in(desk: Desk) -> None:
    _post(desk, 12)
    visitor = visitor_of(desk, "supervisor")
    page = visitor.post(OPEN, _form(visitor))
    plan = "/shifts/night/plan"
    planned = visitor.post(plan, page.form(plan))
    assert "It is planned anew." in planned.text
    chosen = _chosen(planned)
    used = 15.0 * len(chosen)
    assert chosen
    assert f"240 {used:g} {240 - used:g}" in planned.text
    assert not CHOSEN_BY.search(planned.text)
    finding = {"item_id": chosen[0], "method": "partial_search", "minutes": 15.0}
    headers = desk.headers() | {"Idempotency-Key": "finding-1"}
    body = finding | {"outcome": "clear"}
    assert desk.client.post("/v1/inspections", json=body, headers=headers).status_code == 201
    told = visitor.get("/shifts/night").text
    assert CHOSEN_BY.findall(told) in (["Yes Chance"], ["Yes The risk"])
    assert told.count("Not yet") == len(chosen) - 1
    desk.clock.forward(hours=1)
    visitor = visitor_of(desk, "supervisor")
    again = visitor.post(plan, visitor.get("/shifts/night").form(plan))
    assert set(chosen) < set(_chosen(again))
    desk.clock.forward(hours=9)
    visitor = visitor_of(desk, "supervisor")
    assert "This shift is over." in visitor.get("/shifts/night").text
    token = {"form_token": visitor.get("/shifts").form("/sign-out")["form_token"]}
    assert visitor.post(plan, token).status == 409


def test_faults_stand_at_their_fields_and_what_was_typed_stays(desk: Desk) -> None:
    visitor = visitor_of(desk, "supervisor")
    form = _form(visitor)
    for field, typed, fault in (
        ("port", "9999", "port"),
        ("starts_at", "tonight", "starts_at"),
        ("ends_at", "2026-11-24T02:00", "ends_at"),
        ("minutes.partial_search", "many", "minutes.partial_search"),
        ("minutes.parcel_xray", MARKUP, "minutes.parcel_xray"),
        ("shift_id", "none", "shift_id"),
        ("way", "lane", "expected_items"),
        ("exploration_share", MARKUP, "exploration_share"),
        ("floor", MARKUP, "floor"),
        ("uniform_share", "49", "uniform_share"),
        ("tilt", "nowhere", "tilt"),
        ("exponent", "2", "exponent"),
    ):
        page = visitor.post(OPEN, form | {field: typed})
        assert page.status == 422, field
        assert f'id="{fault}-fault"' in page.markup, field
        assert "<b>" not in page.markup
        if field != "tilt":
            assert page.form(OPEN)[field] == typed
    without = {name: value for name, value in form.items() if name != "mode-pov"}
    assert 'id="modes-fault"' in visitor.post(OPEN, without).markup
    other = visitor.post(OPEN, form | {"mode-pov": "yes", "mode-mail": "yes"})
    assert "no method in minutes examines mail" in other.text


def test_a_name_that_is_taken_and_a_lane_that_is_decided_in_are_told(desk: Desk) -> None:
    visitor = visitor_of(desk, "supervisor")
    form = _form(visitor) | {"way": "lane", "expected_items": "400"}
    page = visitor.post(OPEN, form)
    assert "nothing to plan" in page.text
    assert "/shifts/night/plan" not in dict(page.forms)
    taken = visitor.post(OPEN, form | {"expected_items": "500"})
    assert (taken.status, 'id="shift_id-fault"' in taken.markup) == (409, True)
    second = visitor.post(OPEN, form | {"shift_id": "other"})
    assert (second.status, 'id="modes-fault"' in second.markup) == (409, True)


def test_what_was_typed_outlives_the_session(desk: Desk) -> None:
    visitor = visitor_of(desk, "supervisor")
    form = _form(visitor)
    visitor.client.cookies.clear()
    again = visitor.post(OPEN, form)
    assert again.status == 401
    headers = desk.headers("supervisor")
    key = headers["Authorization"].removeprefix("Bearer ")
    resumed = visitor.post("/sign-in", again.form("/sign-in") | {"key": key})
    shown = visitor.post(OPEN, resumed.form(OPEN) | {"look_over": "yes"})
    assert shown.form(OPEN)["minutes.partial_search"] == "240"
    assert shown.form(OPEN)["mode-pov"] == "yes"


def test_others_look_at_shifts_of_their_ports_and_move_none(desk: Desk) -> None:
    boss = visitor_of(desk, "supervisor", "2304")
    boss.post(OPEN, boss.get(OPEN).form(OPEN) | TYPED)
    inspector = visitor_of(desk, "inspector", "2304")
    page = inspector.get("/shifts/night")
    assert page.status == 200
    assert "/shifts/night/plan" not in dict(page.forms)
    assert OPEN not in inspector.get("/shifts").markup
    assert "night" not in visitor_of(desk, "auditor", "5201").get("/shifts").text
