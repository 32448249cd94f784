"""What an item costs a server, beside an echo of the same payload, turn by turn in one run."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from features.errors import WeirError
from service.clock import now
from service.proof.bench import Bench
from service.proof.cores import cpu_seconds, pin, two_cores
from service.proof.load import Load, load, request_bytes
from service.proof.server import ServerProcess
from service.proof.stages import stages
from service.proof.traffic import Traffic

N_CONNECTIONS = 64
BATCH_ITEMS = 100
BATCH_CONNECTIONS = 2
FSYNCS = 50

Progress = Callable[[str], None]


class NotAnswered(WeirError):  # noqa: N818 - named after what the caller meets
    """Replies that were not 200, so that what was timed is not what was asked for."""


@dataclass(frozen=True)
class Turn:
    """One turn of the bare echo, of the echo and of the server, one after the other.

    Parameters
    ----------
    bare_us, echo_us, server_us : float
        Microseconds of CPU of the process for each item: bytes sent back as they came, items
        decoded, validated and encoded again, and items scored.
    echo_rate, server_rate : float
        Items a second.
    p50_ms, p99_ms : float
        Milliseconds until a reply of the server.
    """

    bare_us: float
    echo_us: float
    server_us: float
    echo_rate: float
    server_rate: float
    p50_ms: float
    p99_ms: float

    @property
    def cpu_ratio(self) -> float:
        """CPU of the echo over that of the server: 1 would be as cheap as an echo."""
        return self.echo_us / self.server_us

    @property
    def rate_ratio(self) -> float:
        """Items a second of the server over those of the echo."""
        return self.server_rate / self.echo_rate

    def figures(self) -> dict[str, float]:
        """Every figure of the turn by its name."""
        return asdict(self) | {"cpu_ratio": self.cpu_ratio, "rate_ratio": self.rate_ratio}


@dataclass(frozen=True)
class Case:
    """One way of posting items.

    Parameters
    ----------
    name : str
        What it is called.
    path : str
        The server's route.
    echo_path : str
        The echo's route for the same payload.
    per_request : int
        Items in a request.
    n_connections : int
        Connections that are open at once.
    """

    name: str
    path: str
    echo_path: str
    per_request: int
    n_connections: int


CASES = (
    Case("single items", "/v1/score", "/echo", 1, N_CONNECTIONS),
    Case(
        f"batches of {BATCH_ITEMS}",
        "/v1/score/batch",
        "/echo/batch",
        BATCH_ITEMS,
        BATCH_CONNECTIONS,
    ),
)


def summary(turns: list[Turn]) -> dict[str, Any]:
    """Give the median, least and most of each figure over the turns.

    Parameters
    ----------
    turns : list of Turn
        At least one.

    Returns
    -------
    dict
        Figure to `[median, least, most]`.
    """
    rows = [turn.figures() for turn in turns]
    return {
        name: [round(f(row[name] for row in rows), 4) for f in (median, min, max)]
        for name in rows[0]
    }


def fsync_us(folder: Path) -> float:
    """Measure what it takes the disk to make a few bytes durable.

    Parameters
    ----------
    folder : pathlib.Path
        Where the store is.

    Returns
    -------
    float
        Median microseconds of an fsync.
    """
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(FSYNCS):
            file.write(b"x" * 4_096)
            started = perf_counter()
            os.fsync(file.fileno())
            took.append((perf_counter() - started) * 1e6)
    return median(took)


@contextmanager
def _echo() -> Iterator[tuple[int, int]]:
    """Run the echo; give its process and its port."""
    command = [sys.executable, "-m", "service.proof.echo"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield process.pid, int(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()


class Speed:
    """Servers side by side on one core, with the load on another.

    Parameters
    ----------
    bench : Bench
        The proof's store.
    seed : int
        Decides the items.
    n_history : int
        Items posted before anything is measured, so that entities have a history.
    """

    def __init__(self, bench: Bench, seed: int, n_history: int) -> None:
        self._bench, self._n_history = bench, n_history
        self._traffic = Traffic(seed, now())
        self._key = bench.key()

    def run(self, n_turns: int, n_items: int, progress: Progress) -> dict[str, list[Turn]]:
        """Take turns.

        Parameters
        ----------
        n_turns : int
            How often each case is measured.
        n_items : int
            Items of one turn, as many to the echo.
        progress : callable
            Told what is going on.

        Returns
        -------
        dict of str to list of Turn
            By case.

        Raises
        ------
        NotAnswered
            If a reply was not 200.
        """
        server_core, load_core = two_cores()
        server = ServerProcess(self._bench.environment, self._bench.folder / "server.log")
        try:
            os.sched_setaffinity(0, {load_core})
            pin(server.pid, server_core)
            with _echo() as (echo, echo_port):
                pin(echo, server_core)
                progress("posting a history")
                self._post(server.port, "/v1/score/batch", self._n_history, 500, 1)
                turns: dict[str, list[Turn]] = {case.name: [] for case in CASES}
                for turn in range(n_turns):
                    for case in CASES:
                        progress(f"turn {turn + 1} of {n_turns}: {case.name}")
                        turns[case.name].append(
                            self._turn((echo, echo_port), (server.pid, server.port), case, n_items)
                        )
                return turns
        finally:
            os.sched_setaffinity(0, {server_core, load_core})
            server.stop()

    def stages(self, n_items: int) -> dict[str, float]:
        """Tell what each stage of taking items in costs, on the store that the turns filled.

        Parameters
        ----------
        n_items : int
            How many are taken in for it.

        Returns
        -------
        dict of str to float
            As `service.proof.stages.stages` gives it.
        """
        return stages(self._bench, self._traffic, self._n_history // 2, n_items)

    def _turn(
        self, echo: tuple[int, int], server: tuple[int, int], case: Case, n_items: int
    ) -> Turn:
        bare_us, _ = self._measure(echo, case, "/bare", n_items)
        echo_us, echoed = self._measure(echo, case, case.echo_path, n_items)
        server_us, scored = self._measure(server, case, case.path, n_items)
        waits = sorted(scored.latencies)
        return Turn(
            bare_us=bare_us,
            echo_us=echo_us,
            server_us=server_us,
            echo_rate=echoed.per_second * case.per_request,
            server_rate=scored.per_second * case.per_request,
            p50_ms=waits[len(waits) // 2] * 1e3,
            p99_ms=waits[int(len(waits) * 0.99)] * 1e3,
        )

    def _measure(
        self, process: tuple[int, int], case: Case, path: str, n_items: int
    ) -> tuple[float, Load]:
        pid, port = process
        before = cpu_seconds(pid)
        done = self._post(port, path, n_items, case.per_request, case.n_connections)
        return (cpu_seconds(pid) - before) / n_items * 1e6, done

    def _post(
        self, port: int, path: str, n_items: int, per_request: int, n_connections: int
    ) -> Load:
        bodies = list(self._traffic.bodies(n_items, per_request))
        requests = (request_bytes(path, self._key, body) for body in bodies)
        done = load(port, requests, n_connections)
        if set(done.statuses) != {200}:
            raise NotAnswered(
                f"{path} answered {dict(done.statuses)}; see the log of the server in "
                f"{self._bench.folder}"
            )
        return done
