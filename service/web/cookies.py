"""The one cookie: what a browser holds while somebody is signed in."""

from fastapi import Request, Response

from features.errors import WeirError
from service.settings import is_loopback

SECURE_NAME = "__Host-weir"
"""Over https: the prefix makes browsers insist on Secure, on Path=/ and on no Domain."""

PLAIN_NAME = "weir"
"""Over http on this machine alone, where browsers refuse the prefix."""


class PlainTransport(WeirError):  # noqa: N818 - what the visitor sees
    """A sign-in over a connection that others could listen to."""


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def require_private_transport(request: Request) -> None:
    """Refuse to send a key or a cookie where others could read it.

    Parameters
    ----------
    request : fastapi.Request
        The request; over http only a loopback host name will do, which also keeps names of
        other sites out that were made to point here.

    Raises
    ------
    PlainTransport
        If it came over http from elsewhere than this machine.
    """
    if not _is_secure(request) and not is_loopback(request.url.hostname or ""):
        raise PlainTransport(
            "the pages need https: ask your administrator for the address that begins with https"
        )


def read_cookie(request: Request) -> str | None:
    """Read what the browser holds.

    Parameters
    ----------
    request : fastapi.Request
        The request.

    Returns
    -------
    str or None
        Secret of the session, not checked yet; None if there is none.
    """
    return request.cookies.get(SECURE_NAME if _is_secure(request) else PLAIN_NAME)


def set_cookie(request: Request, response: Response, token: str) -> None:
    """Give the browser what it will hold until it is closed or signed out.

    Parameters
    ----------
    request : fastapi.Request
        Tells how the browser is connected.
    response : fastapi.Response
        Takes the cookie.
    token : str
        Secret of the session.
    """
    secure = _is_secure(request)
    name = SECURE_NAME if secure else PLAIN_NAME
    response.set_cookie(name, token, path="/", secure=secure, httponly=True, samesite="strict")


def clear_cookie(request: Request, response: Response) -> None:
    """Have the browser forget what it held.

    Parameters
    ----------
    request : fastapi.Request
        Tells how the browser is connected.
    response : fastapi.Response
        Takes the order.
    """
    secure = _is_secure(request)
    name = SECURE_NAME if secure else PLAIN_NAME
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")
