"""Simulating costs the same per item however long a world runs, and memory does not grow."""

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
began = time.perf_counter()
rows = simulate(world, seed=1, weeks=weeks, out=out)["rows"]
seconds = time.perf_counter() - began
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows["items"] / seconds)
"""
LEAST_ITEMS_PER_SECOND = 15_000
"""Well under the 50,000 of an idle machine with two cores: tests share theirs."""


def measured(folder: Path, weeks: int) -> tuple[float, float]:
    """Peak memory in MiB and items a second of a run in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, str(folder / "world"), str(weeks)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    peak, speed = done.stdout.split()
    return float(peak), float(speed)


def test_memory_is_flat_in_the_number_of_weeks(tmp_path: Path) -> None:
    short, _ = measured(tmp_path, 10)
    long, speed = measured(tmp_path, 50)
    assert long < 1.1 * short
    assert speed > LEAST_ITEMS_PER_SECOND
