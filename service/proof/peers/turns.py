"""Peers, a thin route of ours and the whole service, turn by turn with the same model."""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from features.errors import WeirError
from models.bundle import verify_bundle
from models.golden import GOLDEN, read_golden
from models.registry import SHIPPED
from models.risk import load_booster
from models.signing import trusted_keys
from models.tree_text import MODEL
from service.clock import now
from service.proof.bench import Bench
from service.proof.cores import cpu_seconds, pin, two_cores
from service.proof.load import load, request_bytes
from service.proof.peers.environment import NotInstalled, install
from service.proof.peers.known import THIN, Peer
from service.proof.peers.process import NotServed, PeerProcess
from service.proof.server import ServerProcess
from service.proof.traffic import Traffic

N_CONNECTIONS = 16
WHOLE = "weir serve"
"""`weir serve` with single items: history, rules, reasons and a durable record included."""

_WARM_REQUESTS = 200
_OWN_PROGRAMS = Path(sys.executable).parent

Progress = Callable[[str], None]


class NotAnswered(WeirError):  # noqa: N818 - named after what the caller meets
    """Replies of our own service that were not 200."""


@dataclass(frozen=True)
class Spent:
    """What one server did in one turn.

    Parameters
    ----------
    per_second : float
        Requests a second.
    cpu_us : float
        Microseconds of processor for a request, of all its processes.
    """

    per_second: float
    cpu_us: float


@dataclass
class Compared:
    """What came of it.

    Parameters
    ----------
    turns : list of dict of str to Spent
        Per turn, by server.
    versions : dict of str to dict of str to str
        Packages in the environment of each peer.
    skipped : dict of str to str
        Peers that could not be measured, and why.
    """

    turns: list[dict[str, Spent]] = field(default_factory=list)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def known_row() -> tuple[bytes, list[float], float]:
    """Give the shipped model, a row and the risk that the trees state of it.

    Returns
    -------
    model : bytes
        LightGBM's text.
    row : list of float
        A golden row of the bundle; what is missing in it is 0, since JSON has no NaN.
    risk : float
        Before calibration, which is ours alone.
    """
    verified = verify_bundle(SHIPPED, trusted_keys())
    X, _ = read_golden(verified.contents[GOLDEN], len(verified.manifest.feature_names))
    row = np.nan_to_num(X[0]).astype(np.float64)
    risk = load_booster(verified.contents[MODEL]).predict(row[None, :], num_threads=1)
    return verified.contents[MODEL], row.tolist(), float(np.asarray(risk)[0])


class _Whole:
    """The whole service, asked for items."""

    def __init__(self, bench: Bench, seed: int, core: int) -> None:
        self._bench, self._traffic = bench, Traffic(seed, now())
        self._server = ServerProcess(bench.environment, bench.folder / "server.log")
        pin(self._server.pid, core)

    def pause(self) -> None:
        os.kill(self._server.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self._server.pid, signal.SIGCONT)

    def stop(self) -> None:
        self.go_on()
        self._server.stop()

    def measure(self, n_requests: int) -> Spent:
        bodies = list(self._traffic.bodies(n_requests, 1))
        requests = (request_bytes("/v1/score", self._bench.key(), body) for body in bodies)
        before = cpu_seconds(self._server.pid)
        done = load(self._server.port, requests, N_CONNECTIONS)
        spent = cpu_seconds(self._server.pid) - before
        if set(done.statuses) != {200}:
            raise NotAnswered(f"the service answered {dict(done.statuses)}")
        return Spent(done.per_second, spent / n_requests * 1e6)


@contextmanager
def _awake(server: PeerProcess | _Whole) -> Iterator[None]:
    server.go_on()
    try:
        yield
    finally:
        server.pause()


def compare(  # noqa: PLR0913 - what a comparison depends on
    bench: Bench,
    peers: Sequence[Peer],
    cache: Path,
    *,
    n_turns: int,
    n_requests: int,
    seed: int,
    progress: Progress,
) -> Compared:
    """Install peers, start all, and let each answer in turn while the others stand still.

    Parameters
    ----------
    bench : Bench
        The store of our service.
    peers : sequence of Peer
        Whom to compare with.
    cache : Path
        Where their environments are.
    n_turns, n_requests : int
        How often each is measured, and requests of one turn.
    seed : int
        Decides the items that our service is asked about.
    progress : callable
        Told what is going on.

    Returns
    -------
    Compared
        Turns, versions, and who could not be measured.

    Raises
    ------
    NotServed
        If our own route does not come up.
    NotAnswered
        If our own service does not answer.
    """
    found = Compared()
    server_core, load_core = two_cores()
    cores = os.sched_getaffinity(0)
    with ExitStack() as stack:
        stack.callback(os.sched_setaffinity, 0, cores)
        servers = _start(bench, peers, cache, server_core, found, progress, stack)
        progress("starting the whole service")
        whole = _Whole(bench, seed, server_core)
        stack.callback(whole.stop)
        os.sched_setaffinity(0, {load_core})
        whole.measure(_WARM_REQUESTS)
        whole.pause()
        for turn in range(n_turns):
            taken: dict[str, Spent] = {}
            for name, server in list(servers.items()):
                progress(f"turn {turn + 1} of {n_turns}: {name}")
                try:
                    with _awake(server):
                        server.measure(_WARM_REQUESTS, N_CONNECTIONS)
                        cpu_us, done = server.measure(n_requests, N_CONNECTIONS)
                except WeirError as failed:
                    if name == THIN.name:
                        raise
                    found.skipped[name] = f"turn {turn + 1}: {failed.detail}"
                    del servers[name]
                    continue
                taken[name] = Spent(done.per_second, cpu_us)
            progress(f"turn {turn + 1} of {n_turns}: {WHOLE}")
            with _awake(whole):
                taken[WHOLE] = whole.measure(n_requests)
            found.turns.append(taken)
    return found


def _start(  # noqa: PLR0913, PLR0917 - what a start depends on
    bench: Bench,
    peers: Sequence[Peer],
    cache: Path,
    core: int,
    found: Compared,
    progress: Progress,
    stack: ExitStack,
) -> dict[str, PeerProcess]:
    """Install and start everybody, one after the other, and leave each paused."""
    text, row, risk = known_row()
    model = bench.folder / "model.txt"
    model.write_bytes(text)
    servers: dict[str, PeerProcess] = {}
    for peer in (THIN, *peers):
        try:
            programs = _OWN_PROGRAMS
            if peer.requirements:
                progress(f"installing {peer.name}")
                programs, found.versions[peer.name] = install(peer.requirements, cache)
            progress(f"starting {peer.name}")
            folder = bench.folder / "peers" / peer.name
            shutil.rmtree(folder, ignore_errors=True)
            server = PeerProcess(peer, programs, model, row, folder, core)
            stack.callback(server.stop)
            server.wait(risk)
        except (NotInstalled, NotServed) as failed:
            if peer is THIN:
                raise
            found.skipped[peer.name] = failed.detail
            continue
        server.pause()
        servers[peer.name] = server
    return servers
