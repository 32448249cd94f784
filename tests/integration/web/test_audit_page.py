"""The audit page: who saw and did what, and whether the record is whole."""

from typing import Any

from sqlalchemy import update

from service.store.audit_tables import AUDIT
from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import Visitor, key_of, visitor_of


def _rows(desk: Desk) -> list[dict[str, Any]]:
    reply = desk.client.get("/v1/audit", headers=desk.headers("auditor"))
    rows: list[dict[str, Any]] = reply.json()["rows"]
    return rows


def test_an_auditor_sees_who_looked_at_an_item(desk: Desk) -> None:
    desk.score(VEHICLE)
    inspector = visitor_of(desk)
    inspector.get("/items/V1")
    page = visitor_of(desk, "auditor").get("/audit?subject=V1")
    assert page.status == 200
    assert "item.read V1" in page.text
    assert "version: 1" in page.text
    assert "session.started" not in page.text


def test_an_auditor_sees_what_one_key_did(desk: Desk) -> None:
    desk.score(VEHICLE)
    key = key_of(desk)
    inspector = Visitor(desk)
    inspector.sign_in(key)
    inspector.get("/items/V1")
    visitor_of(desk, "supervisor").get("/items/V1")
    auditor, actor = visitor_of(desk, "auditor"), key.split("_")[1]
    page = auditor.get(f"/audit?actor={actor}")
    assert "item.read V1" in page.text
    assert "supervisor" not in page.text.partition("Acts, in order")[2]
    assert page.form("/audit") == {"subject": "", "actor": actor}
    both = auditor.get(f"/audit?actor={actor}&subject=V9")
    assert "There are no acts here." in both.text
    looks = [row for row in _rows(desk) if row["act"] == "audit.read"]
    assert [row["payload"].get("by") for row in looks[:2]] == [actor, actor]
    rows = desk.client.get(f"/v1/audit?actor={actor}", headers=desk.headers("auditor")).json()
    assert {row["actor"] for row in rows["rows"]} == {actor}


def test_particulars_are_shown_as_they_are_kept(desk: Desk) -> None:
    shift = {"shift_id": "day", "port": "2304", "modes": ["pov"], "minutes": {"full_search": 60.0}}
    hours = {"starts_at": "2026-11-24T08:00:00Z", "ends_at": "2026-11-24T16:00:00Z"}
    desk.client.post("/v1/shifts", json=shift | hours, headers=desk.headers("supervisor"))
    told = visitor_of(desk, "auditor").get("/audit?subject=day").text
    assert 'modes: ["pov"]' in told
    assert "expected_items: null" in told


def test_the_latest_acts_come_first_page_by_page(desk: Desk) -> None:
    desk.score(VEHICLE)
    inspector = visitor_of(desk)
    for _ in range(20):
        inspector.get("/items/V1")
    auditor = visitor_of(desk, "auditor")
    page = auditor.get("/audit")
    assert page.markup.count('<th scope="row"') == 50
    assert "/audit?after=" in page.markup
    first = auditor.get("/audit?after=0")
    assert "session.started" in first.text
    assert "Later" in first.text
    assert "There are no acts here." in auditor.get("/audit?after=9000").text
    assert auditor.get("/audit?after=&subject=").status == 200
    assert auditor.get("/audit?after=-1").status == 422


def test_the_audit_is_verified_and_a_change_is_found_out(desk: Desk) -> None:
    auditor = visitor_of(desk, "auditor")
    form = auditor.get("/audit").form("/audit/verify")
    page = auditor.post("/audit/verify", form)
    assert "The audit is whole" in page.text
    with desk.runtime.store.write() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.seq == 1).values(role="admin"))
    page = auditor.post("/audit/verify", form)
    assert "The audit is not whole" in page.text
    assert "audit row 1 was changed" in page.text


def test_a_session_of_one_port_sees_no_audit(desk: Desk) -> None:
    auditor = visitor_of(desk, "auditor", "2304")
    assert auditor.get("/audit").status == 403
    token = next(
        form["form_token"] for _, form in auditor.get("/queue").forms if form.get("form_token")
    )
    assert auditor.post("/audit/verify", {"form_token": token}).status == 403
