"""Every interval that the product states about a period, beside the truth that it should hold."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from models.errors import NoOverlap
from models.estimates.figures import Figure, Figures, figures
from models.estimates.honesty import Trial
from models.estimates.intervals import Interval
from models.estimates.logged import Logged, read_logged
from models.estimates.totals import hajek_interval, weigh
from models.estimates.what_if import what_if
from training.evaluation.baselines import rule_scores
from training.evaluation.scored import highest
from training.evaluation.worlds import Simulated

EVERY_PORT = "all"
TARGET_SHARE = 0.05
"""Share of the items that the policy of the what-if would choose, by rule score."""


@dataclass(frozen=True)
class Period:
    """Some weeks of a world: what was logged, and the truth; arrays of length n.

    Parameters
    ----------
    logged : Logged
        What the product sees.
    finds, find_share, carries : array of float
        Whether an exam of each item would find something, how likely that was, and whether it
        carried contraband.
    target : array of float
        Probability with which another policy would have chosen each.
    """

    logged: Logged
    finds: npt.NDArray[np.float64]
    find_share: npt.NDArray[np.float64]
    carries: npt.NDArray[np.float64]
    target: npt.NDArray[np.float64]

    def of(self, where: npt.NDArray[np.bool_]) -> "Period":
        """Keep some of the items.

        Parameters
        ----------
        where : array of bool, shape (n,)
            Which.

        Returns
        -------
        Period
            Those, in order.
        """
        names = ("finds", "find_share", "carries", "target")
        kept = (getattr(self, name)[where] for name in names)
        return Period(self.logged.of(where), *kept)


def periods(world: Simulated, weeks_each: int) -> Iterator[Period]:
    """Cut a world into periods.

    Parameters
    ----------
    world : Simulated
        The world.
    weeks_each : int
        Weeks of a period; what is left over at the end is left out.

    Yields
    ------
    Period
        In order of time.
    """
    tables, starts = world.tables, world.starts_at
    at = tables.items["presented_at"]
    for first in range(0, len(starts) - weeks_each + 1, weeks_each):
        last = first + weeks_each
        here = at >= starts[first]
        if last < len(starts):
            here &= at < starts[last]
        yield _period(world, tables.items.filter(here))


def _period(world: Simulated, items: pl.DataFrame) -> Period:
    tables = world.tables
    own = pl.col("item_id").is_in(items["item_id"].implode())
    score = rule_scores(items, tables.signals)
    n_chosen = round(TARGET_SHARE * items.height)
    scored = items.select("item_id").with_columns(
        risk=pl.Series(score), target=pl.Series(highest(score, n_chosen))
    )
    logged = read_logged(
        items, tables.decisions.filter(own), tables.inspections.filter(own), scored
    )
    truth = pl.DataFrame({"item_id": logged.item_id}).join(
        world.truth.join(scored, on="item_id"), on="item_id", how="left", maintain_order="left"
    )
    columns = ("finds", "find_share", "illicit", "target")
    return Period(logged, *(truth[name].cast(pl.Float64).to_numpy() for name in columns))


class Told(NamedTuple):
    """What one port of one period gave.

    Parameters
    ----------
    port : str
        Its code, or `all`.
    trials : list of tuple of str and Trial
        Kind of interval, and whether it held.
    naive, weighted, helped : float
        Hit rate of all inspections, and the two estimates of the prevalence, each less the truth;
        NaN where there is none.
    truth : float
        Share of all items on which an exam would find something.
    enough : bool
        Whether the product said that there were enough finds.
    unreachable_share : float
        Share of the items that the policy could not have chosen.
    refused : bool
        Whether the what-if was refused for want of overlap.
    """

    port: str
    trials: list[tuple[str, Trial]]
    naive: float
    weighted: float
    helped: float
    truth: float
    enough: bool
    unreachable_share: float
    refused: bool


def tell(period: Period, port: str) -> Told:
    """Hold everything that the product states about one port against the truth.

    Parameters
    ----------
    period : Period
        The port's items.
    port : str
        Its code, or `all`.

    Returns
    -------
    Told
        Trials and errors.
    """
    logged = period.logged
    said, carried = figures(logged), figures(logged, "carried")
    reachable = logged.propensity > 0
    n = max(1, int(reachable.sum()))
    prevalence = float(period.finds[reachable].sum()) / n
    trials = [*_of_prevalence(period, said, carried, prevalence, port)]
    trials += _of_arms(period, said, prevalence, port)
    other = _of_what_if(period, port)
    truth = float(period.finds.mean())
    return Told(
        port=port,
        trials=[*trials, *([] if other is None else [other])],
        naive=float(logged.found.sum()) / max(1, int(logged.examined.sum())) - truth,
        weighted=_error(said.prevalence, truth),
        helped=_error(said.prevalence_doubly_robust, truth),
        truth=truth,
        enough=said.prevalence.enough,
        unreachable_share=1 - float(reachable.mean()),
        refused=other is None,
    )


def _error(figure: Figure, truth: float) -> float:
    return math.nan if figure.value is None else figure.value - truth


def _trial(kind: str, port: str, figure: Figure, truth: float) -> Iterator[tuple[str, Trial]]:
    if figure.high is not None or figure.low is not None:
        low = 0.0 if figure.low is None else figure.low
        high = math.inf if figure.high is None else figure.high
        yield kind, Trial(port, Interval(low, high), truth)


def _of_prevalence(
    period: Period, said: Figures, carried: Figures, prevalence: float, port: str
) -> Iterator[tuple[str, Trial]]:
    logged = period.logged
    reachable = logged.propensity > 0
    yield from _trial("prevalence", port, said.prevalence, prevalence)
    if said.prevalence.enough:
        yield from _trial("prevalence, enough finds", port, said.prevalence, prevalence)
    yield from _trial("doubly robust", port, said.prevalence_doubly_robust, prevalence)
    total = float(period.finds[reachable].sum())
    yield "total, two-sided", Trial(port, hajek_interval(weigh(logged)), total)
    share = float(period.carries[reachable].mean()) if reachable.any() else 0.0
    yield from _trial("carried", port, carried.prevalence, share)
    if total > 0:
        caught = float((logged.found & logged.by_policy).sum())
        yield from _trial("capture share", port, said.capture_share, caught / total)


def _of_arms(
    period: Period, said: Figures, prevalence: float, port: str
) -> Iterator[tuple[str, Trial]]:
    logged = period.logged
    for arm, own in said.arms.items():
        opened = (logged.arm == arm) & logged.examined
        if not opened.any():
            continue
        rate = float(period.find_share[opened].mean())
        yield from _trial("hit rate of an arm", port, own.hit_rate, rate)
        if prevalence > 0:
            yield from _trial("lift of an arm", port, own.lift, rate / prevalence)


def _of_what_if(period: Period, port: str) -> tuple[str, Trial] | None:
    target = pl.DataFrame({"item_id": period.logged.item_id, "probability": period.target})
    try:
        told = what_if(period.logged, target)
    except NoOverlap:
        return None
    truth = float(period.target @ period.finds)
    return next(_trial("what another policy would find", port, told.finds, truth), None)
