"""Who bears the inspections: how often items of each kind are opened, and how often for nothing."""

from typing import NamedTuple

import polars as pl

from models.estimates.intervals import LEVEL, Interval, clopper_pearson
from models.estimates.logged import current_exams

SIZES = ((1, "1"), (9, "2 to 9"), (99, "10 to 99"))
"""Most items of one shipper in the period, and what its size is called."""

_LARGEST = "100 or more"

_NONE = "none"


class Burden(NamedTuple):
    """How items of one kind fared. Both rates come with exact intervals.

    Parameters
    ----------
    by : str
        `port`, `mode`, `route`, `body` or `shipper_size`.
    group : str
        The kind.
    n_items, n_inspected, n_finds : int
        Items that left, those with a completed exam, and finds among those.
    inspection_rate : float
        Inspected items per item.
    inspection_interval : Interval
        Its ends.
    lawful_opened_rate : float or None
        Items opened for nothing per item on which nothing was found; None without any.
    lawful_opened_interval : Interval
        Its ends.
    """

    by: str
    group: str
    n_items: int
    n_inspected: int
    n_finds: int
    inspection_rate: float
    inspection_interval: Interval
    lawful_opened_rate: float | None
    lawful_opened_interval: Interval


def burden(items: pl.DataFrame, inspections: pl.DataFrame, level: float = LEVEL) -> list[Burden]:
    """State the burden of inspections by port, mode, route, body of vehicles and size of shippers.

    A route is a mode and a destination, such as `pov MX`.

    Items on which nothing was found count as lawful: what exams miss is among them, which makes
    the second rate a little too high, never too low. The intervals take the items of the period
    for a sample of what leaves in such periods (Clopper and Pearson).

    Parameters
    ----------
    items : polars.DataFrame
        `item_id, port, mode, destination, body, shipper`, one row per item.
    inspections : polars.DataFrame
        The `inspections` table, corrected ones included.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    list of Burden
        By kind, then by group.
    """
    sized = items.with_columns(n_sent=pl.len().over("shipper")).with_columns(
        shipper_size=pl.when(pl.col("shipper").is_null())
        .then(pl.lit(_NONE))
        .otherwise(_size(pl.col("n_sent"))),
        route=pl.concat_str("mode", "destination", separator=" "),
        body=pl.col("body").fill_null(_NONE),
    )
    joined = sized.join(current_exams(inspections), on="item_id", how="left")
    return [
        row
        for by in ("port", "mode", "route", "body", "shipper_size")
        for row in _rows(joined, by, level)
    ]


def _size(n_sent: pl.Expr) -> pl.Expr:
    named = pl.lit(_LARGEST)
    for most, name in reversed(SIZES):
        named = pl.when(n_sent <= most).then(pl.lit(name)).otherwise(named)
    return named


def _rows(joined: pl.DataFrame, by: str, level: float) -> list[Burden]:
    counted = (
        joined.group_by(by)
        .agg(
            n_items=pl.len(),
            n_inspected=pl.col("found").is_not_null().sum(),
            n_finds=pl.col("found").fill_null(value=False).sum(),
        )
        .sort(by)
    )
    return [
        Burden(
            by=by,
            group=group,
            n_items=n_items,
            n_inspected=n_inspected,
            n_finds=n_finds,
            inspection_rate=n_inspected / n_items,
            inspection_interval=clopper_pearson(n_inspected, n_items, level),
            lawful_opened_rate=_share(n_inspected - n_finds, n_items - n_finds),
            lawful_opened_interval=clopper_pearson(n_inspected - n_finds, n_items - n_finds, level),
        )
        for group, n_items, n_inspected, n_finds in counted.iter_rows()
    ]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
