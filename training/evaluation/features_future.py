"""No feature knows the future: X from whole tables and from tables cut at a moment are equal."""

from datetime import datetime
from typing import NamedTuple

import polars as pl

from features.catalogue import FEATURE_NAMES
from features.matrix import Matrix, latest_versions, matrix_from_tables
from training.evaluation.folders import Progress
from training.tables import Tables


class Cut(NamedTuple):
    """What became of one cut.

    Parameters
    ----------
    at : datetime
        The moment, UTC; tables were cut before it.
    n_items : int
        Items presented and received before it, in the same version in both tables.
    n_rows_after : int
        Rows of all tables that only the whole ones hold.
    equal : bool
        Whether both matrices are the same, byte for byte.
    differing : list of str
        Features that are not.
    """

    at: datetime
    n_items: int
    n_rows_after: int
    equal: bool
    differing: list[str]


def cut_moments(tables: Tables, n_cuts: int) -> list[datetime]:
    """Choose moments that part the items evenly.

    Parameters
    ----------
    tables : Tables
        The whole tables.
    n_cuts : int
        How many.

    Returns
    -------
    list of datetime
        The moments at which items were presented, UTC, so that ties lie on the edge.
    """
    presented = tables.items["presented_at"].sort()
    return [presented[(number + 1) * len(presented) // (n_cuts + 1)] for number in range(n_cuts)]


def compare_futures(tables: Tables, moments: list[datetime], progress: Progress) -> list[Cut]:
    """Compute X of what was known before each moment, with and without the future at hand.

    Parameters
    ----------
    tables : Tables
        The whole tables.
    moments : list of datetime
        Where to cut, UTC.
    progress : callable
        Told of cuts.

    Returns
    -------
    list of Cut
        One per moment.
    """
    whole = matrix_from_tables(tables.items, tables.inspections, tables.signals)
    versions = latest_versions(tables.items).select("item_id", "version")
    found = []
    for done, at in enumerate(moments):
        progress("Cuts", done, len(moments))
        found.append(_compare(tables, whole, versions, at))
    progress("Cuts", len(moments), len(moments))
    return found


def _compare(tables: Tables, whole: Matrix, versions: pl.DataFrame, at: datetime) -> Cut:
    early = tables.known_before(at)
    matrix = matrix_from_tables(early.items, early.inspections, early.signals)
    # a later version of an item is another item to score: as of another moment
    rows = (
        versions.with_row_index("whole")
        .join(
            latest_versions(early.items).select("item_id", "version").with_row_index("early"),
            on=("item_id", "version"),
        )
        .sort("early")
    )
    then, now = matrix.X[rows["early"].to_numpy()], whole.X[rows["whole"].to_numpy()]
    differing = [
        name
        for column, name in enumerate(FEATURE_NAMES)
        if then[:, column].tobytes() != now[:, column].tobytes()
    ]
    n_after = sum(
        getattr(tables, name).height - getattr(early, name).height
        for name in ("items", "inspections", "signals")
    )
    return Cut(at, rows.height, n_after, then.tobytes() == now.tobytes(), differing)
