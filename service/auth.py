"""Who is calling: opaque keys, their roles, their ports."""

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from features.errors import WeirError
from service.roles import PERMISSIONS, ROLES, Role
from service.store.chain import Act
from service.store.keys import StoredKey, add_key, find_key

_KEY = re.compile(r"weir_(?P<key_id>[0-9a-f]{12})_(?P<secret>[0-9a-f]{64})")
_SCHEME = "bearer "

DEFAULT_AGENCY = "CBP"
"""The agency of a key that is made without naming one."""


class NotAuthenticated(WeirError):  # noqa: N818 - what the caller sees
    """No key, or one that is unknown or revoked."""


def not_valid() -> NotAuthenticated:
    """Make the error for a key that is unknown or revoked, without telling which."""
    return NotAuthenticated("this key is not valid; ask an administrator for one")


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
    agency : str
        Whom the caller works for; records carry it.
    """

    key_id: str
    role: Role
    ports: frozenset[str] | None
    agency: str = DEFAULT_AGENCY

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

    def did(self, act: str, subject: str | None, **payload: Any) -> Act:  # noqa: ANN401 - JSON
        """Put into words what the caller did.

        Parameters
        ----------
        act : str
            Such as `item.read`.
        subject : str or None
            Id of what it was done to.
        **payload : Any
            Particulars as JSON values.

        Returns
        -------
        Act
            A row for the audit.
        """
        return Act(self.key_id, self.role, act, subject, payload)


def _hash(secret: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    connection: Connection,
    role: Role,
    ports: frozenset[str] | None,
    now: datetime,
    agency: str = DEFAULT_AGENCY,
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
    agency : str
        Whom its holder works for.

    Returns
    -------
    str
        `weir_<id>_<secret>`: the only time that the secret is seen.
    """
    key_id, secret = secrets.token_hex(6), secrets.token_hex(32)
    add_key(connection, StoredKey(key_id, _hash(secret), role, ports, now, None, agency))
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
    return holder_of(connection, authorization[len(_SCHEME) :])


def holder_of(connection: Connection, key: str) -> Principal:
    """Find out whose key it is.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    key : str
        `weir_<id>_<secret>`, as it was handed out.

    Returns
    -------
    Principal
        Its holder.

    Raises
    ------
    NotAuthenticated
        If it is unknown or revoked; does not tell which.
    """
    match = _KEY.fullmatch(key.strip())
    stored = find_key(connection, match["key_id"]) if match else None
    given = _hash(match["secret"]) if match else ""
    if stored is None or not hmac.compare_digest(stored.secret_hash, given) or stored.revoked_at:
        raise not_valid()
    return principal_of(stored)


def principal_of(stored: StoredKey) -> Principal:
    """Make a caller of a stored key whose secret, or a session of it, was accepted.

    Parameters
    ----------
    stored : StoredKey
        The key.

    Returns
    -------
    Principal
        Its holder.

    Raises
    ------
    NotAuthenticated
        If this version of Weir does not know its role.
    """
    role = next((role for role in ROLES if role == stored.role), None)
    if role is None:
        raise NotAuthenticated("the role of this key is no longer known; ask for another key")
    return Principal(stored.key_id, role, stored.ports, stored.agency)


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
    access = PERMISSIONS.get((method, path))
    if access is None or (access.roles is not None and principal.role not in access.roles):
        raise RoleForbidden(f"the role {principal.role} may not {method} {path}")


class KnownCallers:
    """Callers that were authenticated before, so that a feed's next item waits for no query.

    What is remembered is who a key belongs to, which never changes; whether it was revoked
    meanwhile is for the transaction that acts on the request to find out. Keys are kept as
    hashes.

    Parameters
    ----------
    most : int
        How many are remembered; the least recently used is forgotten.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._known: OrderedDict[str, Principal] = OrderedDict()

    def get(self, authorization: str | None) -> Principal | None:
        """Give a caller that was remembered.

        Parameters
        ----------
        authorization : str or None
            The request's `Authorization` header.

        Returns
        -------
        Principal or None
            None if the header was never seen with a valid key, or long ago.
        """
        if authorization is None:
            return None
        name = _hash(authorization)
        principal = self._known.get(name)
        if principal is not None:
            self._known.move_to_end(name)
        return principal

    def remember(self, authorization: str, principal: Principal) -> None:
        """Remember a caller.

        Parameters
        ----------
        authorization : str
            The header that was authenticated.
        principal : Principal
            Whom it belongs to.
        """
        self._known[_hash(authorization)] = principal
        if len(self._known) > self._most:
            self._known.popitem(last=False)
