"""Figures of a year: what was stopped when, how soon it recovered, and where the attention went."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from training.evaluation.quality_figures import normalised
from training.evaluation.strategies import CEILING, GREEDY, LEGACY, RANDOM
from training.evaluation.summary import ROW

Numbers = npt.NDArray[np.float64]

SPAN = 4
"""Weeks over which curves are summed."""

BEFORE_WEEKS, SOON_WEEKS, LATER_WEEKS = 16, 8, 16
RECOVERED = 0.8
"""Share of the earlier N at which a strategy counts as recovered."""


class WeekCount(NamedTuple):
    """What a strategy did in a week.

    Parameters
    ----------
    n_events, n_stopped : int
        Events with an item that week, and those of which an exam found contraband.
    n_exams : int
        Items inspected.
    minutes : float
        Minutes that the exams took, second looks included.
    exams_by_port : mapping of str to int
        Where.
    exploration_share : float
        Share of the minutes that chance drew with.
    """

    n_events: int
    n_stopped: int
    n_exams: int
    minutes: float
    exams_by_port: Mapping[str, int]
    exploration_share: float


def windows(middle: int, weeks: int) -> dict[str, slice]:
    """Name the stretches of the year that figures are stated for.

    Parameters
    ----------
    middle : int
        The week in which networks move, where they do.
    weeks : int
        Weeks of the year.

    Returns
    -------
    dict of str to slice
        Weeks, counted from 0.
    """
    return {
        "whole year": slice(0, weeks),
        "before the middle": slice(max(0, middle - BEFORE_WEEKS), middle),
        "after the middle": slice(middle, weeks),
        "weeks 1 to 8 after": slice(middle, min(weeks, middle + SOON_WEEKS)),
        "weeks 9 to 16 after": slice(middle + SOON_WEEKS, min(weeks, middle + LATER_WEEKS)),
    }


def stopped_share(counts: Sequence[WeekCount]) -> float:
    """Give the share of events that were stopped.

    Parameters
    ----------
    counts : sequence of WeekCount
        Weeks.

    Returns
    -------
    float
        0 to 1; NaN without events.
    """
    n_events = sum(each.n_events for each in counts)
    return sum(each.n_stopped for each in counts) / n_events if n_events else float("nan")


def concentration(exams_by_port: Mapping[str, int]) -> dict[str, float]:
    """Say how far attention runs away to few ports.

    Parameters
    ----------
    exams_by_port : mapping of str to int
        Exams of each port that had any traffic.

    Returns
    -------
    dict of str to float
        `port_hhi` (sum of squared shares s_i of exams [1]_), `port_gini` (of the exams of ports,
        sum over pairs |x_i - x_j| / (2 n sum x) [2]_) and `largest_port_share`. NaN without
        exams.

    References
    ----------
    .. [1] Hirschman (1964), American Economic Review 54, 761.
    .. [2] Gini (1912), Variabilita e mutabilita.

    Examples
    --------
    >>> concentration({"a": 3, "b": 1})
    {'port_hhi': 0.625, 'port_gini': 0.25, 'largest_port_share': 0.75}
    """
    x = np.sort(np.array([*exams_by_port.values()], np.float64))
    if not x.sum():
        return dict.fromkeys(("port_hhi", "port_gini", "largest_port_share"), float("nan"))
    share, n = x / x.sum(), len(x)
    gini = float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * x.sum()))
    return {
        "port_hhi": float(share @ share),
        "port_gini": gini,
        "largest_port_share": float(share[-1]),
    }


def weeks_to_recover(n_over_time: Numbers, middle: int, earlier: float) -> float:
    """Count the weeks from the middle until N over four weeks is back.

    Parameters
    ----------
    n_over_time : array of float, shape (weeks,)
        N over the four weeks that end with each.
    middle : int
        The week of the move.
    earlier : float
        N before it.

    Returns
    -------
    float
        Weeks until N is at least `RECOVERED` of what it was, counted over weeks that lie wholly
        after the move; all weeks that are left if it never is; NaN if there was nothing to
        recover.
    """
    if not earlier > 0:
        return float("nan")
    after = n_over_time[middle + SPAN - 1 :]
    back = np.flatnonzero(after >= RECOVERED * earlier)
    return float(back[0] + SPAN) if len(back) else float(len(n_over_time) - middle)


def loop_rows(
    counts: Mapping[str, Sequence[WeekCount]], scenario: str, seed: int, middle: int
) -> pl.DataFrame:
    """State every figure of every strategy in one scenario of one world.

    Parameters
    ----------
    counts : mapping of str to sequence of WeekCount
        By strategy, random, legacy, greedy and ceiling among them; as many weeks for each.
    scenario : str
        What stands as `part`.
    seed : int
        The world.
    middle : int
        The week of the move.

    Returns
    -------
    polars.DataFrame
        `summary.ROW`.
    """
    n_weeks = len(counts[RANDOM])
    spans = {f"week {end}": slice(max(0, end - SPAN), end) for end in range(1, n_weeks + 1)}
    stretches = windows(middle, n_weeks)
    every: dict[str, slice] = {**stretches, **spans}
    shares = {
        name: {at: stopped_share(weeks[where]) for at, where in every.items()}
        for name, weeks in counts.items()
    }
    rows: list[tuple[str, str, str, float]] = []
    for name, weeks in counts.items():
        own = shares[name]
        n = {at: normalised(own[at], shares[RANDOM][at], shares[CEILING][at]) for at in own}
        rows += [("stopped_over_4_weeks", name, at, own[at]) for at in spans]
        rows += [("N_over_4_weeks", name, at, n[at]) for at in spans]
        for at, where in stretches.items():
            rows += [(figure, name, at, value) for figure, value in _of(weeks[where]).items()]
            rows += [
                ("stopped", name, at, own[at]),
                ("N", name, at, n[at]),
                ("times_legacy", name, at, _ratio(own[at], shares[LEGACY][at])),
                ("of_ceiling", name, at, _ratio(own[at], shares[CEILING][at])),
                ("over_greedy", name, at, own[at] - shares[GREEDY][at]),
            ]
        earlier = n["before the middle"]
        over_time = np.array([n[at] for at in spans])
        kept = _ratio(n["weeks 9 to 16 after"], earlier)
        rows.append(("weeks_to_recover", name, "", weeks_to_recover(over_time, middle, earlier)))
        rows.append(("N_kept", name, "weeks 9 to 16 after", kept))
    shape = [each for each in ROW.names() if each not in {"part", "seed"}]
    frame = pl.DataFrame(rows, schema={each: ROW[each] for each in shape}, orient="row")
    return frame.with_columns(part=pl.lit(scenario), seed=pl.lit(seed, pl.Int64)).select(
        ROW.names()
    )


def _ratio(value: float, to: float) -> float:
    return value / to if to > 0 else float("nan")


def _of(weeks: Sequence[WeekCount]) -> dict[str, float]:
    total: dict[str, int] = {}
    for week in weeks:
        for port, n_exams in week.exams_by_port.items():
            total[port] = total.get(port, 0) + n_exams
    n_exams = sum(week.n_exams for week in weeks)
    return concentration(total) | {
        "exams_per_week": n_exams / max(1, len(weeks)),
        "stopped_per_100_exams": 100 * _ratio(sum(week.n_stopped for week in weeks), n_exams),
        "exploration_share": float(np.mean([week.exploration_share for week in weeks])),
    }
