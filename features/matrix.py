"""X: the one path from items, history and signals to numbers, for tables and the lane alike."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import FEATURE_NAMES
from features.encoding import Encoded, encode_table
from features.errors import InvalidTable
from features.filing_features import FILING_FEATURES
from features.history import HistorySource, KeyedItems, key_items
from features.history_fetched import HistoryLogs, logs_of
from features.history_tables import TableHistory, name_clusters
from features.item_features import ITEM_FEATURES
from features.items import Shipment, Vehicle
from features.line_sums import is_shipment
from features.source_history import fill_from_source

_OF_ITEMS = (*ITEM_FEATURES, *FILING_FEATURES)
"""The first columns of X, in this order."""

HISTORY_MISSING = "history"
"""What `Matrix.missing` says of an item whose history could not be read."""

BLOCK_ROWS = 32_768
"""Rows of X that are computed at a time."""


@dataclass(frozen=True)
class Matrix:
    """Features of n items.

    Parameters
    ----------
    item_ids : list of str
        The n items.
    X : array of float32, shape (n, f)
        Columns as `features.catalogue.FEATURE_NAMES`; NaN where a value is missing.
    missing : list of list of str
        Per item, the optional inputs that it lacks; empty for tables.
    clusters : list of str or None
        Per item, the cluster of small sends by linked parties that it is part of, named
        `{kind}:{key}` after the entity that they share.
    """

    item_ids: list[str]
    X: npt.NDArray[np.float32]
    missing: list[list[str]]
    clusters: list[str | None]

    def to_frame(self) -> pl.DataFrame:
        """Give the matrix as a table.

        Returns
        -------
        polars.DataFrame
            `item_id` first, then one Float32 column per feature.
        """
        ids = pl.DataFrame({"item_id": self.item_ids})
        return ids.hstack(pl.DataFrame(self.X, schema=list(FEATURE_NAMES), orient="row"))


def _empty(n_items: int) -> npt.NDArray[np.float32]:
    return np.full((n_items, len(FEATURE_NAMES)), np.nan, dtype=np.float32)


def _fill_item_features(X: npt.NDArray[np.float32], encoded: Encoded) -> None:
    # vehicles declare nothing: of a batch of them, what is filed stays NaN without being computed
    there = _OF_ITEMS if encoded.shared(is_shipment).any() else ITEM_FEATURES
    values = np.empty((len(there), len(X)), dtype=np.float32)
    for column, computed in enumerate(there):
        values[column] = computed.compute(encoded)
    X[:, : len(there)] = values.T


_OPTIONAL: Mapping[str, tuple[str, ...]] = {
    "vehicle": ("plate_state", "body", "model_year", "occupants", "driver"),
    "shipment": ("forwarder", "consignee_address", "phone", "container", "routed"),
}


def _missing(item: Vehicle | Shipment, *, has_history: bool) -> list[str]:
    lacks = [name for name in _OPTIONAL[item.kind] if getattr(item, name) is None]
    return lacks if has_history else [*lacks, HISTORY_MISSING]


def matrix_from_items(
    items: Sequence[Vehicle | Shipment],
    as_of: Sequence[int],
    history: HistorySource | HistoryLogs | None,
    keyed: KeyedItems | None = None,
) -> Matrix:
    """Compute X for validated items, one or many, as the service does.

    Parameters
    ----------
    items : sequence of Vehicle or Shipment
        The n items.
    as_of : sequence of int
        Microseconds since the epoch, from `features.history.as_of`, one per item.
    history : HistorySource or HistoryLogs or None
        Where to fetch past items, results and signals; None if it cannot be read now.
    keyed : KeyedItems, optional
        What `features.history.key_items` gives for these items, where the caller has it already.

    Returns
    -------
    Matrix
        Features in the order of `items`; without history the columns of history, links and
        signals are NaN and `missing` says so.
    """
    X = _empty(len(items))
    if keyed is None:
        keyed = key_items(items, as_of)
    _fill_item_features(X, keyed.encoded)
    clusters: list[str | None] = [None] * len(items)
    if history is not None and items:
        clusters = fill_from_source(X, items, keyed, logs_of(history))
    return Matrix(
        [item.item_id for item in items],
        X,
        [_missing(item, has_history=history is not None) for item in items],
        clusters,
    )


def latest_versions(items: pl.DataFrame) -> pl.DataFrame:
    """Keep the latest version of each item, in the order in which items first appear.

    Parameters
    ----------
    items : polars.DataFrame
        The `items` table.

    Returns
    -------
    polars.DataFrame
        One row per `item_id`.

    Raises
    ------
    InvalidTable
        If one version of one item occurs twice; the error names it.
    """
    if items["item_id"].n_unique() == items.height:
        return items
    twice = items.filter(pl.struct("item_id", "version").is_duplicated())
    if not twice.is_empty():
        row = twice.row(0, named=True)
        raise InvalidTable(
            f"items: item_id {row['item_id']!r} version {row['version']} occurs more than once;"
            " keep one row",
            field="item_id",
        )
    last = pl.col("version") == pl.col("version").max().over("item_id")
    return items.filter(last)


class TableMatrix:
    """X of the items of a table, block by block, so that memory stays bounded.

    Parameters
    ----------
    items, inspections, signals : polars.DataFrame
        The tables of those names with all that history needs, every version.
    where : polars.Expr, optional
        Give rows only for items that this selects; the others still count as history.

    Raises
    ------
    InvalidTable
        If one version of one item occurs twice.
    """

    def __init__(
        self,
        items: pl.DataFrame,
        inspections: pl.DataFrame,
        signals: pl.DataFrame,
        *,
        where: pl.Expr | None = None,
    ) -> None:
        wanted = latest_versions(items.with_row_index("_row"))
        if where is not None:
            wanted = wanted.filter(where)
        self._rows = wanted["_row"].cast(pl.Int64).to_numpy()
        self._items = wanted.drop("_row")
        self._history = TableHistory.read(items, inspections, signals)

    @property
    def n_items(self) -> int:
        """Number of rows."""
        return self._items.height

    def block(self, first: int, X: npt.NDArray[np.float32]) -> list[str | None]:
        """Fill some rows of X.

        Parameters
        ----------
        first : int
            The first of them.
        X : array of float32, shape (m, f)
            Those rows, all NaN.

        Returns
        -------
        list of str or None
            The clusters of those items.
        """
        items = self._items[first : first + len(X)]
        _fill_item_features(X, encode_table(items))
        clusters = self._history.fill(X, self._rows[first : first + len(X)])
        return name_clusters(items, clusters)

    def blocks(self, n_rows: int = BLOCK_ROWS) -> Iterator[Matrix]:
        """Give the matrix in blocks of rows.

        Parameters
        ----------
        n_rows : int
            Most rows of a block.

        Yields
        ------
        Matrix
            The next rows, in the order of the table.
        """
        for first in range(0, self.n_items, n_rows):
            ids = self._items["item_id"][first : first + n_rows].to_list()
            X = _empty(len(ids))
            yield Matrix(ids, X, [], self.block(first, X))

    def whole(self) -> Matrix:
        """Give the matrix whole, its blocks computed side by side.

        Returns
        -------
        Matrix
            One row per item.
        """
        X = _empty(self.n_items)
        firsts = range(0, self.n_items, BLOCK_ROWS)
        with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
            clusters = threads.map(
                lambda first: self.block(first, X[first : first + BLOCK_ROWS]), firsts
            )
            named = [name for block in clusters for name in block]
        return Matrix(self._items["item_id"].to_list(), X, [], named)


def matrix_from_tables(
    items: pl.DataFrame,
    inspections: pl.DataFrame,
    signals: pl.DataFrame,
    *,
    where: pl.Expr | None = None,
) -> Matrix:
    """Compute X for the items of a table, each as of its own moment.

    Parameters
    ----------
    items : polars.DataFrame
        The `items` table with all that history needs, every version.
    inspections, signals : polars.DataFrame
        The tables of those names.
    where : polars.Expr, optional
        Compute rows only for items that this selects; the others still count as history.

    Returns
    -------
    Matrix
        One row per item (its latest version), in the order of the table; `missing` is empty.

    Raises
    ------
    InvalidTable
        If one version of one item occurs twice.
    """
    return TableMatrix(items, inspections, signals, where=where).whole()
