"""Exams: what an inspection finds, how long it takes, and when that is written down."""

import numpy as np
import polars as pl

from features.records import TABLES
from features.reference.tables import exam_methods
from training.simulation.columns import times
from training.simulation.draws import Keys, chance, fold, integer, uniform
from training.simulation.world import Past

_MINUTE_US, _DAY_US = 60_000_000, 86_400_000_000
_SECOND_LOOK_MINUTES = 15.0
_MOST_CERTAIN = 0.99
_AGENCY = "CBP"


def detection(
    method: pl.Series, ease: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Give the probability that an exam finds what is there.

    Parameters
    ----------
    method : polars.Series of String, length n
        Exam methods.
    ease : array of float, shape (n,)
        Factor for concealment and material; 0 where there is nothing.

    Returns
    -------
    array of float, shape (n,)
        A-pd times A-pd.mult, at most 0.99.
    """
    base = method.replace_strict({code: row.detection for code, row in exam_methods().items()})
    return np.minimum(base.cast(pl.Float64).to_numpy() * ease, _MOST_CERTAIN)


def examine(
    past: Past, items: pl.DataFrame, hidden: pl.DataFrame, method: pl.Series
) -> pl.DataFrame:
    """Examine items.

    Parameters
    ----------
    past : Past
        Rates of false finds, late records and exams that are not completed.
    items, hidden : polars.DataFrame
        The items examined, as in `traffic.WeekOfTraffic`.
    method : polars.Series of String, length n
        How each is examined.

    Returns
    -------
    polars.DataFrame
        The columns of the `inspections` table. What is drawn depends on the item alone, so
        that two policies which examine it alike find the same.
    """
    key = fold(hidden["key"].to_numpy(), "exam")
    methods = exam_methods()
    finds = chance(key, "finds", detection(method, hidden["ease"].to_numpy()))
    false = ~hidden["illicit"].to_numpy() & chance(key, "false find", past.false_find_share)
    unfinished = chance(key, "not completed", past.not_completed_share)
    outcome = np.where(unfinished, 2, np.where(finds | false, 1, 0))
    alarm_share = method.replace_strict({code: row.false_alarm for code, row in methods.items()})
    alarm = chance(key, "false alarm", alarm_share.cast(pl.Float64).to_numpy())
    minutes = method.replace_strict({code: row.minutes for code, row in methods.items()})
    spent = minutes.cast(pl.Float64).to_numpy() * (0.7 + 0.6 * uniform(key, "minutes"))
    spent = np.round(spent + np.where(alarm | (outcome == 1), _SECOND_LOOK_MINUTES, 0.0), 2)
    found_at = _found_at(items, key, spent)
    true_find = (outcome == 1) & hidden["illicit"].to_numpy()
    false_find = (outcome == 1) & ~true_find
    frame = pl.DataFrame(
        {
            "inspection_id": "I" + items["item_id"],
            "supersedes": pl.repeat(None, len(items), dtype=pl.String, eager=True),
            "item_id": items["item_id"],
            "method": method,
            "minutes": spent,
            "outcome": pl.Series(["clear", "find", "not_completed"]).gather(outcome),
            "n_firearms": np.where(true_find, hidden["n_firearms"].to_numpy(), 0),
            "n_parts": np.where(true_find, hidden["n_parts"].to_numpy(), false_find),
            "n_rounds": np.where(true_find, hidden["n_rounds"].to_numpy(), 0),
            "found_at": times(found_at),
            "recorded_at": times(found_at + _record_delay(past, key, outcome)),
            "agency": pl.repeat(_AGENCY, len(items), eager=True),
        }
    )
    return TABLES["inspections"].check(frame)


def standing(inspections: pl.DataFrame) -> pl.DataFrame:
    """Leave out the inspections that a correction has replaced.

    Parameters
    ----------
    inspections : polars.DataFrame
        The `inspections` table with its corrections.

    Returns
    -------
    polars.DataFrame
        The rows that no other row of the table supersedes, in their order.
    """
    superseded = inspections["supersedes"].drop_nulls().implode()
    return inspections.filter(~pl.col("inspection_id").is_in(superseded))


def _found_at(
    items: pl.DataFrame, key: Keys, minutes: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    known = items.select(pl.max_horizontal("presented_at", "received_at"))
    start = known.to_series().dt.timestamp("us").to_numpy()
    return start + (integer(key, "wait", 20) + minutes.astype(np.int64) + 1) * _MINUTE_US


def _record_delay(
    past: Past, key: Keys, outcome: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    soon = (1 + integer(key, "recorded soon", 240)) * _MINUTE_US
    late = -np.log1p(-uniform(key, "days late")) * past.late_days_mean * _DAY_US
    is_late = (outcome == 1) & chance(key, "recorded late", past.late_share)
    return soon + np.where(is_late, late, 0.0).astype(np.int64)
