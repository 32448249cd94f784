"""Simulating costs the same per item however long a world runs, and memory does not grow."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROGRAM = """
import resource, sys, time
from pathlib import Path
from training.simulation.run import simulate
from training.simulation.world import load_world

out, weeks = Path(sys.argv[1]), int(sys.argv[2])
world = load_world("small", {"volume.fraction": 0.01})
simulate(world, seed=1, weeks=1, out=out)
began = time.process_time()
rows = simulate(world, seed=1, weeks=weeks, out=out)["rows"]
seconds = time.process_time() - began
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows["items"] / seconds)
"""
LEAST_ITEMS_PER_SECOND = 25_000
"""Of processor time, which tests that share their cores with others stretch too."""

log = logging.getLogger(__name__)


def measured(folder: Path, weeks: int) -> tuple[float, float]:
    """Peak memory in MiB and items per processor second of a run in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, str(folder / "world"), str(weeks)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    peak, speed = done.stdout.split()
    return float(peak), float(speed)


def test_memory_is_flat_in_the_number_of_weeks(tmp_path: Path) -> None:
    short, _ = measured(tmp_path, 10)
    long, speed = measured(tmp_path, 50)
    log.info("peak %.0f MiB in 10 weeks, %.0f in 50; %.0f items a second", short, long, speed)
    assert long < 1.1 * short
    assert speed > LEAST_ITEMS_PER_SECOND
