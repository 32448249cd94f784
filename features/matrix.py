"""X: the one path from items and history to numbers, for tables and for the lane alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from features.catalogue import FEATURE_NAMES
from features.encoding import Encoded, Integers, Numbers, encode_items, encode_table
from features.entities import entity_keys
from features.errors import InvalidTable
from features.filing_features import FILING_FEATURES
from features.history import KINDS, EntityQuery, HistorySource
from features.history_features import HISTORY_FEATURES, history_values
from features.history_lists import lay_out_items, lay_out_results
from features.history_sums import item_sums, result_sums
from features.history_tables import history_by_kind, versions_with_history
from features.item_features import ITEM_FEATURES
from features.items import Shipment, Vehicle
from features.line_sums import is_shipment

_COLUMN: Mapping[str, int] = {name: column for column, name in enumerate(FEATURE_NAMES)}
_OF_ITEMS = (*ITEM_FEATURES, *FILING_FEATURES)
_FIRST_HISTORY = _COLUMN[HISTORY_FEATURES[0].name]

HISTORY_MISSING = "history"
"""What `Matrix.missing` says of an item whose history could not be read."""


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
        Per item, the optional inputs that it lacks.
    """

    item_ids: list[str]
    X: npt.NDArray[np.float32]
    missing: list[list[str]]

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


def _fill(X: npt.NDArray[np.float32], rows: Integers, values: Mapping[str, Numbers]) -> None:
    for name, column in values.items():
        X[rows, _COLUMN[name]] = column


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
    history: HistorySource | None,
) -> Matrix:
    """Compute X for validated items, one or many, as the service does.

    Parameters
    ----------
    items : sequence of Vehicle or Shipment
        The n items.
    as_of : sequence of int
        Microseconds since the epoch, from `features.history.as_of`, one per item.
    history : HistorySource or None
        Where to fetch past items and results; None if it cannot be read now.

    Returns
    -------
    Matrix
        Features in the order of `items`; without history its columns are NaN and
        `missing` says so.
    """
    X = _empty(len(items))
    _fill_item_features(X, encode_items(items))
    if history is not None:
        queries = [
            (row, EntityQuery(kind, key, moment, item.item_id))
            for row, (item, moment) in enumerate(zip(items, as_of, strict=True))
            for kind, key in entity_keys(item).items()
        ]
        asked = [query for _, query in queries]
        answers = history.fetch(asked)
        sums = item_sums(*lay_out_items(asked, answers))
        sums |= result_sums(*lay_out_results(asked, answers))
        kinds = np.array([KINDS.index(query.kind) for query in asked], dtype=np.int64)
        rows = np.array([row for row, _ in queries], dtype=np.int64)
        for code in np.unique(kinds).tolist():
            of_kind = kinds == code
            chosen = {name: values[of_kind] for name, values in sums.items()}
            _fill(X, rows[of_kind], history_values(KINDS[code], chosen))
    return Matrix(
        [item.item_id for item in items],
        X,
        [_missing(item, has_history=history is not None) for item in items],
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
    twice = items.filter(pl.struct("item_id", "version").is_duplicated())
    if not twice.is_empty():
        row = twice.row(0, named=True)
        raise InvalidTable(
            f"items: item_id {row['item_id']!r} version {row['version']} occurs more than once;"
            " keep one row",
            field="item_id",
        )
    if (items["version"] == 1).all():
        return items
    last = pl.col("version") == pl.col("version").max().over("item_id")
    return items.filter(last)


def matrix_from_tables(
    items: pl.DataFrame, inspections: pl.DataFrame, *, where: pl.Expr | None = None
) -> Matrix:
    """Compute X for the items of a table, each as of its own moment.

    Parameters
    ----------
    items : polars.DataFrame
        The `items` table with all that history needs, every version.
    inspections : polars.DataFrame
        The `inspections` table.
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
    wanted = latest_versions(items)
    if where is not None:
        wanted = wanted.filter(where)
    X = _empty(wanted.height)
    _fill_item_features(X, encode_table(wanted))
    versions = versions_with_history(items, encode_table(items))
    queried = wanted.select("item_id", "version").join(
        versions, on=["item_id", "version"], how="left", maintain_order="left"
    )
    for seen in history_by_kind(versions, inspections, queried):
        sums = item_sums(seen.items, seen.seen_items)
        sums |= result_sums(seen.results, seen.seen_results)
        _fill(X, seen.rows, history_values(seen.kind, sums))
    return Matrix(wanted["item_id"].to_list(), X, [])
