"""How fast matrices in parquet are scored beside LightGBM on ready rows, and in how much memory.

`measure_batch` and `measure_peak` are the parent's side; `python -m training.evaluation.batch_pace`
is the child, a process of its own, so that its threads and its peak of memory are its own.
"""

import json
import resource
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from features.catalogue import FEATURE_NAMES
from features.matrix import Matrix
from models.bundle import load_bundle, verify_bundle
from models.registry import SHIPPED
from models.risk import load_booster
from models.signing import trusted_keys
from models.tree_text import MODEL
from training.batch import GROUP_ROWS, score_matrices
from training.evaluation.children import measured

LEAST_RATIO = 0.9
"""Least rows a second over those of `Booster.predict` on ready rows."""
MOST_GROWTH = 1.1
"""Largest peak of memory at five times the rows over that at one."""

_MODULE = "training.evaluation.batch_pace"
_ROUNDS = 5


@dataclass(frozen=True)
class BatchPace:
    """Scoring a folder of matrices beside prediction on its rows, ready in memory.

    Parameters
    ----------
    rows_per_second, ready_per_second : float
        From parquet to a file of risks, and by `Booster.predict`; medians over rounds.
    ratio, cpu_ratio : float
        Median over rounds, each of both, of rows a second over those of `Booster.predict`, and
        of the processor time of `Booster.predict` over ours.
    """

    rows_per_second: float
    ready_per_second: float
    ratio: float
    cpu_ratio: float


def write_matrices(matrix: Matrix, n_rows: int, folder: Path, seed: int) -> None:
    """Write rows of a matrix, drawn with replacement, as `weir-train matrix` writes its own.

    Parameters
    ----------
    matrix : Matrix
        What is drawn from.
    n_rows : int
        How many.
    folder : Path
        Where; it is there.
    seed : int
        Decides the rows.
    """
    generator = np.random.default_rng(seed)
    with pq.ParquetWriter(folder / "rows.parquet", _frame(matrix, []).to_arrow().schema) as file:
        for first in range(0, n_rows, GROUP_ROWS):
            drawn = generator.integers(len(matrix.X), size=min(GROUP_ROWS, n_rows - first))
            file.write_table(_frame(matrix, drawn.tolist()).to_arrow())


def _frame(matrix: Matrix, rows: list[int]) -> pl.DataFrame:
    ids = pl.DataFrame(
        {"item_id": [matrix.item_ids[row] for row in rows]}, {"item_id": pl.String()}
    )
    columns = pl.DataFrame(matrix.X[rows], schema=list(FEATURE_NAMES), orient="row")
    return ids.hstack(columns)


def measure_batch(folder: Path, *, n_threads: int) -> BatchPace:
    """Score matrices and predict their rows, in turn, in a process of its own.

    Parameters
    ----------
    folder : Path
        Matrices; their rows must fit into memory for the prediction beside it.
    n_threads : int
        Threads of LightGBM in both.

    Returns
    -------
    BatchPace
        Paces and ratios.

    Raises
    ------
    ChildFailed
        If the process ended without a figure.
    """
    threads = {"OMP_NUM_THREADS": str(n_threads)}
    return BatchPace(**measured(_MODULE, "pace", str(folder), settings=threads))


def measure_peak(folder: Path) -> int:
    """Score matrices in a process of its own.

    Parameters
    ----------
    folder : Path
        Matrices.

    Returns
    -------
    int
        Its peak of memory in bytes, Python and all libraries included.

    Raises
    ------
    ChildFailed
        If the process ended without a figure.
    """
    return int(measured(_MODULE, "peak", str(folder))["peak_bytes"])


def _pace(folder: Path, out: Path) -> BatchPace:
    verified = verify_bundle(SHIPPED, trusted_keys())
    model, booster = load_bundle(verified), load_booster(verified.contents[MODEL])
    X = pl.read_parquet(folder / "rows.parquet").drop("item_id").to_numpy(order="c")

    def one_round() -> tuple[float, float, float, float]:
        ours, our_cpu = _spent(lambda: score_matrices(folder, model, out))
        ready, ready_cpu = _spent(lambda: booster.predict(X))
        return ours, ready, our_cpu, ready_cpu

    one_round()  # threads start, files come into memory
    rounds = [one_round() for _ in range(_ROUNDS)]
    return BatchPace(
        median(len(X) / ours for ours, _, _, _ in rounds),
        median(len(X) / ready for _, ready, _, _ in rounds),
        median(ready / ours for ours, ready, _, _ in rounds),
        median(ready / ours for _, _, ours, ready in rounds),
    )


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    started, spent = perf_counter(), process_time()
    work()
    return perf_counter() - started, process_time() - spent


def main() -> None:
    """Be the child: score, and write one line of JSON."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    with TemporaryDirectory(prefix="weir-batch-") as place:
        out = Path(place) / "scores.parquet"
        if what == "pace":
            told: dict[str, float] = asdict(_pace(folder, out))
        else:
            score_matrices(folder, load_bundle(verify_bundle(SHIPPED, trusted_keys())), out)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            told = {"peak_bytes": peak}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
