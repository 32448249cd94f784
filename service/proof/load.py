"""A load of many connections, each of which sends its next request when it has its reply."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter

from features.errors import WeirError


class NoReply(WeirError):  # noqa: N818 - named after what the caller meets
    """A server that closed a connection before its reply was whole."""


@dataclass
class Load:
    """What a load came to.

    Parameters
    ----------
    seconds : float
        From the first request to the last reply.
    latencies : list of float
        Seconds from request to reply, in the order of replies.
    statuses : collections.Counter of int
        Replies by status.
    """

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Replies a second."""
        return len(self.latencies) / self.seconds


def request_bytes(path: str, key: str, body: bytes) -> bytes:
    """Write a POST request as it goes over the wire.

    Parameters
    ----------
    path : str
        The route.
    key : str
        The key to call with.
    body : bytes
        JSON.

    Returns
    -------
    bytes
        Head and body.
    """
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], into: Load, done: "asyncio.Future[None]") -> None:
        self._requests, self._into, self._done = requests, into, done
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what TCP gives
        self._transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(None)
            return
        self._buffer.clear()
        self._sent = perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        if len(self._buffer) < end + 4 + length:
            return
        self._into.latencies.append(perf_counter() - self._sent)
        self._into.statuses[int(head[9:12])] += 1
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(NoReply("the server closed a connection without a reply"))


async def _run(port: int, requests: Iterator[bytes], n_connections: int) -> Load:
    loop = asyncio.get_running_loop()
    into = Load()
    started = perf_counter()
    waits = []
    for _ in range(n_connections):
        done: asyncio.Future[None] = loop.create_future()
        waits.append(done)
        await loop.create_connection(
            lambda done=done: _Connection(requests, into, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    await asyncio.gather(*waits)
    into.seconds = perf_counter() - started
    return into


def load(port: int, requests: Iterator[bytes], n_connections: int) -> Load:
    """Send requests over several connections of this machine, each as soon as it is free.

    Parameters
    ----------
    port : int
        Where the server listens.
    requests : iterator of bytes
        Requests as they go over the wire; the load ends when there are no more.
    n_connections : int
        Connections that are open at once.

    Returns
    -------
    Load
        Replies, their latencies, and the time it took.

    Raises
    ------
    NoReply
        If the server closes a connection before it replied.
    """
    return asyncio.run(_run(port, requests, n_connections))
