"""Calls of the demonstration to its own server."""

import httpx

from training.demo.server import DemoFailed


def open_client(address: str, key: str) -> httpx.Client:
    """Open a client that calls with a key.

    Parameters
    ----------
    address : str
        Where Weir listens.
    key : str
        The key.

    Returns
    -------
    httpx.Client
        To be used in a `with` block.
    """
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return httpx.Client(base_url=address, headers=headers, timeout=60.0)


def require_success(reply: httpx.Response) -> httpx.Response:
    """Pass on a reply that is none of refusal.

    Parameters
    ----------
    reply : httpx.Response
        The reply.

    Returns
    -------
    httpx.Response
        The same.

    Raises
    ------
    DemoFailed
        If the call was refused; the message says why.
    """
    if reply.is_error:
        raise DemoFailed(f"{reply.request.url.path} answered {reply.status_code}: {reply.text}")
    return reply
