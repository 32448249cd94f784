"""The item page: what is declared, why, what surrounds it; claims; what it shows to whom."""

from service.roles import Role
from tests.declarations import LINE, SHIPMENT, VEHICLE
from tests.serving import Desk, MakeDesk
from tests.visitors import visitor_of

MARKUP = "<b id=x>&\"'</b><script>alert(1)</script>"
FIREARM = LINE | {"schedule_b": "9302.00", "description": "pistols", "value_usd": 900.0}


def _acts(desk: Desk) -> list[tuple[str, str]]:
    rows = desk.client.get("/v1/audit", headers=desk.headers("auditor")).json()["rows"]
    return [(row["act"], row["subject"]) for row in rows if row["subject"]]


def test_the_page_says_what_is_declared_and_the_look_is_kept(desk: Desk) -> None:
    desk.score(VEHICLE | {"model_year": 2014})
    page = visitor_of(desk).get("/items/V1")
    assert page.status == 200
    for words in ("SUV of 2014, lane 3", "ABC1234", "Laredo", "Mexico", "Full search of a vehicle"):
        assert words in page.text
    assert _acts(desk) == [
        ("item.read", "V1"),
        ("surroundings.read", "V1"),
        ("findings.read", "V1"),
    ]


def test_the_law_is_said_of_every_line_and_broken_rules_come_first(desk: Desk) -> None:
    desk.score(SHIPMENT | {"content": "merchandise", "lines": [LINE, FIREARM]})
    page = visitor_of(desk).get("/items/S1")
    assert "Must be inspected" in page.text
    assert "a firearm needs a filing whatever its value and destination" in page.text
    assert "15 CFR 30.37(a)" in page.text
    assert page.text.index("Rules that it hits") < page.text.index("What is declared")


def test_reasons_have_direction_and_strength_and_inspectors_see_no_numbers(desk: Desk) -> None:
    answer = desk.score(VEHICLE | {"occupants": 3})
    assert answer["risk"] > 0.2
    page = visitor_of(desk).get("/items/V1")
    for reason in answer["reasons"]:
        assert reason["text"] in page.text
    assert "Raises the risk, strong" in page.text
    without: tuple[Role, ...] = ("inspector", "supervisor", "analyst", "admin")
    for role in without:
        assert f"{answer['risk']:.4f}" not in visitor_of(desk, role).get("/items/V1").markup
    numbers: tuple[Role, ...] = ("scientist", "auditor")
    for role in numbers:
        assert f"{answer['risk']:.4f}" in visitor_of(desk, role).get("/items/V1").markup


def test_who_learns_or_checks_sees_tokens_in_place_of_names(desk: Desk) -> None:
    desk.score(VEHICLE)
    roles: tuple[Role, ...] = ("scientist", "auditor")
    for role in roles:
        page = visitor_of(desk, role).get("/items/V1")
        assert page.status == 200
        assert "ABC1234" not in page.markup
        assert "shown as tokens" in page.text


def test_history_is_as_of_now_at_this_port(desk: Desk) -> None:
    for days, port in ((5, "2304"), (3, "2304"), (2, "2402")):
        past = VEHICLE | {"item_id": f"P{days}", "port": port}
        desk.score(past | {"presented_at": f"2026-11-{24 - days}T10:00:00Z"})
        desk.clock.forward(seconds=1)
    desk.clock.forward(days=1)
    desk.score(VEHICLE | {"presented_at": "2026-11-25T09:00:00Z"})
    page = visitor_of(desk).get("/items/V1")
    assert page.markup.count("<circle") == 2
    assert "plate 2 1" in page.text


def test_linked_parties_and_what_agencies_say_are_shown(desk: Desk) -> None:
    desk.score(SHIPMENT | {"item_id": "S0", "phone": "555 0100", "shipper": "another"})
    signal = {"signal_id": "G1", "kind": "lookout", "entity_kind": "phone", "entity": "5550100"}
    body = {"signals": [signal | {"strength": 0.5}]}
    feed = desk.headers_of("feed", "ATF")
    assert desk.client.post("/v1/signals", json=body, headers=feed).status_code == 201
    desk.clock.forward(hours=2)
    desk.score(SHIPMENT | {"phone": "555 0100"})
    page = visitor_of(desk).get("/items/S1")
    assert "lookout by ATF" in page.text
    assert "phone shipper" in page.text
    assert "another" not in page.text.replace("In another's hand", "")


def test_an_item_out_of_reach_is_as_if_there_were_none(desk: Desk) -> None:
    desk.score(VEHICLE)
    foreign, none = (
        visitor_of(desk, "inspector", "5201").get(f"/items/{item}") for item in ("V1", "V9")
    )
    assert (foreign.status, none.status) == (404, 404)
    assert foreign.text.replace("V1", "V9").split("number")[0] == none.text.split("number")[0]


def test_without_a_model_the_pages_say_that_the_rules_alone_answer(make_desk: MakeDesk) -> None:
    from tests.serving import Shelf  # noqa: PLC0415 - beside its one use

    desk = make_desk(Shelf())
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    assert "Rules only." in visitor.get("/queue").text
    page = visitor.get("/items/V1")
    assert "Rules only." in page.text
    assert "Not judged" in page.text


def test_one_tap_claims_an_item_and_another_is_told(desk: Desk) -> None:
    desk.score(VEHICLE)
    one, other = visitor_of(desk), visitor_of(desk)
    pages = [each.get("/queue") for each in (one, other)]
    won = one.post("/items/V1/claim", pages[0].form("/items/V1/claim"))
    assert (won.status, won.path) == (200, "/items/V1")
    assert "It is in your hand." in won.text
    lost = other.post("/items/V1/claim", pages[1].form("/items/V1/claim"))
    assert lost.status == 409
    assert "somebody else has this item in hand" in lost.text
    assert "In another's hand" in other.get("/queue").text
    assert "In your hand" in one.get("/queue").text
    assert other.get("/queue").forms[-1][0] != "/items/V1/claim"


def test_a_claim_can_be_let_go_and_a_supervisor_can_take_it(desk: Desk) -> None:
    desk.score(VEHICLE)
    one, chief = visitor_of(desk), visitor_of(desk, "supervisor")
    page = one.post("/items/V1/claim", one.get("/queue").form("/items/V1/claim"))
    taken = chief.post("/items/V1/release", chief.get("/items/V1").form("/items/V1/release"))
    assert "in nobody's hand" in taken.text
    again = one.post("/items/V1/release", page.form("/items/V1/release"))
    assert again.status == 200


def test_letting_go_needs_a_reason_and_takes_the_item_off_the_queue(desk: Desk) -> None:
    desk.score(VEHICLE)
    visitor = visitor_of(desk)
    form = visitor.get("/items/V1/skip").form("/items/V1/skip")
    assert visitor.post("/items/V1/skip", form).status == 422
    other = visitor.post("/items/V1/skip", form | {"reason": "other", "detail": ""})
    assert other.status == 422
    assert "say what the other reason is" in other.text
    done = visitor.post("/items/V1/skip", other.form("/items/V1/skip") | {"detail": "road\nshut"})
    assert (done.status, done.path) == (200, "/items/V1")
    assert "off the queue" in done.text
    assert "Nothing is waiting here." in visitor.get("/queue").text
    otherwise = visitor.post("/items/V1/skip", form | {"reason": "no_time"})
    assert otherwise.status == 409


def test_markup_in_signals_and_notes_and_skips_shows_as_text(desk: Desk) -> None:
    desk.score(VEHICLE)
    signal = {"signal_id": "G1", "kind": "tip", "entity_kind": "plate", "entity": "TX:ABC1234"}
    signals = {"signals": [signal | {"strength": 0.5, "detail": MARKUP}]}
    feed = desk.headers_of("feed", "<i>ATF</i>")
    assert desk.client.post("/v1/signals", json=signals, headers=feed).status_code == 201
    finding = {"item_id": "V1", "method": "full_search", "minutes": 9, "outcome": "clear"}
    headers = desk.headers() | {"Idempotency-Key": "k" * 16}
    noted = finding | {"note": MARKUP}
    assert desk.client.post("/v1/inspections", json=noted, headers=headers).status_code == 201
    desk.clock.forward(minutes=1)
    page = visitor_of(desk).get("/items/V1")
    assert "<b id=x>" not in page.markup
    assert "<i>" not in page.markup
    assert MARKUP in page.text
    assert "<i>ATF</i>" in page.text
