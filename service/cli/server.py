"""The server process: uvicorn on a socket that is ours."""

import gc
import socket
from types import FrameType

import typer
import uvicorn
from fastapi import FastAPI

from service.settings import InvalidSettings

GRACE_SECONDS = 30
BACKLOG = 2_048
GC_THRESHOLDS = (50_000, 20, 50)
"""Allocations before a collection of the youngest, and how many of those before an older one."""


def listen(host: str, port: int) -> socket.socket:
    """Take the address that the server will answer on.

    Parameters
    ----------
    host : str
        Name or address.
    port : int
        0 takes any free port.

    Returns
    -------
    socket.socket
        A listening socket.

    Raises
    ------
    InvalidSettings
        If the address cannot be had; names it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, every
    # reply waits 40 ms for the caller's delayed acknowledgement
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as failed:
        listening.close()
        raise InvalidSettings(
            f"WEIR_HOST, WEIR_PORT: cannot listen on {host} port {port}: {failed.strerror}; "
            "choose another port"
        ) from None
    return listening


def address(listening: socket.socket) -> str:
    """Write where a socket listens as a URL.

    Parameters
    ----------
    listening : socket.socket
        A listening socket.

    Returns
    -------
    str
        Such as `http://127.0.0.1:8080`.
    """
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """Says when it is ready, and ends with 0 when it was told to stop."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address.

        Parameters
        ----------
        sockets : list of socket.socket, optional
            Where to listen.
        """
        await super().startup(sockets=sockets)
        # what is loaded stays: without this every full collection walks through libraries and
        # the model, in the middle of somebody's request
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        for listening in sockets or ():
            typer.echo(f"Weir listens on {address(listening)}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop accepting, answer what was accepted, and end.

        Parameters
        ----------
        sig : int
            The signal.
        frame : frame, optional
            Where it came.
        """
        super().handle_exit(sig, frame)
        # a graceful stop is a success: uvicorn would raise the signal again after it
        self._captured_signals.clear()


def run(app: FastAPI, listening: socket.socket) -> None:
    """Serve until told to stop.

    Parameters
    ----------
    app : fastapi.FastAPI
        The application.
    listening : socket.socket
        Where to listen.
    """
    app.openapi()  # made now, so that nobody waits while the first caller's is
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="on",
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config).run(sockets=[listening])
