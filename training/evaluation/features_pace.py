"""How fast tables become X, in how much memory, and whether that grows with the number of items.

`measure_pace` is the parent's side; `python -m training.evaluation.features_pace` is the child,
a process for each number of items, so that its peak of memory is its own.
"""

import json
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import FEATURE_NAMES
from features.entities import IDENTIFIERS
from features.matrix import BLOCK_ROWS, TableMatrix
from models.bundle import verify_bundle
from models.registry import SHIPPED
from models.risk import load_booster
from models.signing import trusted_keys
from models.tree_text import MODEL
from training.evaluation.children import measured
from training.evaluation.folders import Progress
from training.tables import Tables, read_tables

MOST_RATIO = 4.0
"""Largest time for X over the time of the champion's prediction on it."""
MOST_SLOPE = 1.15
"""Largest cost of an item among the most items over that among the fewest."""

_PREDICTED_ROWS = 131_072
_ENTITY_COLUMNS = tuple(column for columns in IDENTIFIERS.values() for column in columns)

Ready = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pace:
    """What one number of items cost.

    Parameters
    ----------
    n_items : int
        Items in the tables, each a row of X.
    n_threads : int
        Threads that computed blocks.
    matrix_seconds : float
        From tables in memory to every row of X, block by block.
    cpu_seconds : float
        Processor time of the same, which other work on the machine does not lengthen.
    predict_us : float
        Microseconds a row that the champion's `Booster.predict` takes on ready X, same threads.
    peak_bytes : int
        Most memory of the process, tables included.
    """

    n_items: int
    n_threads: int
    matrix_seconds: float
    cpu_seconds: float
    predict_us: float
    peak_bytes: int

    @property
    def items_per_second(self) -> float:
        """Rows of X a second."""
        return self.n_items / self.matrix_seconds

    @property
    def ratio(self) -> float:
        """Time for a row of X over the time to predict it."""
        return self.matrix_seconds / self.n_items * 1e6 / self.predict_us


def measure_pace(
    folder: Path, sizes: list[int], *, n_threads: int, progress: Progress
) -> list[Pace]:
    """Measure each number of items in a process of its own.

    Parameters
    ----------
    folder : Path
        A data folder; it is copied over, with other entities, until there are enough items.
    sizes : list of int
        Numbers of items; 0 takes the folder as it is.
    n_threads : int
        Threads for blocks and for prediction.
    progress : callable
        Told of sizes.

    Returns
    -------
    list of Pace
        One per size.

    Raises
    ------
    ChildFailed
        If a process ended without a figure, for want of memory perhaps.
    """
    found = []
    for done, size in enumerate(sizes):
        progress("Sizes", done, len(sizes))
        found.append(_in_child(folder, size, n_threads))
    progress("Sizes", len(sizes), len(sizes))
    return found


def slope(costs: list[float]) -> float:
    """Give the cost of an item in the last size over that in the first.

    Parameters
    ----------
    costs : list of float
        Cost of an item, one per size, sizes ascending.

    Returns
    -------
    float
        1 where cost grows exactly with the number of items.

    Examples
    --------
    >>> slope([10.0, 10.5, 11.0])
    1.1
    """
    return costs[-1] / costs[0]


def _in_child(folder: Path, size: int, n_threads: int) -> Pace:
    threads = {name: str(n_threads) for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS")}
    told = measured("training.evaluation.features_pace", str(folder), str(size), settings=threads)
    return Pace(**told)


def copied(tables: Tables, n_items: int) -> Tables:
    """Repeat tables with other ids and other entities until there are enough items.

    Parameters
    ----------
    tables : Tables
        What to repeat.
    n_items : int
        Items wanted; the last copy is cut.

    Returns
    -------
    Tables
        Copies side by side; no entity of one occurs in another.
    """
    n_copies = -(-n_items // max(tables.items.height, 1))

    def repeated(table: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
        return pl.concat(
            [
                table.with_columns(pl.col(column) + f"K{copy}" for column in columns)
                for copy in range(n_copies)
            ]
        )

    return Tables(
        items=repeated(tables.items, ("item_id", *_ENTITY_COLUMNS)).head(n_items),
        inspections=repeated(tables.inspections, ("item_id", "inspection_id", "supersedes")),
        decisions=tables.decisions.clear(),
        signals=repeated(tables.signals, ("signal_id", "entity")),
    )


def compute(tables: Tables, n_threads: int) -> tuple[float, float, Ready]:
    """Compute all of X, a block of rows at a time, and keep the last rows that predictions need.

    Parameters
    ----------
    tables : Tables
        What is known.
    n_threads : int
        Threads.

    Returns
    -------
    seconds, cpu_seconds : float
        Time for all rows, on the clock and of the processor.
    ready : array of float32, shape (up to 131,072, f)
        Some of them.
    """
    n_features = len(FEATURE_NAMES)
    ready = np.empty((min(_PREDICTED_ROWS, tables.items.height), n_features), np.float32)
    started, spent = perf_counter(), process_time()
    matrix = TableMatrix(tables.items, tables.inspections, tables.signals)

    def block(first: int) -> None:
        n_rows = min(BLOCK_ROWS, matrix.n_items - first)
        X = np.full((n_rows, n_features), np.nan, np.float32)
        matrix.block(first, X)
        kept = min(max(len(ready) - first, 0), n_rows)
        ready[first : first + kept] = X[:kept]

    with ThreadPoolExecutor(n_threads) as threads:
        list(threads.map(block, range(0, matrix.n_items, BLOCK_ROWS)))
    return perf_counter() - started, process_time() - spent, ready


def _predict_us(ready: Ready, n_threads: int) -> float:
    contents = verify_bundle(SHIPPED, trusted_keys()).contents
    booster = load_booster(contents[MODEL])
    booster.predict(ready[:64], num_threads=n_threads)
    started = perf_counter()
    booster.predict(ready, num_threads=n_threads)
    return (perf_counter() - started) / len(ready) * 1e6


def main() -> None:
    """Be the child: measure, and write one line of JSON."""
    folder, size = Path(sys.argv[1]), int(sys.argv[2])
    n_threads = int(os.environ["OMP_NUM_THREADS"])
    tables = read_tables(folder)
    # the kernels' machine code is loaded, or made, before the clock runs
    compute(copied(tables, 512), n_threads)
    tables = copied(tables, size) if size else tables
    seconds, cpu_seconds, ready = compute(tables, n_threads)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    predict_us = _predict_us(ready, n_threads)
    pace = Pace(tables.items.height, n_threads, seconds, cpu_seconds, predict_us, peak)
    sys.stdout.write(json.dumps(asdict(pace)) + "\n")


if __name__ == "__main__":
    main()
