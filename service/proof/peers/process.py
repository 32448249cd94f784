"""A peer as processes of its own, on one core, standing still while others are measured."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import httpx

from features.errors import WeirError
from service.proof.cores import cpu_seconds_of_family, family, on_core
from service.proof.load import Load, load, request_bytes
from service.proof.peers.known import APPS, Peer

SECONDS_TO_START = 120.0
SECONDS_TO_STOP = 10.0
_TOLERANCE = 1e-9


class NotServed(WeirError):  # noqa: N818 - named after what the caller meets
    """A peer that did not come up, or that answered with something else than the risk."""


def free_port() -> int:
    """Give a port of this machine that nobody listens on.

    Returns
    -------
    int
        Its number; somebody else could take it before it is used.
    """
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


class PeerProcess:
    """A peer that serves.

    Parameters
    ----------
    peer : Peer
        Which.
    programs : Path
        The folder of its environment's programs.
    model : Path
        LightGBM's text.
    row : list of float
        What it is asked about.
    folder : Path
        Where its files and its log go; made.
    core : int
        The core that it may use.

    Raises
    ------
    NotServed
        If it does not come up within two minutes.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a start depends on
        self, peer: Peer, programs: Path, model: Path, row: list[float], folder: Path, core: int
    ) -> None:
        folder.mkdir(parents=True)
        self._peer, self._port, self._log = peer, free_port(), folder / "log"
        self._body = json.dumps(peer.body(row)).encode()
        words = {
            "model": str(model.resolve()),
            "folder": str((folder / "own").resolve()),
            "port": str(self._port),
            "apps": str(APPS),
        }
        settings = {name: value.format(**words) for name, value in peer.settings.items()}
        environment = self._environment(programs, settings)
        if peer.prepare:
            self._prepare(_command(peer.prepare, words, programs), environment)
        with on_core(core), self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                _command(peer.serve, words, programs),
                cwd=folder if peer.requirements else None,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _environment(self, programs: Path, settings: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
        if self._peer.requirements:
            kept.pop("PYTHONPATH", None)
        one = {"PATH": f"{programs}:{kept.get('PATH', '')}", "OMP_NUM_THREADS": "1"}
        return kept | one | dict(settings)

    def _prepare(self, command: list[str], environment: dict[str, str]) -> None:
        with self._log.open("ab") as log:
            done = subprocess.run(  # noqa: S603 - our own command, no shell
                command, env=environment, stdout=log, stderr=log, check=False
            )
        if done.returncode != 0:
            raise NotServed(f"it could not be prepared{self._last_words()}")

    def wait(self, expected: float) -> None:
        """Wait until it answers, and hold its answer against the model's own.

        Parameters
        ----------
        expected : float
            The risk.

        Raises
        ------
        NotServed
            If it ends, takes more than two minutes, or says something else.
        """
        patience = monotonic() + SECONDS_TO_START
        while (risk := self._ask()) is None:
            if self._process.poll() is not None or monotonic() > patience:
                raise NotServed(f"it did not come up{self._last_words()}")
            sleep(0.2)
        if abs(risk - expected) > _TOLERANCE:
            raise NotServed(f"it answered {risk}, the model {expected}")

    def _ask(self) -> float | None:
        try:
            reply = httpx.post(
                f"http://127.0.0.1:{self._port}{self._peer.path}",
                content=self._body,
                headers={"Content-Type": "application/json"},
                timeout=10,
            )
        except httpx.TransportError:
            return None
        return float(self._peer.risk(reply.json())) if reply.is_success else None

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return f": {lines[-1][:300]}" if lines else ""

    def pause(self) -> None:
        """Let it use no processor until it goes on."""
        self._tell(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it go on."""
        self._tell(signal.SIGCONT)

    def _tell(self, what: signal.Signals) -> list[int]:
        pids = family(self._process.pid)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, what)
        return pids

    def measure(self, n_requests: int, n_connections: int) -> tuple[float, Load]:
        """Ask for the same row again and again.

        Parameters
        ----------
        n_requests : int
            How often.
        n_connections : int
            Connections that are open at once.

        Returns
        -------
        cpu_us : float
            Microseconds of processor for a request, of all its processes.
        load : Load
            Replies.

        Raises
        ------
        NotServed
            If a reply was not 200.
        """
        request = request_bytes(self._peer.path, "none", self._body)
        before = cpu_seconds_of_family(self._process.pid)
        done = load(self._port, iter([request] * n_requests), n_connections)
        spent = cpu_seconds_of_family(self._process.pid) - before
        if set(done.statuses) != {200}:
            raise NotServed(f"it answered {dict(done.statuses)}")
        return spent / n_requests * 1e6, done

    def stop(self) -> None:
        """End all its processes."""
        pids = self._tell(signal.SIGCONT)
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_STOP)
        self._process.kill()
        self._process.wait()
        # what it started and did not end
        for pid in pids[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _command(parts: Sequence[str], words: Mapping[str, str], programs: Path) -> list[str]:
    program, *rest = (part.format(**words) for part in parts)
    return [str(programs / program), *rest]
