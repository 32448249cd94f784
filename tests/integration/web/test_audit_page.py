"""The audit page: who saw and did what, and whether the record is whole."""

from sqlalchemy import update

from service.store.audit_tables import AUDIT
from tests.declarations import VEHICLE
from tests.serving import Desk
from tests.visitors import visitor_of


def test_an_auditor_sees_who_looked_at_an_item(desk: Desk) -> None:
    desk.score(VEHICLE)
    inspector = visitor_of(desk)
    inspector.get("/items/V1")
    page = visitor_of(desk, "auditor").get("/audit?subject=V1")
    assert page.status == 200
    assert "item.read V1" in page.text
    assert "version: 1" in page.text
    assert "session.started" not in page.text


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
