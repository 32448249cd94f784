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
from training.tables import Tables

MOST_WEIGHT = 200.0
"""Largest inverse propensity that a label counts with, so that no single item decides a figure."""


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
    """

    item_ids: list[str]
    X: npt.NDArray[np.float32]
    y: npt.NDArray[np.int8]
    weight: npt.NDArray[np.float64]
    presented_at: npt.NDArray[np.int64]
    mode: npt.NDArray[np.str_]
    severity: npt.NDArray[np.float64]

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
        )


def final_findings(inspections: pl.DataFrame) -> pl.DataFrame:
    """Reduce inspections to one completed finding per item.

    Corrected inspections give way to the correction that supersedes them; examinations that
    were not completed say nothing about the item. Of several completed ones a find decides.

    Parameters
    ----------
    inspections : polars.DataFrame
        The `inspections` table.

    Returns
    -------
    polars.DataFrame
        `item_id, find, n_firearms, n_parts, n_rounds`, one row per item, ordered by `item_id`.
    """
    superseded = inspections["supersedes"].drop_nulls().implode()
    return (
        inspections.filter(~pl.col("inspection_id").is_in(superseded))
        .filter(pl.col("outcome") != "not_completed")
        .group_by("item_id")
        .agg(
            (pl.col("outcome") == "find").any().alias("find"),
            pl.col("n_firearms", "n_parts", "n_rounds").max(),
        )
        .sort("item_id")
    )


def inspection_weights(decisions: pl.DataFrame) -> pl.DataFrame:
    """Weigh chosen items by the inverse of the probability that they were chosen.

    The Horvitz-Thompson weight 1/p, bounded by `MOST_WEIGHT`. Officers choose with no known
    probability; their picks get weight 0, which keeps them out of figures and calibration
    while ranking still learns from them.

    Parameters
    ----------
    decisions : polars.DataFrame
        The `decisions` table.

    Returns
    -------
    polars.DataFrame
        `item_id, weight`, one row per chosen item.

    References
    ----------
    .. [1] Horvitz and Thompson (1952), J. Am. Stat. Assoc. 47, 663-685.
    """
    known = (pl.col("arm") != "officer") & (pl.col("propensity") > 0)
    inverse = (1 / pl.col("propensity")).clip(upper_bound=MOST_WEIGHT)
    return (
        decisions.filter(pl.col("chosen"))
        .select("item_id", pl.when(known).then(inverse).otherwise(0.0).alias("weight"))
        .group_by("item_id")
        .agg(pl.col("weight").max())
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
    )


@dataclass(frozen=True)
class Split:
    """Four stretches of time, each later than the one before.

    Parameters
    ----------
    fit, stop, calibrate, test : Dataset
        Trees are fitted on the first, stopped on the second, calibrated on the third and
        judged on the fourth.
    """

    fit: Dataset
    stop: Dataset
    calibrate: Dataset
    test: Dataset


SHARES = (0.55, 0.70, 0.85)
"""Where the four stretches meet, as shares of the finds in order of time."""


def split_by_time(data: Dataset) -> Split:
    """Cut a dataset so that each part holds later items than the one before.

    The cuts are moments, chosen so that the parts hold 55, 15, 15 and 15 percent of the
    finds; finds are what is scarce.

    Parameters
    ----------
    data : Dataset
        Inspected items.

    Returns
    -------
    Split
        Its four parts.

    Raises
    ------
    InvalidTable
        If a part would hold no find or no clear inspection.
    """
    finds = data.presented_at[data.y == 1]
    cuts = [int(finds[int(share * len(finds))]) for share in SHARES]
    part = np.searchsorted(cuts, data.presented_at, side="right")
    parts = [data.rows(part == number) for number in range(4)]
    for name, rows in zip(("fit", "stop", "calibrate", "test"), parts, strict=True):
        if len(set(rows.y.tolist())) < 2:  # noqa: PLR2004 - both outcomes
            raise InvalidTable(
                f"inspections: the {name} part holds {int(rows.y.sum())} finds among"
                f" {len(rows.y)}; both outcomes are needed, give a longer period",
                field="inspections",
            )
    return Split(*parts)


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
