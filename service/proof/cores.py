"""Cores: who may use which, and how much processor time somebody used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SESSION, _FIRST_TIME, _LAST_TIME = 3, 11, 15
"""Fields of `/proc/PID/stat` behind the name of the program, from 0."""


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


def cpu_seconds_of_session(leader: int) -> float:
    """Give the processor time of all processes of a session, those that ended included.

    Parameters
    ----------
    leader : int
        The process that began the session.

    Returns
    -------
    float
        Seconds, to a clock tick (10 ms).
    """
    ticks = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile; its parent tells its time
        if int(fields[_SESSION]) == leader:
            ticks += sum(map(int, fields[_FIRST_TIME:_LAST_TIME]))
    return ticks / os.sysconf("SC_CLK_TCK")
