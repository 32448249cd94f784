"""A server as a process of its own, started by the command that operators use, and killed."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from features.errors import WeirError

SECONDS_TO_START = 120


class NoServer(WeirError):  # noqa: N818 - named after what the caller meets
    """A server that did not come up."""


class ServerProcess:
    """`weir serve` on a free port of this machine.

    Parameters
    ----------
    settings : mapping of str to str
        Its `WEIR_*` variables; those of this process are not passed on.
    log : pathlib.Path
        Where its log goes.
    """

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "serve", "--port", "0"],
                env=kept | dict(settings),
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )
        self.port = self._wait(log)

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def _wait(self, log: Path) -> int:
        out = self._process.stdout
        alarm = threading.Timer(SECONDS_TO_START, self._process.kill)
        alarm.start()
        line = out.readline() if out is not None else ""
        alarm.cancel()
        address = line.strip().rpartition(":")[2]
        if not address.isdigit():
            self.kill()
            raise NoServer(f"the server did not come up; see {log}")
        return int(address)

    def kill(self) -> None:
        """Kill it at once (SIGKILL): nothing is finished, flushed or said."""
        self._process.kill()
        self._end()

    def stop(self) -> int:
        """Stop it as operators do (SIGTERM).

        Returns
        -------
        int
            Its exit code.
        """
        self._process.terminate()
        return self._end()

    def _end(self) -> int:
        code = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code
