"""Weir as its own process, in a state folder of its own."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from features.errors import WeirError

START_SECONDS = 60.0
STOP_SECONDS = 40.0
_READY = "Weir listens on "


class DemoFailed(WeirError):  # noqa: N818 - named after what happened
    """A command of the demonstration did not do what it should; its output is in the message."""


class Operator:
    """Runs `weir` commands against one state folder.

    Parameters
    ----------
    state : Path
        The state folder; store, keys and bundles go there.
    settings : dict of str to str
        Further `WEIR_*` settings.
    """

    def __init__(self, state: Path, settings: dict[str, str]) -> None:
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("WEIR_")
        }
        self._environment |= {
            "WEIR_STATE_DIR": str(state),
            "WEIR_SECRET": secrets.token_urlsafe(48),
            **settings,
        }

    def run(self, *arguments: str) -> str:
        """Run a command to its end.

        Parameters
        ----------
        *arguments : str
            What follows `weir`.

        Returns
        -------
        str
            What it printed.

        Raises
        ------
        DemoFailed
            If it did not end with 0.
        """
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            _command(*arguments),
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            said = done.stderr.strip() or done.stdout.strip()
            raise DemoFailed(f"weir {' '.join(arguments)} ended with {done.returncode}: {said}")
        return done.stdout

    @contextmanager
    def serving(self, log: Path) -> Iterator[str]:
        """Run the server on a free loopback port for as long as the block lasts.

        Parameters
        ----------
        log : Path
            File for what the server logs.

        Yields
        ------
        str
            Its address.

        Raises
        ------
        DemoFailed
            If it does not come up.
        """
        with (
            log.open("w") as errors,
            subprocess.Popen(  # noqa: S603 - our own command, no shell
                _command("serve", "--host", "127.0.0.1", "--port", "0"),
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            ) as process,
        ):
            try:
                yield _address(process, log)
            finally:
                _stop(process)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "service.cli", *arguments]


def _address(process: "subprocess.Popen[str]", log: Path) -> str:
    lines: Queue[str | None] = Queue()

    def read() -> None:
        for line in process.stdout or ():
            lines.put(line)
        lines.put(None)

    Thread(target=read, daemon=True).start()
    try:
        while (line := lines.get(timeout=START_SECONDS)) is not None:
            if line.startswith(_READY):
                return line.removeprefix(_READY).strip()
    except Empty:
        pass  # said below, as for a server that ended
    raise DemoFailed(f"weir serve did not come up: {log.read_text().strip()}")


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
