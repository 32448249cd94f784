"""Parity: the features of simulated items through the store against those from the tables."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import FEATURE_NAMES
from features.encoding import microseconds
from features.errors import InvalidTable
from features.history import as_of
from features.items import ITEM, Shipment, Vehicle
from features.matrix import Matrix, latest_versions, matrix_from_items, matrix_from_tables
from features.records import INSPECTIONS, ITEM_LEDGER, ITEMS, SIGNALS, Table
from service.importing.rows import Importer
from service.importing.run import import_data
from service.proof.scratch import LANE_WINDOW, Scratch
from service.store.history import StoreHistory

MICRO_BATCH = 64
"""Items that the service gathers into one run."""

Progress = Callable[[int, int], None]
Tables = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]


@dataclass(frozen=True)
class Replay:
    """What a replay came to.

    Parameters
    ----------
    n_items, n_features : int
        Size of the matrix that was compared.
    differing : dict of str to int
        Feature, or `cluster`, to the items in which the two differ; none that agree.
    batch_us, single_us : float
        Median microseconds an item in micro-batches, and alone.
    """

    n_items: int
    n_features: int
    differing: dict[str, int]
    batch_us: float
    single_us: float

    @property
    def batch_share(self) -> float:
        """Cost of an item in a micro-batch over the cost of one alone."""
        return self.batch_us / self.single_us


def read_data(folder: Path, n_items: int) -> Tables:
    """Read the first items of a data folder, with their inspections and all signals.

    Parameters
    ----------
    folder : pathlib.Path
        Holds `items.parquet`, `inspections.parquet` and `signals.parquet`.
    n_items : int
        Rows of the items table to read.

    Returns
    -------
    tuple of polars.DataFrame
        Items, inspections, signals.

    Raises
    ------
    InvalidTable
        If a file is missing.
    """
    items = _read(folder, ITEMS).head(n_items)
    inspections = _read(folder, INSPECTIONS)
    mine = inspections.filter(pl.col("item_id").is_in(items["item_id"].implode()))
    return items, mine, _read(folder, SIGNALS)


def _read(folder: Path, table: Table) -> pl.DataFrame:
    path = folder / f"{table.name}.parquet"
    if not path.is_file():
        raise InvalidTable(f"{path} is missing; name a folder of `weir-train simulate`")
    return pl.read_parquet(path)


def _load(tables: Tables, into: Scratch) -> None:
    importer = Importer(into.store, into.tokens, into.token_key, LANE_WINDOW)
    with TemporaryDirectory(prefix="weir-proof-") as folder:
        for table, frame in zip((ITEMS, INSPECTIONS, SIGNALS), tables, strict=True):
            frame.write_parquet(Path(folder) / f"{table.name}.parquet")
        import_data(importer, Path(folder), lambda *_: None)


def _item(row: dict[str, Any]) -> tuple[Vehicle | Shipment, int]:
    received_at = row["received_at"] or row["presented_at"]
    given = {
        name: value
        for name, value in row.items()
        if value is not None and (name == "item_id" or name not in ITEM_LEDGER)
    }
    item = ITEM.validate_python(given)
    return item, as_of(item, microseconds(received_at))


def _batches(items: pl.DataFrame, n_rows: int) -> Iterator[list[tuple[Vehicle | Shipment, int]]]:
    for rows in items.iter_slices(n_rows):
        yield [_item(row) for row in rows.iter_rows(named=True)]


def _served(into: Scratch, batch: Sequence[tuple[Vehicle | Shipment, int]]) -> tuple[Matrix, float]:
    started = perf_counter()
    with into.store.read() as connection:
        matrix = matrix_from_items(
            [item for item, _ in batch],
            [moment for _, moment in batch],
            StoreHistory(connection, into.tokens),
        )
    return matrix, (perf_counter() - started) * 1e6 / len(batch)


def _differences(
    served: Matrix, X: npt.NDArray[np.float32], clusters: list[str | None]
) -> pl.Series:
    differ = served.X.view(np.int32) != X.view(np.int32)
    differ &= ~(np.isnan(served.X) & np.isnan(X))
    names = [FEATURE_NAMES[column] for column in np.nonzero(differ)[1].tolist()]
    pairs = zip(served.clusters, clusters, strict=True)
    return pl.Series(names + ["cluster" for one, other in pairs if one != other], dtype=pl.String)


def replay(tables: Tables, into: Scratch, progress: Progress) -> Replay:
    """Load a history into a store, ask for every item again, and compare with the tables.

    Parameters
    ----------
    tables : tuple of polars.DataFrame
        Items, inspections, signals.
    into : Scratch
        An empty store.
    progress : callable
        Told the items done and the items there are.

    Returns
    -------
    Replay
        What differs, bit by bit, and what an item cost.
    """
    expected = matrix_from_tables(*tables)
    latest = latest_versions(tables[0])
    _load(tables, into)
    costs: list[float] = []
    differing: list[pl.Series] = []
    done = 0
    for batch in _batches(latest, MICRO_BATCH):
        served, cost = _served(into, batch)
        rows = slice(done, done + len(batch))
        differing.append(_differences(served, expected.X[rows], expected.clusters[rows]))
        costs.append(cost)
        done += len(batch)
        progress(done, latest.height)
    alone = latest.gather_every(max(1, latest.height // 1_000))
    singles = [_served(into, single)[1] for single in _batches(alone, 1)]
    counts = pl.concat(differing).value_counts(name="n").rows() if differing else []
    return Replay(
        latest.height,
        len(FEATURE_NAMES),
        dict(sorted(counts)),
        float(np.median(costs)),
        float(np.median(singles)),
    )
