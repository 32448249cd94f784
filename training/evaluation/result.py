"""`result.json`: what was run, on what, and every figure with its interval."""

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from features.catalogue import catalogue_hash
from features.errors import InvalidTable
from training.card import CAUTION
from training.evaluation.request import Answer, Asked
from training.evaluation.summary import summarise

FORMAT = "weir-bench-1"
NAME = "result.json"
_LIBRARIES = ("weir", "lightgbm", "numpy", "polars", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Timings:
    """When a benchmark ran and what it took; the one part of a result that differs by run.

    Parameters
    ----------
    started_at : datetime
        UTC.
    wall_seconds, cpu_seconds : float
        Time that passed, and processor time of the process and those that it started.
    """

    started_at: datetime
    wall_seconds: float
    cpu_seconds: float


def machine() -> dict[str, Any]:
    """Describe the machine.

    Returns
    -------
    dict
        JSON values: processor, cores, memory in gigabytes, system.
    """
    names = [
        line.partition(":")[2].strip()
        for line in _lines(Path("/proc/cpuinfo"))
        if line.startswith("model name")
    ]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(pages / 1e9, 1),
        "system": platform.platform(),
    }


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def make_result(bench: str, request: Asked, answer: Answer, timings: Timings) -> dict[str, Any]:
    """Put a result together.

    Parameters
    ----------
    bench : str
        Which benchmark.
    request : Asked
        What was asked.
    answer : Answer
        What was found.
    timings : Timings
        What it took.

    Returns
    -------
    dict
        JSON values; the same for the same request on the same machine and versions, but for
        `timings`.
    """
    return {
        "format": FORMAT,
        "bench": bench,
        "caution": CAUTION,
        "parameters": request.parameters() | answer.parameters,
        "versions": {name: version(name) for name in _LIBRARIES}
        | {"python": platform.python_version(), "catalogue": catalogue_hash()[:16]},
        "machine": machine(),
        "notes": answer.notes,
        "targets": [target.stated() for target in answer.targets],
        "figures": summarise(answer.rows),
        "timings": {
            "started_at": timings.started_at.isoformat(timespec="seconds"),
            "wall_seconds": round(timings.wall_seconds, 1),
            "cpu_seconds": round(timings.cpu_seconds, 1),
        },
    }


def write_result(result: Mapping[str, Any], folder: Path) -> Path:
    """Write a result.

    Parameters
    ----------
    result : mapping
        From `make_result`.
    folder : Path
        Where; made if absent.

    Returns
    -------
    Path
        `result.json`.

    Raises
    ------
    InvalidTable
        If it cannot be written.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise InvalidTable(f"{path} cannot be written: {error.strerror}", field="out") from error
    return path


def read_result(place: Path) -> dict[str, Any]:
    """Read a result.

    Parameters
    ----------
    place : Path
        `result.json`, or the folder that holds it.

    Returns
    -------
    dict
        As `make_result` made it.

    Raises
    ------
    InvalidTable
        If there is none, or it is of another form.
    """
    path = place / NAME if place.is_dir() else place
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidTable(
            f"{path} cannot be read: {error}; give a folder that `weir-train bench` wrote",
            field=str(place),
        ) from error
    if not isinstance(result, dict) or result.get("format") != FORMAT:
        raise InvalidTable(
            f"{path} is no result of this version; give a folder that `weir-train bench` wrote",
            field=str(place),
        )
    return result
