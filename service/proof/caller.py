"""A caller that keeps its connection: cheap, so that the server is what is measured."""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple

import orjson

SECONDS = 60.0


class Answered(NamedTuple):
    """A reply: its status, and its body as it came."""

    status: int
    body: bytes


class Caller:
    """One connection to one server.

    Parameters
    ----------
    port : int
        Where the server listens on this machine.
    key : str
        The key to call with.
    """

    def __init__(self, port: int, key: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered | None:
        """Send one request.

        Parameters
        ----------
        method, path : str
            The route.
        body : object, optional
            What is sent as JSON.
        headers : mapping of str to str, optional
            Further headers.

        Returns
        -------
        Answered or None
            None if the connection broke before the whole reply was there.
        """
        content = None if body is None else orjson.dumps(body)
        try:
            self._connection.request(method, path, content, {**self._headers, **(headers or {})})
            reply = self._connection.getresponse()
            return Answered(reply.status, reply.read())
        except (OSError, HTTPException):
            self._connection.close()
            return None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
