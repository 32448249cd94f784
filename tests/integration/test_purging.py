"""What is deleted when it was kept long enough, and what stays whole."""

from datetime import timedelta

import pytest
from sqlalchemy import Table, func, select

from service.audit.notary import Notary
from service.audit.verify import AuditBroken, Verified, verify
from service.cli.purge import Kept
from service.purging import kept_days, purge
from service.store.audit_tables import AUDIT, AUDIT_PAYLOADS
from service.store.finding_tables import DECISIONS, NOTES, REPLIES
from service.store.purged import CLASSES
from service.store.tables import (
    ENTITY_ITEMS,
    ENTITY_RESULTS,
    IDENTIFIERS,
    INSPECTIONS,
    ITEMS,
    SCORES,
    SIGNALS,
)
from tests.declarations import SHIPMENT, VEHICLE
from tests.serving import NOON, Desk

FINDING = {"item_id": "V1", "method": "full_search", "minutes": 70.0, "outcome": "clear"}
SIGNAL = {
    "signal_id": "G1",
    "kind": "lookout",
    "entity_kind": "plate",
    "entity": "TX:ABC1234",
    "strength": 0.5,
}


def _n(desk: Desk, table: Table) -> int:
    with desk.runtime.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _purge(desk: Desk, days: float, *classes: str) -> dict[str, int]:
    parts = desk.runtime
    return purge(parts.store, parts.settings, classes, NOON + timedelta(days=days))


def _verify(desk: Desk) -> Verified:
    notary = Notary(desk.runtime.settings.state_dir)
    with desk.runtime.store.read() as connection:
        return verify(connection, notary.trusted(), notary.copies())


@pytest.fixture
def used(desk: Desk) -> Desk:
    """Give a server in which a little was recorded, all of it today."""
    desk.score(VEHICLE)
    desk.score(VEHICLE | {"occupants": 2})
    desk.score(SHIPMENT)
    headers = desk.headers() | {"Idempotency-Key": "record-0001"}
    desk.client.post("/v1/inspections", json=FINDING | {"note": "words"}, headers=headers)
    desk.client.post("/v1/signals", json={"signals": [SIGNAL]}, headers=desk.headers("feed"))
    desk.client.get("/v1/items/V1", headers=desk.headers())
    return desk


@pytest.mark.parametrize(
    ("name", "days", "table"),
    [
        ("identifiers", 365, IDENTIFIERS),
        ("notes", 1_095, NOTES),
        ("replies", 30, REPLIES),
        ("signals", 1_825, SIGNALS),
        ("audit", 1_825, AUDIT_PAYLOADS),
    ],
)
def test_a_class_goes_when_its_time_is_up_and_nothing_else_does(
    used: Desk, name: str, days: int, table: Table
) -> None:
    others = [each for each in (IDENTIFIERS, NOTES, REPLIES, SIGNALS, ITEMS) if each is not table]
    before = [_n(used, each) for each in others]
    assert _purge(used, days, name) == {name: 0}
    assert _purge(used, days + 1, name)[name] > 0
    assert _n(used, table) == (1 if table is AUDIT_PAYLOADS else 0)
    assert [_n(used, each) for each in others] == before
    assert _verify(used).n_purged == (3 if name == "audit" else 0)


def test_items_go_with_everything_about_them(used: Desk) -> None:
    assert _purge(used, 3_650, "items") == {"items": 0}
    assert _purge(used, 3_651, "items") == {"items": 2}
    for table in (ITEMS, SCORES, IDENTIFIERS, ENTITY_ITEMS, INSPECTIONS, ENTITY_RESULTS, NOTES):
        assert _n(used, table) == 0, table.name
    assert _n(used, DECISIONS) == 0
    assert _n(used, SIGNALS) == 1
    assert _verify(used).n_rows == 4


def test_rows_of_the_audit_are_never_deleted(used: Desk) -> None:
    n_rows = _n(used, AUDIT)
    _purge(used, 40_000, *CLASSES)
    assert _n(used, AUDIT) == n_rows + len(CLASSES)
    assert _verify(used).n_purged == n_rows


def test_payloads_that_no_purge_took_are_missed_afterwards_too(used: Desk) -> None:
    _purge(used, 1_826, "audit")
    used.clock.forward(days=2_000)
    used.client.get("/v1/items/V1", headers=used.headers())
    assert _verify(used).n_purged == 3
    with used.runtime.store.write() as connection:
        connection.execute(AUDIT_PAYLOADS.delete().where(AUDIT_PAYLOADS.c.seq == 5))
    with pytest.raises(AuditBroken, match="row 5 is missing, and no purge"):
        _verify(used)


def test_a_key_whose_reply_was_purged_is_not_recorded_again(used: Desk) -> None:
    headers = used.headers()
    named = headers | {"Idempotency-Key": "record-0002"}
    assert used.client.post("/v1/inspections", json=FINDING, headers=named).status_code == 201
    _purge(used, 31, "replies")
    again = used.client.post("/v1/inspections", json=FINDING, headers=named)
    assert (again.status_code, again.json()["type"]) == (409, "urn:weir:problem:reply-gone")
    assert _n(used, INSPECTIONS) == 2


def test_purging_again_deletes_nothing_and_writes_no_row(used: Desk) -> None:
    _purge(used, 400, "identifiers")
    n_rows = _n(used, AUDIT)
    assert _purge(used, 400, "identifiers") == {"identifiers": 0}
    assert _n(used, AUDIT) == n_rows


def test_every_class_has_a_setting_and_a_choice(used: Desk) -> None:
    assert set(kept_days(used.runtime.settings)) == set(CLASSES) == {each.value for each in Kept}
