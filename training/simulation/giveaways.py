"""Giveaways: how well the hidden truth can be read off the columns of an item alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]

IDENTIFIERS = ("item_id", "plate", "driver", "trailer", "shipper", "consignee", "forwarder",
               "consignee_address", "phone", "container", "itn", "license")  # fmt: skip
CODES = ("source", "kind", "port", "destination", "plate_state", "body", "lane", "content",
         "exemption", "option", "eccn", "schedule_b")  # fmt: skip
ROUTE_COLUMNS = frozenset({"port", "destination"})
"""Columns that are reported but not bounded: real routes differ."""

_MOST_CODES = 40
_TREE_DEPTH = 3


@dataclass(frozen=True)
class Giveaway:
    """How much one column, or all of them, tell.

    Parameters
    ----------
    mode, column : str
        Where.
    auc : float
        Area under the curve on later weeks, of the better of two learners.
    n_positives : int
        Hidden positives among those weeks.
    """

    mode: str
    column: str
    auc: float
    n_positives: int


def flat_columns(items: pl.DataFrame) -> pl.DataFrame:
    """Lay out every column of items as scalars, nested ones included.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table.

    Returns
    -------
    polars.DataFrame
        Text, code and number columns. Lists of lines give their number, and least, largest,
        first and sum of each field; times give hour, day of week and lags.
    """
    at = pl.col("presented_at")
    flat = items.unnest("filing").with_columns(
        row_order=pl.int_range(pl.len()),
        presented_hour=at.dt.hour() + at.dt.minute() / 60,
        presented_second=at.dt.second() + at.dt.microsecond() / 1e6,
        presented_weekday=at.dt.weekday(),
        received_lag_h=(at - pl.col("received_at")).dt.total_seconds() / 3600,
        departs_lag_h=(pl.col("departs_at") - at).dt.total_seconds() / 3600,
        n_lines=pl.col("lines").list.len(),
        **_of_lines(),
    )
    drop = ("version", "supersedes", "received_at", "presented_at", "departs_at", "lines", "mode")
    return flat.drop(drop)


def _of_lines() -> dict[str, pl.Expr]:
    def field(name: str) -> pl.Expr:
        return pl.col("lines").list.eval(pl.element().struct.field(name))

    columns: dict[str, pl.Expr] = {}
    for name in ("value_usd", "quantity", "weight_kg"):
        numbers = field(name).list.eval(pl.element().cast(pl.Float64))
        columns |= {
            f"{name}_sum": numbers.list.sum(),
            f"{name}_max": numbers.list.max(),
            f"{name}_min": numbers.list.min(),
            f"{name}_first": numbers.list.first(),
        }
    columns["schedule_b"] = field("schedule_b").list.first().str.slice(0, 6)
    columns["schedule_b_length"] = field("schedule_b").list.first().str.len_chars()
    columns["eccn"] = field("eccn").list.first()
    columns["license"] = field("license").list.first()
    columns["description"] = field("description").list.join(" ")
    columns["description_length"] = columns["description"].str.len_chars()
    return columns


def column_features(column: pl.Series, train: Labels) -> Floats:
    """Turn a column into numbers that a simple learner can read.

    Parameters
    ----------
    column : polars.Series, length n
        Numbers, codes, identifiers or text.
    train : array of bool, shape (n,)
        Rows of the earlier weeks, from which codes are learned.

    Returns
    -------
    array of float, shape (n, k)
        Codes become one column each (the 40 most frequent), identifiers numbers read off
        their characters (how often they come back is history), text its words; anything may
        be missing.
    """
    missing = column.is_null().to_numpy().astype(np.float64)[:, None]
    if column.name == "description":
        return _words(column, train)
    if column.name in IDENTIFIERS:
        return np.hstack([_characters(column), missing])
    if column.name in CODES:
        known = column.filter(pl.Series(train)).drop_nulls().value_counts(sort=True)
        names = known[column.name].head(_MOST_CODES)
        codes = [(column == name).fill_null(value=False).to_numpy() for name in names]
        return np.hstack([np.array(codes, dtype=np.float64).reshape(len(codes), -1).T, missing])
    values = column.cast(pl.Float64).to_numpy()
    return np.hstack([np.nan_to_num(values, nan=-1.0)[:, None], missing])


def _words(column: pl.Series, train: Labels) -> Floats:
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - slow

    texts = column.fill_null("").to_list()
    words = CountVectorizer(binary=True, max_features=200)
    words.fit([text for text, early in zip(texts, train, strict=True) if early])
    return np.asarray(words.transform(texts).toarray(), dtype=np.float64)


def _characters(column: pl.Series) -> Floats:
    text = column.fill_null("0")
    first = text.str.slice(0, 4).hash(0).to_numpy() % 997
    last = text.str.slice(-4).hash(0).to_numpy() % 997
    return np.column_stack([first, last, text.rank("dense").to_numpy()]).astype(np.float64)


def held_out_auc(X: Floats, y: Labels, train: Labels) -> float:
    """Learn from earlier weeks and rank later ones.

    Parameters
    ----------
    X : array of float, shape (n, k)
        Numbers, none missing.
    y : array of bool, shape (n,)
        Hidden truth.
    train : array of bool, shape (n,)
        Rows of the earlier weeks.

    Returns
    -------
    float
        The better area under the curve of logistic regression and a tree of depth 3.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - slow
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 - slow
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 - slow
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415 - slow

    learners = (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=300)),
        DecisionTreeClassifier(max_depth=_TREE_DEPTH, random_state=0, min_samples_leaf=20),
    )
    scores = [
        roc_auc_score(y[~train], learner.fit(X[train], y[train]).predict_proba(X[~train])[:, 1])
        for learner in learners
    ]
    return float(max(scores))


def single_columns(
    items: pl.DataFrame, illicit: pl.Series, columns: Sequence[str] | None = None
) -> list[Giveaway]:
    """Measure what each column of each mode tells by itself.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table, ordered by time.
    illicit : polars.Series of Boolean
        Hidden truth, in the order of the items.
    columns : sequence of str, optional
        Only these of `flat_columns`.

    Returns
    -------
    list of Giveaway
        One per mode and column that varies.
    """

    def each(flat: pl.DataFrame, train: Labels) -> Mapping[str, Floats]:
        return {
            name: column_features(flat[name], train)
            for name in columns or flat.columns
            if flat[name].n_unique() > 1
        }

    return _measured(items, illicit, each)


def all_columns(items: pl.DataFrame, illicit: pl.Series) -> list[Giveaway]:
    """Measure what all columns of each mode tell together.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table, ordered by time.
    illicit : polars.Series of Boolean
        Hidden truth, in the order of the items.

    Returns
    -------
    list of Giveaway
        One per mode; `column` is `*`.
    """

    def together(flat: pl.DataFrame, train: Labels) -> Mapping[str, Floats]:
        parts = [column_features(flat[name], train) for name in flat.columns
                 if flat[name].n_unique() > 1 and name != "row_order"]  # fmt: skip
        return {"*": np.hstack(parts)}

    return _measured(items, illicit, together)


def _measured(
    items: pl.DataFrame,
    illicit: pl.Series,
    features: Callable[[pl.DataFrame, Labels], Mapping[str, Floats]],
) -> list[Giveaway]:
    found = []
    for mode in items["mode"].unique().sort():
        here = items["mode"] == mode
        flat, y = flat_columns(items.filter(here)), illicit.filter(here).to_numpy()
        train = np.arange(len(y)) < len(y) * 0.7
        for name, X in features(flat, train).items():
            auc = held_out_auc(X, y, train)
            found.append(Giveaway(mode, name, auc, int(y[~train].sum())))
    return found


def repeated_share(items: pl.DataFrame) -> float:
    """Give the share of shipments whose goods tuple turns up again in another week.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table.

    Returns
    -------
    float
        Share of lines whose heading, weight, value and destination are exactly those of a
        line in another week.
    """
    tuples = (
        items.filter(pl.col("kind") == "shipment")
        .select("destination", "lines", week=pl.col("presented_at").dt.truncate("1w"))
        .explode("lines")
        .unnest("lines")
        .with_columns(pl.col("schedule_b").str.slice(0, 6))
    )
    keys = ["schedule_b", "weight_kg", "value_usd", "destination"]
    weeks = tuples.with_columns(n_weeks=pl.col("week").n_unique().over(keys))
    return int((weeks["n_weeks"] > 1).sum()) / max(1, weeks.height)
