"""Use cases: signing in to the pages with a key, for a shift, and signing out."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from features.errors import WeirError
from service.acting import Deed, Done
from service.auth import NotAuthenticated, Principal, RoleForbidden, holder_of, principal_of
from service.roles import HAS_PAGES
from service.store.keys import find_key
from service.store.sessions import (
    StoredSession,
    add_session,
    drop_session,
    find_session,
    mark_seen,
)

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is known when something was last done: not every page writes."""

_TOKEN_BYTES = 32


class NotSignedIn(NotAuthenticated):
    """No session, or one that is over."""


class ForgedForm(WeirError):  # noqa: N818 - what the caller sees
    """A form that no page of this session sent."""


class Session(NamedTuple):
    """Somebody who is signed in.

    Parameters
    ----------
    principal : Principal
        Who, with the ports of this session.
    token : str
        What the browser holds; secret.
    stale : bool
        Whether it should be put down that something was done.
    """

    principal: Principal
    token: str
    stale: bool = False

    @property
    def form_token(self) -> str:
        """What forms of this session carry, so that no other site can send one."""
        return hmac.digest(self.token.encode(), b"form", hashlib.sha256).hex()

    def require_own(self, form_token: str) -> None:
        """Refuse a form that was not made for this session.

        Parameters
        ----------
        form_token : str
            What the form carried.

        Raises
        ------
        ForgedForm
            If it is not this session's.
        """
        if not hmac.compare_digest(self.form_token.encode(), form_token.encode()):
            raise ForgedForm("this form is not of this session; open the page again and resend it")


def _hash(token: str) -> str:
    # 256 random bits need no slow hash
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """Make what a browser will hold.

    Returns
    -------
    str
        256 random bits as text.
    """
    return secrets.token_urlsafe(_TOKEN_BYTES)


def sign_in(key: str, port: str | None, token: str, lasts: timedelta) -> Deed:
    """Make the act of signing in.

    Parameters
    ----------
    key : str
        The key, as it was handed out.
    port : str or None
        The one port of this shift; None reaches every port of the key.
    token : str
        What the browser will hold, from `new_token`.
    lasts : datetime.timedelta
        When it ends at the latest.

    Returns
    -------
    callable
        The act. It raises `NotAuthenticated` for a key that is not valid, `RoleForbidden` for
        one whose role has no pages, and `PortForbidden` for a port that it does not reach.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        principal = holder_of(connection, key)
        if principal.role not in HAS_PAGES:
            raise RoleForbidden(
                f"a key of the role {principal.role} has no pages; it is for /v1", field="key"
            )
        if port is not None:
            principal.require_port(port, "port")
        mine = StoredSession(_hash(token), principal.key_id, port, now, now, now + lasts)
        add_session(connection, mine)
        return Done({"role": principal.role}, [principal.did("session.started", None, port=port)])

    return deed


def find_out(connection: Connection, token: str | None, now: datetime, idle: timedelta) -> Session:
    """Find out who is signed in.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction; looked up every time, so that revoking a key ends its sessions at once.
    token : str or None
        What the browser sent.
    now : datetime.datetime
        The present moment.
    idle : datetime.timedelta
        How long one may do nothing.

    Returns
    -------
    Session
        Who it is.

    Raises
    ------
    NotSignedIn
        If there is no session, it is over, or its key was revoked.
    """
    found = find_session(connection, _hash(token)) if token else None
    if token is None or found is None:
        raise NotSignedIn("sign in with your key")
    if now >= min(found.expires_at, found.seen_at + idle):
        raise NotSignedIn("your session is over; sign in again")
    key = find_key(connection, found.key_id)
    if key is None or key.revoked_at is not None:
        raise NotSignedIn("this key is not valid any more; ask an administrator for one")
    principal = principal_of(key)
    if found.port is not None:
        principal = principal._replace(ports=frozenset({found.port}))
    return Session(principal, token, stale=now - found.seen_at >= SEEN_EVERY)


def go_on(session: Session) -> Deed:
    """Make the act of putting down that something was done in a session.

    Parameters
    ----------
    session : Session
        The session.

    Returns
    -------
    callable
        The act; it is none for the audit.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        mark_seen(connection, _hash(session.token), now)
        return Done({})

    return deed


def sign_out(session: Session) -> Deed:
    """Make the act of signing out.

    Parameters
    ----------
    session : Session
        The session.

    Returns
    -------
    callable
        The act.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        del now
        drop_session(connection, _hash(session.token))
        return Done({}, [session.principal.did("session.ended", None)])

    return deed
