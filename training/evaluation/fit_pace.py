"""What a fit costs beside LightGBM alone on the same rows, in time and in memory.

`measure_fit` is the parent's side; `python -m training.evaluation.fit_pace` is the child, a
process for either way, so that its peak of memory is its own.
"""

import json
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from time import perf_counter, process_time
from typing import Literal, get_args

import numpy as np

from features.errors import WeirError
from training.dataset import Dataset
from training.evaluation.folders import Progress
from training.evaluation.reasons import N_COLUMNS, draw_rows
from training.fit import fit_model
from training.parameters import PARAMETERS

MOST_TIMES_LONGER = 1.5
"""Longest time of a fit over that of `lightgbm.train`."""
MOST_TIMES_LARGER = 2.0
"""Largest peak of memory of a fit over that of `lightgbm.train`."""

FIND_SHARE = 0.05
_BLOCK_ROWS = 50_000
_INFORMATIVE = 12
_MINUTE_US = 60_000_000

Way = Literal["fit", "train"]
WAYS: tuple[Way, ...] = get_args(Way)


class ChildFailed(WeirError):  # noqa: N818 - named after what happened
    """A measuring process that ended without a figure; what it said is in the message."""


@dataclass(frozen=True)
class Cost:
    """What one way of fitting cost.

    Parameters
    ----------
    seconds, cpu_seconds : float
        Time from rows in memory to trees, on the clock and of the processor.
    peak_bytes : int
        Most memory of the process, the rows included.
    n_rounds : int
        Trees that were grown on all rows.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    n_rounds: int


@dataclass(frozen=True)
class FitPace:
    """A fit beside `lightgbm.train` with its parameters and its number of trees.

    Parameters
    ----------
    n_rows : int
        Labelled rows.
    n_threads : int
        Threads of both.
    fit, train : Cost
        What comparing, calibrating, judging and growing cost, and what growing alone cost.
    """

    n_rows: int
    n_threads: int
    fit: Cost
    train: Cost

    @property
    def times_longer(self) -> float:
        """Time of a fit over that of `lightgbm.train`."""
        return self.fit.seconds / self.train.seconds

    @property
    def times_larger(self) -> float:
        """Peak of memory of a fit over that of `lightgbm.train`."""
        return self.fit.peak_bytes / self.train.peak_bytes

    @property
    def met(self) -> bool:
        """Whether both are within what was asked for."""
        return self.times_longer <= MOST_TIMES_LONGER and self.times_larger <= MOST_TIMES_LARGER


def measure_fit(n_rows: int, *, n_threads: int, seed: int, progress: Progress) -> FitPace:
    """Fit drawn rows, then grow as many trees on them by LightGBM alone, a process for each.

    Parameters
    ----------
    n_rows : int
        Labelled rows.
    n_threads : int
        Threads of both.
    seed : int
        Decides the rows and the fits.
    progress : callable
        Told of the two.

    Returns
    -------
    FitPace
        Time and memory of both.

    Raises
    ------
    ChildFailed
        If a process ended without a figure, for want of memory perhaps.
    """
    progress("Fits", 0, len(WAYS))
    fit = _in_child("fit", n_rows, n_threads, seed, 0)
    progress("Fits", 1, len(WAYS))
    train = _in_child("train", n_rows, n_threads, seed, fit.n_rounds)
    progress("Fits", 2, len(WAYS))
    return FitPace(n_rows, n_threads, fit, train)


def _in_child(way: Way, n_rows: int, n_threads: int, seed: int, n_rounds: int) -> Cost:
    numbers = [str(number) for number in (n_rows, n_threads, seed, n_rounds)]
    done = subprocess.run(  # noqa: S603 - our own command, no shell
        [sys.executable, "-m", "training.evaluation.fit_pace", way, *numbers],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
        raise ChildFailed(f"{n_rows:,} rows could not be fitted: {said[0]}")
    return Cost(**json.loads(done.stdout))


def draw_labelled(n_rows: int, seed: int) -> Dataset:
    """Draw labelled rows, a minute apart, whose label hangs on a few of their columns.

    Parameters
    ----------
    n_rows : int
        How many.
    seed : int
        Decides them.

    Returns
    -------
    Dataset
        All drawn at random with propensity 1; `FIND_SHARE` of them are finds.
    """
    generator = np.random.default_rng(seed)
    X = np.empty((n_rows, N_COLUMNS), np.float32)
    # in blocks, so that drawing rows takes little more memory than holding them
    for first in range(0, n_rows, _BLOCK_ROWS):
        block = X[first : first + _BLOCK_ROWS]
        block[:] = draw_rows(len(block), generator)
    known = np.nan_to_num(X[:, :_INFORMATIVE]).sum(axis=1) + generator.normal(size=n_rows)
    y = (known > np.quantile(known, 1 - FIND_SHARE)).astype(np.int8)
    return Dataset(
        item_ids=[f"R{number}" for number in range(n_rows)],
        X=X,
        y=y,
        weight=np.ones(n_rows),
        presented_at=np.arange(n_rows, dtype=np.int64) * _MINUTE_US,
        mode=np.full(n_rows, "truck"),
        severity=y.astype(np.float64),
        detection=np.ones(n_rows),
        explored=np.ones(n_rows, dtype=bool),
    )


def spend(way: Way, data: Dataset, *, n_threads: int, seed: int, n_rounds: int) -> Cost:
    """Fit in this process, and say what it cost.

    Parameters
    ----------
    way : {"fit", "train"}
        `fit_model`, or `lightgbm.train` with the same parameters.
    data : Dataset
        Labelled rows.
    n_threads : int
        Threads.
    seed : int
        Seed of the fit.
    n_rounds : int
        Trees that `lightgbm.train` grows; `fit_model` finds its own number.

    Returns
    -------
    Cost
        Time, memory and trees.
    """
    import lightgbm  # noqa: PLC0415 - costs seconds, only fitting needs it

    started, spent = perf_counter(), process_time()
    if way == "fit":
        n_rounds = fit_model(data, seed=seed, n_threads=n_threads).booster.num_trees()
    else:
        settings = PARAMETERS | {"seed": seed, "num_threads": n_threads}
        rows = lightgbm.Dataset(data.X, label=data.y, params=settings)
        lightgbm.train(settings, rows, num_boost_round=n_rounds)
    seconds, cpu_seconds = perf_counter() - started, process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Cost(seconds, cpu_seconds, peak, n_rounds)


def main() -> None:
    """Be the child: fit, and write one line of JSON."""
    way: Way = "fit" if sys.argv[1] == "fit" else "train"
    n_rows, n_threads, seed, n_rounds = (int(number) for number in sys.argv[2:])
    # what importing costs is no part of a fit
    spend(way, draw_labelled(2_000, seed), n_threads=n_threads, seed=seed, n_rounds=1)
    data = draw_labelled(n_rows, seed)
    cost = spend(way, data, n_threads=n_threads, seed=seed, n_rounds=n_rounds)
    sys.stdout.write(json.dumps(asdict(cost)) + "\n")


if __name__ == "__main__":
    main()
