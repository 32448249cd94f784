"""What another policy would have found on the same history, from the propensities of the first."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.errors import NoOverlap
from models.estimates.figures import Figure
from models.estimates.intervals import LEVEL, Interval, total_interval
from models.estimates.logged import Counting, Flags, Logged
from models.estimates.totals import FEWEST_FINDS, Sample, weigh
from models.policy.knapsack import best_set


@dataclass(frozen=True)
class WhatIf:
    """What a policy that was never run would have done.

    Parameters
    ----------
    n_exams : float
        Exams that it would have made, in expectation.
    n_known_exams, n_known_finds : int
        Items among those that it could have chosen and that were examined, and finds on them.
    finds : Figure
        Finds that it would have made.
    hit_rate : Figure
        Finds per exam.
    """

    n_exams: float
    n_known_exams: int
    n_known_finds: int
    finds: Figure
    hit_rate: Figure


def best_by_risk(items: pl.DataFrame, capacity_minutes: pl.DataFrame) -> pl.DataFrame:
    """Say what the choice by risk alone would take with other risks or another capacity.

    Parameters
    ----------
    items : polars.DataFrame
        `item_id, shift_id, risk, severity, minutes`: what could have been chosen in each shift.
    capacity_minutes : polars.DataFrame
        `shift_id, capacity_minutes`: minutes for the choice by risk.

    Returns
    -------
    polars.DataFrame
        `item_id` and `probability`, 1 for what would be chosen and 0 for the rest.
    """
    rows = items.join(capacity_minutes, on="shift_id", how="left").with_columns(
        pl.col("capacity_minutes").fill_null(0.0)
    )
    chosen = [
        shift.select("item_id").with_columns(
            probability=pl.Series(
                best_set(
                    (shift["risk"] * shift["severity"]).to_numpy(),
                    shift["minutes"].to_numpy(),
                    float(shift["capacity_minutes"][0]),
                ).astype(np.float64)
            )
        )
        for shift in rows.partition_by("shift_id", maintain_order=True)
    ]
    return pl.concat(chosen)


def what_if(
    logged: Logged, target: pl.DataFrame, counting: Counting = "found", level: float = LEVEL
) -> WhatIf:
    """Estimate what another policy would have found.

    Finds are weighed by the probability with which the other policy would have chosen the item
    over the one with which it was chosen (inverse propensity scoring [1]_); the interval is the
    gamma interval of `intervals.total_interval`.

    Parameters
    ----------
    logged : Logged
        What the policy that ran left on record.
    target : polars.DataFrame
        `item_id` and `probability`, 0 to 1, of the other policy; items it leaves out are not
        chosen.
    counting : {"found", "carried"}
        As for `totals.weigh`.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    WhatIf
        With `enough` false where it rests on fewer than 5 finds.

    Raises
    ------
    NoOverlap
        If the other policy would have chosen an item that is not on record or that the first
        policy could not have chosen. The error names one and says how many.

    References
    ----------
    .. [1] Horvitz and Thompson (1952), JASA 47, 663-685; Dudik et al. (2014), Statistical
       Science 29, 485-511.
    """
    wanted = _probabilities(logged, target)
    sample = weigh(logged, counting)
    drawn = dict(zip(logged.item_id.tolist(), wanted.tolist(), strict=True))
    value = np.array([drawn[item] for item in sample.item_id.tolist()], np.float64)
    n_exams, counted = float(wanted.sum()), sample.found & (value > 0)
    n_finds = int(counted.sum())
    finds = float((sample.weight * value)[counted].sum())
    bounds = _bounds(sample, value, counted, n_exams, level)
    enough = n_finds >= FEWEST_FINDS
    low = bounds.low if enough else None
    return WhatIf(
        n_exams=n_exams,
        n_known_exams=int((value > 0).sum()),
        n_known_finds=n_finds,
        finds=Figure(finds, low, bounds.high, enough=enough),
        hit_rate=Figure(
            finds / n_exams if n_exams else None,
            low / n_exams if low is not None else None,
            bounds.high / n_exams if n_exams else None,
            enough=enough,
        ),
    )


def _bounds(
    sample: Sample, value: np.ndarray, counted: Flags, n_exams: float, level: float
) -> Interval:
    if not (value > 0).any():
        return Interval(0.0, n_exams)
    largest = float((sample.weight * value).max())
    low, high = total_interval(sample.weight[counted], largest, value[counted], level)
    return Interval(low, min(high, n_exams))


def _probabilities(logged: Logged, target: pl.DataFrame) -> np.ndarray:
    known = pl.DataFrame({"item_id": logged.item_id, "propensity": logged.propensity})
    joined = target.filter(pl.col("probability") > 0).join(known, on="item_id", how="left")
    missing = joined.filter(pl.col("propensity").fill_null(0.0) <= 0)
    if not missing.is_empty():
        raise NoOverlap(
            f"{missing.height} of {joined.height} items that the other policy would choose could"
            f" not have been chosen by the one that ran, {missing['item_id'][0]!r} first; leave"
            " them out, or explore more widely",
            field="item_id",
        )
    placed = known.join(target, on="item_id", how="left", maintain_order="left")
    return placed["probability"].fill_null(0.0).to_numpy()
