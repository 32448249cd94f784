"""Keys in the store: who may call, as hashes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, insert, select, update

from service.store.tables import API_KEY_PORTS, API_KEYS


class StoredKey(NamedTuple):
    """A key as the store knows it."""

    key_id: str
    secret_hash: str
    role: str
    ports: frozenset[str] | None
    """None reaches every port."""
    created_at: datetime
    revoked_at: datetime | None
    agency: str


def add_key(connection: Connection, key: StoredKey) -> None:
    """Store a new key.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    key : StoredKey
        The key; its secret only as a hash.
    """
    connection.execute(
        insert(API_KEYS).values(
            key_id=key.key_id,
            secret_hash=key.secret_hash,
            role=key.role,
            agency=key.agency,
            all_ports=key.ports is None,
            created_at=key.created_at,
        )
    )
    rows = [{"key_id": key.key_id, "port": port} for port in sorted(key.ports or ())]
    if rows:
        connection.execute(insert(API_KEY_PORTS), rows)


def _stored(rows: Sequence[Row[Any]]) -> StoredKey:
    first = rows[0]
    ports = None if first.all_ports else frozenset(row.port for row in rows if row.port)
    return StoredKey(
        first.key_id,
        first.secret_hash,
        first.role,
        ports,
        first.created_at,
        first.revoked_at,
        first.agency,
    )


_KEYS = select(API_KEYS, API_KEY_PORTS.c.port).outerjoin(
    API_KEY_PORTS, API_KEY_PORTS.c.key_id == API_KEYS.c.key_id
)


def find_key(connection: Connection, key_id: str) -> StoredKey | None:
    """Read one key.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    key_id : str
        The part of the key that is not secret.

    Returns
    -------
    StoredKey or None
        The key, revoked or not; None if there never was one.
    """
    rows = connection.execute(_KEYS.where(API_KEYS.c.key_id == key_id)).all()
    return _stored(rows) if rows else None


def valid_keys(connection: Connection, key_ids: Collection[str]) -> frozenset[str]:
    """Tell which keys may be used.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    key_ids : collection of str
        Keys to look for.

    Returns
    -------
    frozenset of str
        Those that exist and are not revoked.
    """
    query = select(API_KEYS.c.key_id).where(
        API_KEYS.c.key_id.in_(sorted(key_ids)), API_KEYS.c.revoked_at.is_(None)
    )
    return frozenset(connection.execute(query).scalars())


def list_keys(connection: Connection) -> list[StoredKey]:
    """Read every key, oldest first.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.

    Returns
    -------
    list of StoredKey
        Revoked ones as well.
    """
    grouped: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(_KEYS.order_by(API_KEYS.c.created_at, API_KEYS.c.key_id)):
        grouped.setdefault(row.key_id, []).append(row)
    return [_stored(rows) for rows in grouped.values()]


def revoke_key(connection: Connection, key_id: str, now: datetime) -> bool:
    """Revoke a key at once.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    key_id : str
        The part of the key that is not secret.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    bool
        False if there is no such key, or it was revoked before.
    """
    statement = (
        update(API_KEYS)
        .where(API_KEYS.c.key_id == key_id, API_KEYS.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return connection.execute(statement).rowcount == 1
