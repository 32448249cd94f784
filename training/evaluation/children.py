"""Work in processes of its own: measurements with memory of their own, proofs of the service."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from features.errors import WeirError


class ChildFailed(WeirError):  # noqa: N818 - named after what happened
    """A process that ended without a result; what it said last is in the message."""


def measured(module: str, *words: str, settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run a module of ours that measures something and prints it as JSON.

    Parameters
    ----------
    module : str
        Its name.
    *words : str
        Its arguments.
    settings : mapping of str to str, optional
        Further variables of its environment.

    Returns
    -------
    dict
        What it printed.

    Raises
    ------
    ChildFailed
        If it ended without a figure, for want of memory perhaps.
    """
    done = run(["-m", module, *words], os.environ | dict(settings or {}))
    if done.returncode != 0:
        raise ChildFailed(f"{' '.join((module, *words))} failed: {last_words(done)}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def proved(name: str, folder: Path, *words: str) -> dict[str, Any]:
    """Run one of the proofs of the service: `weir bench`.

    Parameters
    ----------
    name : str
        Which.
    folder : Path
        Its folder.
    *words : str
        Its options beside `--out`.

    Returns
    -------
    dict
        What it wrote into its folder, whether or not its target was met.

    Raises
    ------
    ChildFailed
        If it wrote nothing.
    """
    written = folder / f"{name}.json"
    written.unlink(missing_ok=True)
    kept = {each: value for each, value in os.environ.items() if not each.startswith("WEIR_")}
    done = run(["-m", "service.cli", "bench", name, "--out", str(folder), *words], kept)
    if not written.is_file():
        raise ChildFailed(f"weir bench {name} ended without a result: {last_words(done)}")
    told: dict[str, Any] = json.loads(written.read_text(encoding="utf-8"))
    return told


def run(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run this interpreter to its end.

    Parameters
    ----------
    arguments : sequence of str
        What it gets.
    environment : mapping of str to str
        All its variables.

    Returns
    -------
    subprocess.CompletedProcess
        How it ended and what it printed.
    """
    return subprocess.run(  # noqa: S603 - our own command, no shell
        [sys.executable, *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )


def last_words(done: "subprocess.CompletedProcess[str]") -> str:
    """Give the last line that a process said.

    Parameters
    ----------
    done : subprocess.CompletedProcess
        From `run`.

    Returns
    -------
    str
        Of its error stream, else of its output, else how it ended.
    """
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    # commands frame some of their errors
    lines = [words for line in lines if (words := line.strip("╭╮╰╯─│ "))]
    return lines[-1] if lines else f"it ended with {done.returncode}"
