"""Keys, moves of the champion, and what of a person the store holds."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.auth import NotAuthenticated, authenticate, create_key
from service.store.champions import NothingToRollBack, champion, promote, roll_back
from service.store.engine import Store
from service.store.keys import find_key, list_keys, revoke_key
from service.store.tables import API_KEYS, CHAMPIONS, IDENTIFIERS, METADATA
from tests.declarations import SHIPMENT, VEHICLE
from tests.serving import NOON, Desk


def test_a_key_lets_its_role_and_ports_in(store: Store) -> None:
    with store.write() as connection:
        key = create_key(connection, "feed", frozenset({"2304", "5201"}), NOON)
        everywhere = create_key(connection, "admin", None, NOON)
    with store.read() as connection:
        caller = authenticate(connection, f"Bearer {key}")
        admin = authenticate(connection, f"bearer  {everywhere}")
    assert (caller.role, caller.ports) == ("feed", frozenset({"2304", "5201"}))
    assert (admin.role, admin.ports) == ("admin", None)
    assert admin.reaches("2304")
    assert not caller.reaches("2402")


def test_the_secret_of_a_key_is_nowhere_in_the_store(store: Store) -> None:
    with store.write() as connection:
        key = create_key(connection, "feed", None, NOON)
    with store.read() as connection:
        stored = str(connection.execute(select(API_KEYS)).all())
    _, key_id, secret = key.split("_")
    assert key_id in stored
    assert secret not in stored


def test_another_secret_with_the_id_of_a_key_is_refused(store: Store) -> None:
    with store.write() as connection:
        key = create_key(connection, "feed", None, NOON)
    forged = key[:-1] + ("0" if key[-1] != "0" else "1")
    with store.read() as connection, pytest.raises(NotAuthenticated):
        authenticate(connection, f"Bearer {forged}")


def test_keys_are_listed_and_stay_listed_once_revoked(store: Store) -> None:
    with store.write() as connection:
        first = create_key(connection, "feed", frozenset({"2304"}), NOON).split("_")[1]
        second = create_key(connection, "admin", None, NOON + timedelta(1)).split("_")[1]
        assert revoke_key(connection, first, NOON)
        assert not revoke_key(connection, "nobody", NOON)
    with store.read() as connection:
        listed = list_keys(connection)
        assert find_key(connection, "nobody") is None
    assert [(key.key_id, key.revoked_at is None) for key in listed] == [
        (first, False),
        (second, True),
    ]


def test_a_new_store_uses_the_bundle_that_weir_ships(store: Store) -> None:
    with store.read() as connection:
        assert champion(connection) is None
    with pytest.raises(NothingToRollBack), store.write() as connection:
        roll_back(connection, NOON)


def test_rolling_back_twice_goes_back_two_promotions(store: Store) -> None:
    with store.write() as connection:
        for version in ("a", "b", "c"):
            promote(connection, version, NOON)
        assert champion(connection) == "c"
        assert roll_back(connection, NOON) == "b"
        assert roll_back(connection, NOON) == "a"
        promote(connection, "d", NOON)
        assert roll_back(connection, NOON) == "a"
        assert roll_back(connection, NOON) is None
        assert champion(connection) is None
    with store.read() as connection:
        rows = connection.execute(select(CHAMPIONS.c.action).order_by(CHAMPIONS.c.move))
        actions = list(rows.scalars())
    assert actions == [*["promote"] * 3, *["rollback"] * 2, "promote", "rollback", "rollback"]


def test_identifiers_are_in_clear_in_one_table_only(desk: Desk) -> None:
    desk.score(VEHICLE | {"plate": "ZZ-9 PLATE", "driver": "unmistakable driver"})
    desk.score(
        SHIPMENT
        | {
            "shipper": "unmistakable shipper",
            "consignee": "unmistakable consignee",
            "consignee_address": "1 Unmistakable Road",
            "phone": "+1 555 0100",
            "container": "UNMU1234567",
        }
    )
    with desk.runtime.store.read() as connection:
        for table in METADATA.sorted_tables:
            rows = str(connection.execute(select(table)).all()).lower()
            clear = any(
                word in rows for word in ("unmistak", "zz-9", "zz9plate", "+1 555", "unmu1")
            )
            assert clear == (table is IDENTIFIERS), table.name
