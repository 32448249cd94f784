"""Who may call what: opaque keys, roles, ports, and one table of permissions."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Connection

from features.errors import WeirError
from service.store.keys import StoredKey, add_key, find_key

Role = Literal[
    "feed", "inspector", "supervisor", "analyst", "scientist", "evaluator", "auditor", "admin"
]
ROLES: tuple[Role, ...] = get_args(Role)

_KEY = re.compile(r"weir_(?P<key_id>[0-9a-f]{12})_(?P<secret>[0-9a-f]{64})")
_SCHEME = "bearer "

_POSTS_ITEMS: frozenset[Role] = frozenset({"feed", "inspector", "supervisor", "admin"})
_SEES_QUEUE: frozenset[Role] = frozenset({"inspector", "supervisor", "analyst", "auditor", "admin"})
_SEES_ITEMS: frozenset[Role] = _SEES_QUEUE | {"scientist"}

PERMISSIONS: Mapping[tuple[str, str], frozenset[Role] | None] = {
    ("GET", "/livez"): None,
    ("GET", "/readyz"): None,
    ("GET", "/metrics"): None,
    ("GET", "/openapi.json"): None,
    ("POST", "/v1/score"): _POSTS_ITEMS,
    ("POST", "/v1/score/batch"): _POSTS_ITEMS,
    ("GET", "/v1/queue"): _SEES_QUEUE,
    ("GET", "/v1/items/{item_id}"): _SEES_ITEMS,
}
"""Method and path to the roles that may call it; None is open to everybody.

A route that is not listed here is refused to everybody.
"""

SEES_IDENTIFIERS: frozenset[Role] = frozenset({"inspector", "supervisor", "analyst", "admin"})
"""Roles that see plates and parties in clear; others see tokens."""


class NotAuthenticated(WeirError):  # noqa: N818 - what the caller sees
    """No key, or one that is unknown or revoked."""


class RoleForbidden(WeirError):  # noqa: N818 - what the caller sees
    """A valid key whose role may not do this."""


class PortForbidden(WeirError):  # noqa: N818 - what the caller sees
    """A valid key that does not reach the port."""


class Principal(NamedTuple):
    """Who is calling.

    Parameters
    ----------
    key_id : str
        The part of the key that is not secret.
    role : str
        One of `ROLES`.
    ports : frozenset of str or None
        Ports in reach; None reaches every port.
    """

    key_id: str
    role: Role
    ports: frozenset[str] | None

    def reaches(self, port: str) -> bool:
        """Tell whether a port is in reach.

        Parameters
        ----------
        port : str
            Schedule D code.

        Returns
        -------
        bool
            True if the key covers the port.
        """
        return self.ports is None or port in self.ports

    def require_port(self, port: str, field: str) -> None:
        """Refuse a port that is out of reach.

        Parameters
        ----------
        port : str
            Schedule D code.
        field : str
            Where the caller wrote it.

        Raises
        ------
        PortForbidden
            If the key does not cover the port; names it.
        """
        if not self.reaches(port):
            raise PortForbidden(f"this key does not reach port {port}", field=field)


def _hash(secret: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    connection: Connection, role: Role, ports: frozenset[str] | None, now: datetime
) -> str:
    """Make a key and store its hash.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    role : str
        One of `ROLES`.
    ports : frozenset of str or None
        Ports in reach; None reaches every port.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    str
        `weir_<id>_<secret>`: the only time that the secret is seen.
    """
    key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
    add_key(connection, StoredKey(key_id, _hash(secret), role, ports, now, None))
    return f"weir_{key_id}_{secret}"


def authenticate(connection: Connection, authorization: str | None) -> Principal:
    """Find out who is calling.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction; looked up every time, so that revoking works at once.
    authorization : str or None
        The request's `Authorization` header.

    Returns
    -------
    Principal
        The caller.

    Raises
    ------
    NotAuthenticated
        If there is no key, or it is unknown or revoked; does not tell which.
    """
    if not authorization or not authorization.lower().startswith(_SCHEME):
        raise NotAuthenticated("send a key as Authorization: Bearer weir_...")
    match = _KEY.fullmatch(authorization[len(_SCHEME) :].strip())
    stored = find_key(connection, match["key_id"]) if match else None
    given = _hash(match["secret"]) if match else ""
    if stored is None or not hmac.compare_digest(stored.secret_hash, given) or stored.revoked_at:
        raise NotAuthenticated("this key is not valid; ask an administrator for one")
    role = next((role for role in ROLES if role == stored.role), None)
    if role is None:
        raise NotAuthenticated("the role of this key is no longer known; ask for another key")
    return Principal(stored.key_id, role, stored.ports)


def authorise(principal: Principal, method: str, path: str) -> None:
    """Refuse what the caller's role may not do.

    Parameters
    ----------
    principal : Principal
        The caller.
    method, path : str
        The route, its path as declared.

    Raises
    ------
    RoleForbidden
        If the table of permissions does not list the role for the route.
    """
    allowed = PERMISSIONS.get((method, path), frozenset())
    if allowed is not None and principal.role not in allowed:
        raise RoleForbidden(f"the role {principal.role} may not {method} {path}")
