"""Cores: who may use which, and how much processor time somebody used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PARENT, _FIRST_TIME, _LAST_TIME = 1, 11, 14
"""Places in what `/proc/PID/stat` says: times are own ones and those of children that ended."""


def two_cores() -> tuple[int, int]:
    """Give a core for a server and one for its load; the same one where there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    return cores[0], cores[-1]


def pin(pid: int, core: int) -> None:
    """Keep every thread of a process on a core.

    Parameters
    ----------
    pid : int
        The process.
    core : int
        The core.
    """
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), {core})


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep what this thread starts within the block on a core, whatever it starts itself.

    Parameters
    ----------
    core : int
        The core.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float:
    """Give the processor time that the threads of a process have used.

    Parameters
    ----------
    pid : int
        The process.

    Returns
    -------
    float
        Seconds, to the nanosecond.
    """
    threads = Path(f"/proc/{pid}/task").iterdir()
    spent = (int((thread / "schedstat").read_text().split()[0]) for thread in threads)
    return sum(spent) / 1e9


def family(elder: int) -> list[int]:
    """List a process and all that it started, directly or not, in whatever session they are.

    Parameters
    ----------
    elder : int
        The process.

    Returns
    -------
    list of int
        Those that run, the elder first.
    """
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(place.name))
        if fields:
            children.setdefault(int(fields[_PARENT]), []).append(int(place.name))
    found = [elder]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_seconds_of_family(elder: int) -> float:
    """Give the processor time of a process and all that it started.

    Parameters
    ----------
    elder : int
        The process.

    Returns
    -------
    float
        Seconds, to a clock tick (10 ms); of those that ended too, once their parent knows.
    """
    ticks = sum(sum(map(int, _stat(pid)[_FIRST_TIME : _LAST_TIME + 1])) for pid in family(elder))
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """Say what the system does, behind the name of the program; nothing if it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
