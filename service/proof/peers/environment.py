"""Environments of their own for peers, whose packages would not live with ours."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from features.errors import WeirError

SECONDS_TO_INSTALL = 600.0
_PINS = "pins.json"


class NotInstalled(WeirError):  # noqa: N818 - named after what the caller meets
    """Packages that could not be installed; why is in the message."""


def install(requirements: Sequence[str], cache: Path) -> tuple[Path, dict[str, str]]:
    """Make a virtual environment with packages from the package index, or find it made.

    Parameters
    ----------
    requirements : sequence of str
        What to install, pinned.
    cache : Path
        Where environments are kept, each under a name of its own; made if absent.

    Returns
    -------
    programs : Path
        The folder of its programs.
    pins : dict of str to str
        Every package in it and its version.

    Raises
    ------
    NotInstalled
        If a package cannot be had, or it takes longer than ten minutes; nothing is left.
    """
    text = " ".join((*requirements, sys.version.split()[0]))
    folder = cache / hashlib.sha256(text.encode()).hexdigest()[:12]
    programs = folder / "bin"
    if not (folder / _PINS).is_file():
        shutil.rmtree(folder, ignore_errors=True)
        try:
            _run(sys.executable, "-m", "venv", str(folder))
            pip = (str(programs / "python"), "-m", "pip", "--disable-pip-version-check")
            _run(*pip, "install", "--quiet", *requirements)
            frozen = json.loads(_run(*pip, "list", "--format", "json"))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        pins = {each["name"].lower(): each["version"] for each in frozen}
        (folder / _PINS).write_text(json.dumps(pins, indent=1) + "\n")
    return programs, json.loads((folder / _PINS).read_text())


def _run(*command: str) -> str:
    # what points our interpreter at packages must not point theirs at them
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(  # noqa: S603 - our own command, no shell
            command,
            env=kept,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS_TO_INSTALL,
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"installing took more than {SECONDS_TO_INSTALL:.0f} seconds") from None
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"]
        raise NotInstalled(f"it could not be installed: {said[0]}")
    return done.stdout
