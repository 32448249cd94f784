"""How long a decision in the lane takes on an idle server, from the first byte to the last."""

import os
import secrets
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, NamedTuple

import orjson

from features.errors import WeirError
from service.clock import now
from service.proof.bench import Bench
from service.proof.caller import Caller
from service.proof.server import ServerProcess

MOST_P99_MS = 10.0
"""Longest that one decision of a hundred may take."""

WARM_UP = 50
"""Decisions that are not counted: the first ones read what later ones find in memory."""

_PORT = "2304"
_FSYNCS = 100
_HOURS = 8

Progress = Callable[[int], None]


class Pace(NamedTuple):
    """What was measured.

    Parameters
    ----------
    n_decisions, n_inspect : int
        Decisions that were timed, and those among them that said to inspect.
    median_ms, p99_ms, longest_ms : float
        Milliseconds of one decision, as its caller sees it.
    fsync_ms : float
        Median milliseconds of one small write that waits for the disk, for comparison.
    """

    n_decisions: int
    n_inspect: int
    median_ms: float
    p99_ms: float
    longest_ms: float
    fsync_ms: float


class NotDecided(WeirError):  # noqa: N818 - named after what the proof met
    """A decision that the server did not give."""


def _lane() -> dict[str, Any]:
    start = now()
    return {
        "shift_id": f"proof-{secrets.token_hex(6)}",
        "port": _PORT,
        "way": "lane",
        "modes": ["pov"],
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=_HOURS)).isoformat(),
        "minutes": {"partial_search": 60.0 * _HOURS},
        "expected_items": 1_000.0,
    }


def _vehicle(number: int) -> dict[str, Any]:
    return {
        "kind": "vehicle",
        "item_id": f"D{secrets.token_hex(6)}",
        "mode": "pov",
        "port": _PORT,
        "presented_at": now().isoformat(),
        "destination": "MX",
        "plate": f"D{number % 997}",
        "plate_state": "TX",
        "body": "suv",
        "model_year": 2014,
        "occupants": 1 + number % 4,
        "lane": "3",
    }


def time_decisions(bench: Bench, n_decisions: int, progress: Progress) -> Pace:
    """Time decisions, one after the other, each of a new vehicle.

    Parameters
    ----------
    bench : Bench
        A store; a shift in the lane is opened in it and left there.
    n_decisions : int
        How many to time.
    progress : callable
        Told how many are done.

    Returns
    -------
    Pace
        What it took.

    Raises
    ------
    NotDecided
        If the server answers anything but a decision.
    """
    server = ServerProcess(bench.environment, bench.folder / "server.log")
    try:
        _open_lane(Caller(server.port, bench.new_key("supervisor")))
        feed = Caller(server.port, bench.new_key("feed"))
        taken, n_inspect = [], 0
        for number in range(-WARM_UP, n_decisions):
            body = _vehicle(number)
            started = perf_counter()
            inspect = _decide(feed, body)
            if number >= 0:
                taken.append((perf_counter() - started) * 1e3)
                n_inspect += inspect
                progress(number + 1)
    finally:
        server.stop()
    p99 = quantiles(taken, n=100, method="inclusive")[-1] if len(taken) > 1 else taken[0]
    fsync_ms = _fsync_ms(bench.folder)
    return Pace(len(taken), n_inspect, median(taken), p99, max(taken), fsync_ms)


def _open_lane(supervisor: Caller) -> None:
    reply = supervisor.send("POST", "/v1/shifts", _lane())
    supervisor.close()
    # an earlier run of the proof may have left a shift that goes on deciding there
    if reply is None or reply.status not in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}:
        raise NotDecided("the server opened no shift; see server.log in the folder of the proof")


def _decide(feed: Caller, body: object) -> bool:
    reply = feed.send("POST", "/v1/decide", body)
    if reply is None or reply.status != HTTPStatus.OK:
        raise NotDecided("the server gave no decision; see server.log in the folder of the proof")
    return bool(orjson.loads(reply.body)["inspect"])


def _fsync_ms(folder: Path) -> float:
    path, taken = folder / "fsync", []
    with path.open("wb", buffering=0) as file:
        for _ in range(_FSYNCS):
            started = perf_counter()
            file.write(b"0" * 4096)
            os.fsync(file.fileno())
            taken.append((perf_counter() - started) * 1e3)
    path.unlink()
    return median(taken)
