"""Signing in by key: cookies, sessions, what ends them, and what other sites cannot do."""

import pytest

from service.store.keys import revoke_key
from tests.declarations import VEHICLE
from tests.serving import Desk, MakeDesk
from tests.visitors import HOME, Visitor, key_of, visitor_of


def _cookie(desk: Desk, home: str) -> str:
    visitor = Visitor(desk, home)
    fields = {"key": key_of(desk), "then": "/"}
    reply = visitor.client.post("/sign-in", data=fields, follow_redirects=False)
    assert reply.status_code == 303
    return str(reply.headers["set-cookie"])


def test_whoever_is_not_signed_in_is_asked_to_and_then_goes_where_they_wanted(desk: Desk) -> None:
    visitor = Visitor(desk)
    page = visitor.get("/queue?mode=pov")
    assert page.status == 401
    assert page.form("/sign-in")["then"] == "/queue?mode=pov"
    after = visitor.post("/sign-in", page.form("/sign-in") | {"key": key_of(desk)})
    assert (after.status, after.path) == (200, "/queue")


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_connections(
    desk: Desk,
) -> None:
    plain = _cookie(desk, HOME)
    assert plain.startswith("weir=")
    assert "HttpOnly" in plain
    assert "SameSite=strict" in plain
    assert "Secure" not in plain
    secure = _cookie(desk, "https://weir.example")
    assert secure.startswith("__Host-weir=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=strict"} <= set(secure.split("; "))
    assert "Domain" not in secure


def test_no_key_is_taken_over_a_connection_that_others_can_hear(desk: Desk) -> None:
    visitor = Visitor(desk, "http://weir.example")
    assert visitor.get("/sign-in").status == 400
    page = visitor.post("/sign-in", {"key": key_of(desk)})
    assert page.status == 400
    assert "https" in page.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("key", ["", "nonsense", "weir_000000000000_" + "0" * 64])
def test_a_key_that_is_not_valid_is_refused_without_telling_why(desk: Desk, key: str) -> None:
    page = Visitor(desk).sign_in(key)
    assert page.status == 401
    assert "this key is not valid" in page.text
    assert key not in page.markup or not key


def test_machines_have_no_pages(desk: Desk) -> None:
    page = Visitor(desk).sign_in(key_of(desk, "feed"))
    assert page.status == 403
    assert "has no pages" in page.text


def test_a_session_can_be_narrowed_to_the_port_of_the_shift(desk: Desk) -> None:
    key = key_of(desk, "inspector", "2304", "2402")
    assert Visitor(desk).sign_in(key, port="5201").status == 403
    assert Visitor(desk).sign_in(key, port="0000").status == 422
    visitor = Visitor(desk)
    assert visitor.sign_in(key, port="2402").status == 200
    assert visitor.get("/queue?port=2402").status == 200
    assert visitor.get("/queue?port=2304").status == 403


def test_a_session_ends_when_nothing_is_done(make_desk: MakeDesk) -> None:
    desk = make_desk(session_idle_minutes=30, session_hours=12)
    visitor = visitor_of(desk)
    for _ in range(5):
        desk.clock.forward(minutes=29)
        assert visitor.get("/queue").status == 200
    desk.clock.forward(minutes=31)
    page = visitor.get("/queue")
    assert page.status == 401
    assert "your session is over" in page.text


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(desk: Desk) -> None:
    visitor = visitor_of(desk)
    statuses = []
    for _ in range(3):
        desk.clock.forward(minutes=10)
        statuses.append(visitor.get("/queue/items").status)
    assert statuses == [200, 200, 401]


def test_a_session_ends_with_the_shift_whatever_is_done(make_desk: MakeDesk) -> None:
    desk = make_desk(session_hours=1)
    visitor = visitor_of(desk)
    for _ in range(5):
        desk.clock.forward(minutes=11)
        assert visitor.get("/queue").status == 200
    desk.clock.forward(minutes=5)
    assert visitor.get("/queue").status == 401


def test_revoking_a_key_ends_its_sessions_at_once(desk: Desk) -> None:
    key = key_of(desk)
    visitor = Visitor(desk)
    visitor.sign_in(key)
    assert visitor.get("/queue").status == 200
    with desk.runtime.store.write() as connection:
        revoke_key(connection, key.split("_")[1], desk.clock())
    assert visitor.get("/queue").status == 401


def test_who_signs_out_is_out_even_with_the_old_cookie(desk: Desk) -> None:
    visitor = visitor_of(desk)
    cookie = visitor.client.cookies["weir"]
    out = visitor.post("/sign-out", visitor.get("/queue").form("/sign-out"))
    assert out.path == "/sign-in"
    visitor.client.cookies.set("weir", cookie, domain="127.0.0.1")
    assert visitor.get("/queue").status == 401


def test_signing_in_and_out_are_acts(desk: Desk) -> None:
    visitor = visitor_of(desk)
    visitor.post("/sign-out", visitor.get("/queue").form("/sign-out"))
    rows = desk.client.get("/v1/audit", headers=desk.headers("auditor")).json()["rows"]
    assert [row["act"] for row in rows] == ["session.started", "session.ended"]


def test_a_form_of_another_session_or_of_none_is_refused(desk: Desk) -> None:
    visitor, other = visitor_of(desk), visitor_of(desk)
    for forged in ({"a": "b"}, {"form_token": ""}, other.get("/queue").form("/sign-out")):
        page = visitor.post("/sign-out", forged)
        assert page.status == 403
        assert "not of this session" in page.text
    assert visitor.get("/queue").status == 200


def test_a_form_that_another_site_sends_is_refused(desk: Desk) -> None:
    visitor = visitor_of(desk)
    form = visitor.get("/queue").form("/sign-out")
    page = visitor.post("/sign-out", form, **{"Sec-Fetch-Site": "cross-site"})
    assert page.status == 403
    foreign = {"Sec-Fetch-Site": "same-site"}
    assert Visitor(desk).post("/sign-in", {"key": key_of(desk)}, **foreign).status == 403


def test_nobody_is_sent_to_another_site_after_signing_in(desk: Desk) -> None:
    for then in ("//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example"):
        visitor = Visitor(desk)
        fields = {"key": key_of(desk), "then": then}
        reply = visitor.client.post("/sign-in", data=fields, follow_redirects=False)
        assert reply.headers["location"] == "/"


def test_a_key_cannot_be_guessed_quickly(desk: Desk) -> None:
    statuses = [Visitor(desk).sign_in("nonsense").status for _ in range(12)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_a_form_that_cannot_be_read_is_refused(desk: Desk) -> None:
    visitor = visitor_of(desk)
    post = visitor.client.post
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post("/sign-out", content=b"a=%ff", headers=form).status_code == 422
    assert post("/sign-out", content="a=ü".encode(), headers=form).status_code == 422
    assert post("/sign-out", content=b"nothing", headers=form).status_code == 422
    assert post("/sign-out", content=b"a=1&a=2", headers=form).status_code == 422
    assert post("/sign-out", content=b"a=" + b"x" * 70_000, headers=form).status_code == 413
    assert post("/sign-out", json={}).status_code == 415


def test_every_page_keeps_scripts_of_others_out(desk: Desk) -> None:
    visitor = visitor_of(desk)
    desk.score(VEHICLE)
    for path in ("/sign-in", "/queue", "/nothing-here", "/queue?port=x"):
        headers = visitor.client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_no_page_has_inline_scripts_styles_or_anything_from_elsewhere(desk: Desk) -> None:
    visitor = visitor_of(desk)
    desk.score(VEHICLE)
    for path in ("/sign-in", "/queue"):
        markup = visitor.get(path).markup
        for forbidden in (
            "http://",
            "https://",
            "//cdn",
            "<style",
            "style=",
            "onclick",
            "<script>",
        ):
            assert forbidden not in markup, (path, forbidden)


def test_style_and_script_are_served_from_here_and_kept_as_long_as_they_are_the_same(
    desk: Desk,
) -> None:
    visitor = Visitor(desk)
    markup = visitor.get("/sign-in").markup
    for name in ("weir.css", "weir.js", "weir.svg"):
        address = next(part for part in markup.split('"') if name in part)
        reply = visitor.client.get(address)
        assert reply.status_code == 200
        assert "immutable" in reply.headers["cache-control"]
        assert visitor.client.get(f"/static/{name}").headers["cache-control"] == "no-cache"
    assert visitor.client.get("/static/base.html").status_code == 404
