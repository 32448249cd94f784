"""Labels where somebody looked, the features as of then, and the odds that somebody looked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import InvalidTable
from features.matrix import latest_versions, matrix_from_tables
from features.severity import (
    SEVERITY_PER_FIREARM,
    SEVERITY_PER_PART,
    SEVERITY_PER_ROUND,
)
from training.labels import final_findings, inspection_weights
from training.tables import Tables


@dataclass(frozen=True)
class Dataset:
    """Inspected items in the order of presentation.

    Parameters
    ----------
    item_ids : list of str
        The n items.
    X : array of float32, shape (n, f)
        Features as of each item's own moment.
    y : array of int, shape (n,)
        1 for a find, 0 for a clear inspection.
    weight : array of float, shape (n,)
        Inverse of the probability that the item was inspected, at most `MOST_WEIGHT`.
    presented_at : array of int, shape (n,)
        Microseconds since the epoch.
    mode : array of str, shape (n,)
        How the item left.
    severity : array of float, shape (n,)
        What was found, in firearm equivalents.
    detection : array of float, shape (n,)
        Probability that the exams made would have found what was there, 0 to 1: a clear X-ray
        says less than a clear full search.
    explored : array of bool, shape (n,)
        Whether the item was drawn at random.
    """

    item_ids: list[str]
    X: npt.NDArray[np.float32]
    y: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    presented_at: npt.NDArray[np.int64]
    mode: npt.NDArray[np.str_]
    severity: npt.NDArray[np.float64]
    detection: npt.NDArray[np.float64]
    explored: npt.NDArray[np.bool_]

    def rows(self, chosen: npt.NDArray[np.bool_]) -> "Dataset":
        """Keep some items.

        Parameters
        ----------
        chosen : array of bool, shape (n,)
            Which.

        Returns
        -------
        Dataset
            Those items, in order.
        """
        return Dataset(
            [item_id for item_id, keep in zip(self.item_ids, chosen, strict=True) if keep],
            self.X[chosen],
            self.y[chosen],
            self.weight[chosen],
            self.presented_at[chosen],
            self.mode[chosen],
            self.severity[chosen],
            self.detection[chosen],
            self.explored[chosen],
        )


def labelled(tables: Tables) -> Dataset:
    """Build the dataset of everything that was inspected to the end.

    "Not opened" is not "clean": an item without a completed inspection has no row.

    Parameters
    ----------
    tables : Tables
        What is known at the time of the fit.

    Returns
    -------
    Dataset
        Inspected items ordered by presentation.

    Raises
    ------
    InvalidTable
        If no item was inspected, or none of the inspections is a find.
    """
    found = final_findings(tables.inspections)
    if not found["find"].any():
        raise InvalidTable(
            f"inspections: {found.height} completed and no find among them; there is nothing to"
            " learn from, give a longer period",
            field="inspections",
        )
    inspected = pl.col("item_id").is_in(found["item_id"].implode())
    matrix = matrix_from_tables(tables.items, tables.inspections, tables.signals, where=inspected)
    position = pl.DataFrame({"item_id": matrix.item_ids}).with_row_index("row")
    table = (
        latest_versions(tables.items)
        .select("item_id", "presented_at", "mode")
        .join(found, on="item_id")
        .join(position, on="item_id")
        .join(inspection_weights(tables.decisions), on="item_id", how="left")
        .sort("presented_at", "item_id")
    )
    severity = (
        SEVERITY_PER_FIREARM * pl.col("n_firearms")
        + SEVERITY_PER_PART * pl.col("n_parts")
        + SEVERITY_PER_ROUND * pl.col("n_rounds")
    )
    return Dataset(
        table["item_id"].to_list(),
        matrix.X[table["row"].to_numpy()],
        table["find"].cast(pl.Int8).to_numpy(),
        table["weight"].fill_null(0.0).to_numpy(),
        table["presented_at"].dt.epoch("us").to_numpy(),
        table["mode"].to_numpy().astype(np.str_),
        table.select(severity.alias("severity"))["severity"].to_numpy(),
        table["detection"].to_numpy(),
        table["explored"].fill_null(value=False).to_numpy(),
    )


MOST_LAWFUL = 200_000
"""Items without contraband that `everything` keeps; each then stands for as many as were there."""


def everything(tables: Tables, truth: pl.DataFrame, *, seed: int) -> Dataset:
    """Build the dataset of what every item carried, inspected or not: a ceiling to compare with.

    Parameters
    ----------
    tables : Tables
        What is known at the time of the fit.
    truth : polars.DataFrame
        The `truth` table, which only a simulator has.
    seed : int
        Seed of the draw of items without contraband, where there are more than `MOST_LAWFUL`.

    Returns
    -------
    Dataset
        Items ordered by presentation; `y` is 1 for what carried.

    Raises
    ------
    InvalidTable
        If nothing carried.
    """
    rows = latest_versions(tables.items).select("item_id").join(truth, on="item_id")
    lawful = rows.filter(~pl.col("illicit"))
    if lawful.height == rows.height:
        raise InvalidTable("truth: no item carried anything; there is no ceiling", field="illicit")
    weight = max(1.0, lawful.height / MOST_LAWFUL)
    drawn = lawful.sample(min(lawful.height, MOST_LAWFUL), seed=seed)["item_id"]
    kept = pl.concat([rows.filter("illicit")["item_id"], drawn]).implode()
    where = pl.col("item_id").is_in(kept)
    matrix = matrix_from_tables(tables.items, tables.inspections, tables.signals, where=where)
    table = (
        pl.DataFrame({"item_id": matrix.item_ids})
        .with_row_index("row")
        .join(latest_versions(tables.items).select("item_id", "presented_at", "mode"), on="item_id")
        .join(truth.select("item_id", "illicit", "severity"), on="item_id")
        .sort("presented_at", "item_id")
    )
    y = table["illicit"].cast(pl.Int8).to_numpy()
    return Dataset(
        table["item_id"].to_list(),
        matrix.X[table["row"].to_numpy()],
        y,
        np.where(y == 1, 1.0, weight),
        table["presented_at"].dt.epoch("us").to_numpy(),
        table["mode"].to_numpy().astype(np.str_),
        table["severity"].to_numpy(),
        np.ones(len(y)),
        np.zeros(len(y), dtype=bool),
    )


def moment(microseconds: int) -> datetime:
    """Turn microseconds since the epoch into a time.

    Parameters
    ----------
    microseconds : int
        Microseconds since 1970-01-01T00:00Z.

    Returns
    -------
    datetime
        The same moment, UTC.
    """
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
