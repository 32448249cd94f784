"""The audit: what becomes a row of it, and what is found out when it is changed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from starlette.testclient import TestClient

from service.app import create_app, open_runtime
from service.audit.notary import COPIES, FOLDER, CopiesDamaged, Notary
from service.audit.verify import AuditBroken, Verified, verify
from service.auth import create_key
from service.champion import Champion
from service.settings import Settings
from service.store.audit_tables import AUDIT, AUDIT_PAYLOADS
from service.store.chain import Act, append, head
from service.store.engine import Store
from service.store.schema import upgrade
from tests.declarations import VEHICLE
from tests.serving import NOON, Desk, Shelf, plain_model

FINDING = {"item_id": "V1", "method": "full_search", "minutes": 70.0, "outcome": "clear"}


def _acts(desk: Desk) -> list[tuple[str, str | None]]:
    with desk.runtime.store.read() as connection:
        rows = connection.execute(select(AUDIT.c.act, AUDIT.c.subject).order_by(AUDIT.c.seq))
        return [(row.act, row.subject) for row in rows]


def _write(store: Store, n_rows: int, at: int = 0) -> None:
    acts = [Act("key", "inspector", "item.read", f"V{n}", {"n": n}) for n in range(n_rows)]
    with store.write() as connection:
        append(connection, acts, NOON + timedelta(minutes=at))


def _verify(store: Store, notary: Notary) -> Verified:
    with store.read() as connection:
        return verify(connection, notary.trusted(), notary.copies())


@pytest.fixture
def notary(store: Store, tmp_path: Path) -> Notary:
    """Sign a chain of 20 rows after 15, and leave five unsigned."""
    found = Notary(tmp_path / "state")
    _write(store, 15)
    assert found.sign(store, NOON) is not None
    _write(store, 5, at=1)
    return found


def test_an_untouched_audit_is_whole(store: Store, notary: Notary) -> None:
    found = _verify(store, notary)
    assert (found.n_rows, found.n_checkpoints, found.n_unsigned, found.n_purged) == (20, 1, 5, 0)
    with store.read() as connection:
        assert found.head == head(connection)


def test_an_empty_audit_is_whole_and_needs_no_checkpoint(store: Store, tmp_path: Path) -> None:
    notary = Notary(tmp_path / "state")
    assert notary.sign(store, NOON) is None
    assert _verify(store, notary).n_rows == 0


def test_nothing_new_is_not_signed_twice(store: Store, notary: Notary) -> None:
    assert notary.sign(store, NOON) is not None
    assert notary.sign(store, NOON) is None


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE audit SET actor = 'other' WHERE seq = 7", "row 7 was changed"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 20", "row 20 was changed"),
        ("UPDATE audit SET subject = NULL WHERE seq = 7", "row 7 was changed"),
        ("UPDATE audit SET digest = previous WHERE seq = 7", "row 7 was changed"),
        (
            "DELETE FROM audit_payloads WHERE seq = 7; DELETE FROM audit WHERE seq = 7",
            "row 7 is missing",
        ),
        (
            "DELETE FROM audit_payloads WHERE seq > 14; DELETE FROM audit WHERE seq > 14",
            "ends at row 14, and row 15 was signed",
        ),
        ("UPDATE audit_payloads SET payload = '{}' WHERE seq = 7", "payload of audit row 7 was"),
        ("UPDATE audit_payloads SET salt = '0' WHERE seq = 7", "payload of audit row 7 was"),
        ("DELETE FROM audit_payloads WHERE seq = 7", "no purge took it away"),
        ("UPDATE checkpoints SET at = at + 1", "checkpoint at audit row 15 is not genuine"),
        ("UPDATE checkpoints SET signer = 'other'", "checkpoint at audit row 15 is not genuine"),
        ("DELETE FROM checkpoints", "not the one that was copied"),
    ],
)
def test_what_was_changed_is_found(
    store: Store, notary: Notary, statement: str, message: str
) -> None:
    with store.write() as connection:
        for part in statement.split("; "):
            connection.execute(text(part))
    with pytest.raises(AuditBroken, match=message):
        _verify(store, notary)


def test_rows_that_changed_places_are_found(store: Store, notary: Notary) -> None:
    with store.write() as connection:
        connection.execute(text("DELETE FROM audit_payloads"))
        for old, new in ((5, 100), (6, 5), (100, 6)):
            connection.execute(update(AUDIT).where(AUDIT.c.seq == old).values(seq=new))
    with pytest.raises(AuditBroken, match="row 5"):
        _verify(store, notary)


def test_a_history_that_was_written_anew_is_not_the_one_that_was_signed(
    store: Store, notary: Notary
) -> None:
    with store.write() as connection:
        connection.execute(text("DELETE FROM audit_payloads"))
        connection.execute(text("DELETE FROM audit"))
    _write(store, 20)
    with pytest.raises(AuditBroken, match="row 15 is not the one that was signed"):
        _verify(store, notary)


def test_another_key_cannot_sign(store: Store, notary: Notary, tmp_path: Path) -> None:
    stranger = Notary(tmp_path / "elsewhere")
    assert stranger.sign(store, NOON) is not None
    with pytest.raises(AuditBroken, match="row 20 is not genuine"):
        _verify(store, notary)


def test_damaged_copies_are_named(store: Store, notary: Notary, tmp_path: Path) -> None:
    copies = tmp_path / "state" / FOLDER / COPIES
    copies.write_bytes(b"{}\n" + copies.read_bytes())
    with pytest.raises(CopiesDamaged, match="line 1"):
        _verify(store, notary)


def test_a_copy_that_a_crash_cut_off_does_no_harm(
    store: Store, notary: Notary, tmp_path: Path
) -> None:
    with (tmp_path / "state" / FOLDER / COPIES).open("ab") as file:
        file.write(b'{"seq": 2')
    assert _verify(store, notary).n_rows == 20


def test_a_part_is_verified_from_a_head_that_is_known(store: Store, notary: Notary) -> None:
    known = _verify(store, notary).head
    _write(store, 3)
    with store.read() as connection:
        assert verify(connection, notary.trusted(), start=known).n_rows == 3


def test_what_failed_leaves_no_row(store: Store) -> None:
    def fail() -> None:
        with store.write() as connection:
            append(connection, [Act("key", "admin", "item.read", None, {})], NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(AUDIT)).scalar_one() == 0


def test_reading_an_item_is_an_act_and_ranking_the_queue_is_not(desk: Desk) -> None:
    desk.score(VEHICLE)
    desk.client.get("/v1/queue", headers=desk.headers())
    assert _acts(desk) == []
    desk.client.get("/v1/items/V1", headers=desk.headers("auditor"))
    desk.client.get("/v1/items/V1/inspections", headers=desk.headers())
    assert _acts(desk) == [("item.read", "V1"), ("findings.read", "V1")]


def test_what_was_refused_is_no_act(desk: Desk) -> None:
    assert desk.client.get("/v1/items/V9", headers=desk.headers()).status_code == 404
    assert desk.client.post("/v1/items/V9/claim", headers=desk.headers()).status_code == 404
    assert _acts(desk) == []


def test_an_auditor_reads_the_audit_page_by_page_and_that_is_an_act(desk: Desk) -> None:
    desk.score(VEHICLE)
    for _ in range(3):
        desk.client.get("/v1/items/V1", headers=desk.headers())
    headers = desk.headers("auditor")
    first = desk.client.get("/v1/audit", params={"limit": 2}, headers=headers).json()["rows"]
    rest = desk.client.get("/v1/audit", params={"after": 2}, headers=headers).json()["rows"]
    assert [row["seq"] for row in first + rest] == [1, 2, 3, 4]
    assert rest[-1]["act"] == "audit.read"
    assert first[0]["payload"] == {"identifiers": True, "version": 1}
    about = desk.client.get("/v1/audit", params={"subject": "V1"}, headers=headers).json()["rows"]
    assert {row["subject"] for row in about} == {"V1"}


def test_the_server_signs_when_it_stops(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(checkpoint_seconds=3_600)
    store = Store(settings.url)
    upgrade(store)
    champion = Champion(store, Shelf(shipped=plain_model()))
    app = create_app(open_runtime(settings, store=store, champion=champion))
    with store.write() as connection:
        key = create_key(connection, "auditor", None, NOON)
    with TestClient(app) as client:
        reply = client.get("/v1/audit", headers={"Authorization": f"Bearer {key}"})
        assert reply.status_code == 200
    again = Store(settings.url)
    found = _verify(again, Notary(settings.state_dir))
    again.close()
    assert (found.n_rows, found.n_unsigned) == (1, 0)


def test_payloads_hold_the_digest_that_the_chain_holds(store: Store) -> None:
    _write(store, 2)
    with store.read() as connection:
        salts = set(connection.execute(select(AUDIT_PAYLOADS.c.salt)).scalars())
    assert len(salts) == 2
