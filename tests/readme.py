"""Run every command that the README shows and write down what it printed.

`python -m tests.readme` works in an empty folder with a state folder of its own, from the top of
the README to its end in one shell, so that a later command finds what an earlier one made. Keys
are shown without their secret. An output that the README cuts short with a line of `…` stays cut
after as many lines as before. `--keep TEXT` leaves out commands that hold a text and keeps what the
README shows of them: for benchmarks that take long.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
CUT = "…"
START_SECONDS = 600.0
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FIRST = re.compile(
    r"(?<=progress bars left out\):\n\n```text\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL
)
_STAYS_UP = {"weir serve": "Weir listens on ", "weir-train demo --serve": "Interrupt "}


@dataclass
class Shell:
    """One bash process that the commands share.

    Parameters
    ----------
    folder : Path
        Where it works.
    """

    folder: Path

    def __post_init__(self) -> None:
        home = self.folder / "home"
        work = self.folder / "work"
        home.mkdir()
        work.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WEIR_")}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self._home = str(home)
        self._work = work
        self._bash = subprocess.Popen(
            ["/bin/bash", "--norc"],
            cwd=work,
            env=kept | {"HOME": self._home, "PATH": path, "COLUMNS": "100", "TERM": "dumb"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, command: str, before: str) -> str:
        """Run one command of the README and give what it printed.

        Parameters
        ----------
        command : str
            What follows the dollar sign.
        before : str
            What the README says it prints; a file that it shows is made of this.

        Returns
        -------
        str
            Its output, ready for the README.
        """
        if command.startswith("cat "):
            (self._work / command.split()[1]).write_text(before)
        if command in _STAYS_UP:
            return self._start(command, _STAYS_UP[command])
        said = self._say(command)
        if command.startswith("weir keys create"):
            self._say(f"export KEY={said.split()[-1]}")
        return self._shown(said)

    def close(self) -> None:
        """End the shell and everything that it started."""
        os.killpg(self._bash.pid, signal.SIGTERM)
        self._bash.communicate()

    def _say(self, command: str) -> str:
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{command}\necho; echo ended with $?\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        while not (line := self._bash.stdout.readline()).startswith("ended with "):
            if not line:
                raise SystemExit(f"the shell ended at: {command}")
            lines.append(line)
        return "".join(lines).removesuffix("\n")

    def _start(self, command: str, sign: str) -> str:
        log = self._work / "stdout.log"
        self._say(f"{command} > {log} & last=$!")
        patience = monotonic() + START_SECONDS
        while sign not in (said := log.read_text() if log.exists() else ""):
            if monotonic() > patience:
                raise SystemExit(f"{command} did not print {sign!r}: {said}")
            sleep(0.2)
        if command != "weir serve":
            self._say("kill $last; wait $last")
        return self._shown(said)

    def _shown(self, said: str) -> str:
        lines = (line.rstrip() for line in said.replace(self._home, "/home/me").splitlines())
        home = "".join(f"{line}\n" for line in lines)
        return re.sub(r"\b(weir_[0-9a-f]+_)[\w-]+", rf"\1{CUT}", home)


def cut_like(before: str, now: str) -> str:
    """Cut an output short where the README cut the earlier one.

    Parameters
    ----------
    before, now : str
        Outputs, of whole lines.

    Returns
    -------
    str
        The output now, with as many first and last lines as were shown before.
    """
    lines = before.splitlines()
    if CUT not in lines:
        return now
    place = lines.index(CUT)
    fresh = now.splitlines()
    tail = fresh[len(fresh) - (len(lines) - place - 1) :]
    return "\n".join([*fresh[:place], CUT, *tail]) + "\n"


def rewritten(text: str, run: Callable[[str, str], str]) -> str:
    """Give the README with the outputs of a fresh run.

    Parameters
    ----------
    text : str
        The README.
    run : callable
        Takes a command and the output shown so far, returns its output.

    Returns
    -------
    str
        The README with every output replaced.
    """

    def block(match: re.Match[str]) -> str:
        commands = re.split(r"^\$ ", match[1], flags=re.MULTILINE)[1:]
        fresh = []
        for command, _, before in (part.partition("\n") for part in commands):
            fresh.append(f"$ {command}\n{cut_like(before, run(command, before))}")
        return f"```console\n{''.join(fresh)}```"

    first = _FIRST.sub(lambda match: cut_like(match[1], run("weir-train demo", match[1])), text)
    return _BLOCK.sub(block, first)


def main() -> None:
    """Rewrite the README in place."""
    parser = argparse.ArgumentParser(prog="python -m tests.readme")
    parser.add_argument("--keep", action="append", default=[], metavar="TEXT")
    kept: list[str] = parser.parse_args().keep

    def run(command: str, before: str) -> str:
        return before if any(text in command for text in kept) else shell.run(command, before)

    with tempfile.TemporaryDirectory(prefix="weir-readme-") as folder:
        shell = Shell(Path(folder))
        try:
            README.write_text(rewritten(README.read_text(), run))
        finally:
            shell.close()


if __name__ == "__main__":
    main()
