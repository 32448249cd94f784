"""The figures of a period: each arm apart, what there was in all, and what was caught of it."""

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from scipy.stats import fisher_exact

from models.estimates.intervals import LEVEL, Interval, clopper_pearson, holm
from models.estimates.logged import Counting, Logged
from models.estimates.totals import (
    FEWEST_FINDS,
    Sample,
    doubly_robust,
    hajek_interval,
    hajek_total,
    plain_width,
    weigh,
)

ARMS = ("rule", "risk", "exploration", "officer")


@dataclass(frozen=True)
class Figure:
    """One estimate with what must be said beside it.

    Parameters
    ----------
    value : float or None
        The estimate; None where nothing can be said.
    low, high : float or None
        Ends of its interval; `low` is None where only a bound from above is given, `high` where
        there is none.
    enough : bool
        Whether there were enough finds by chance. If not, the answer is "not enough" and the
        ends are one-sided bounds at 97.5 %, None where chance had nothing to draw from.
    model_based : bool
        Whether it leans on the shape of a model's risks.
    """

    value: float | None
    low: float | None
    high: float | None
    enough: bool = True
    model_based: bool = False


@dataclass(frozen=True)
class ArmFigures:
    """What one arm did. Every share states what it is a share of.

    Parameters
    ----------
    n_chosen : int
        Items that it chose.
    n_inspections, n_finds : int
        Items among them whose exam was completed, and finds among those.
    hit_rate : Figure
        Finds per inspection, with Clopper and Pearson's exact interval.
    lift : Figure
        Hit rate over the prevalence, which is what a random choice would have hit.
    capture_share : Figure
        Its finds among all the contraband that there was.
    """

    n_chosen: int
    n_inspections: int
    n_finds: int
    hit_rate: Figure
    lift: Figure
    capture_share: Figure


@dataclass(frozen=True)
class Figures:
    """The figures of one port or of all.

    Parameters
    ----------
    n_items : int
        Items with a decision.
    n_without_overlap : int
        Items among them that the policy could not have chosen. They are in no estimate.
    n_exploration_exams, n_exploration_finds : int
        Exams of items drawn by chance, on which every estimate rests, and finds among them.
    n_exams_needed : int or None
        Exams by chance that it would take to expect enough finds, at the prevalence estimated
        for what is left to chance; with no find at least so many, by the upper end. None if there
        are enough, or chance drew nothing.
    arms : dict of str to ArmFigures
        By arm.
    prevalence : Figure
        Items with contraband per item that could have been drawn (Hajek).
    prevalence_doubly_robust : Figure
        The same with a model's help; leans on the model.
    capture_share : Figure
        Finds of all arms of the policy among all the contraband that there was.
    plain_sample_width : float
        Width of the interval of the prevalence from a plain random sample with as many exams.
    assumes_detection : bool
        Whether contraband that exams miss is counted in, by the assumed probability that each
        method detects it.
    """

    n_items: int
    n_without_overlap: int
    n_exploration_exams: int
    n_exploration_finds: int
    n_exams_needed: int | None
    arms: dict[str, ArmFigures]
    prevalence: Figure
    prevalence_doubly_robust: Figure
    capture_share: Figure
    plain_sample_width: float
    assumes_detection: bool


@dataclass(frozen=True)
class PortFigures:
    """Figures of all ports together and of each, and where the choice by risk beats chance.

    Parameters
    ----------
    overall : Figures
        All ports.
    ports : dict of str to Figures
        By Schedule D code.
    p_values : dict of str to float
        Per port, how surprising the hits of the risk arm would be if it did no better than the
        exams by chance (Fisher's exact test, one-sided), after Holm's correction over ports.
    """

    overall: Figures
    ports: dict[str, Figures]
    p_values: dict[str, float] = field(default_factory=dict)


def figures(logged: Logged, counting: Counting = "found", level: float = LEVEL) -> Figures:
    """State the figures of a period.

    Parameters
    ----------
    logged : Logged
        The period.
    counting : {"found", "carried"}
        Whether contraband counts if such exams would find it, or if it was there.
    level : float
        Confidence of the intervals, 0 to 1.

    Returns
    -------
    Figures
        With denominators.
    """
    sample = weigh(logged, counting)
    n, enough = max(1, sample.n_items), sample.n_finds >= FEWEST_FINDS
    total, bounds = hajek_total(sample), _bounds(sample, level)
    share = total / n
    known = int((logged.found & logged.by_policy).sum())
    prevalence = _figure(share if sample.n_exams else None, bounds, n, enough=enough)
    whole = _Whole(sample, total, bounds, prevalence, level)
    return Figures(
        n_items=len(logged),
        n_without_overlap=len(logged) - sample.n_items,
        n_exploration_exams=sample.n_exams,
        n_exploration_finds=sample.n_finds,
        n_exams_needed=None if enough else _exams_needed(sample, bounds),
        arms={arm: _arm(logged, arm, whole) for arm in ARMS},
        prevalence=prevalence,
        prevalence_doubly_robust=_helped(sample, logged, counting, level, enough=enough),
        capture_share=_captured(known, total, bounds, enough=enough),
        plain_sample_width=plain_width(sample, total, level) / n,
        assumes_detection=counting == "carried",
    )


def figures_by_port(
    logged: Logged, counting: Counting = "found", level: float = LEVEL
) -> PortFigures:
    """State the figures of all ports together and of each port.

    Parameters
    ----------
    logged, counting, level
        As for `figures`.

    Returns
    -------
    PortFigures
        With p-values that stand together.
    """
    names = [str(name) for name in np.unique(logged.port)]
    parts = {name: logged.of(logged.port == name) for name in names}
    p_values = holm([_beats_chance(part) for part in parts.values()])
    return PortFigures(
        overall=figures(logged, counting, level),
        ports={name: figures(part, counting, level) for name, part in parts.items()},
        p_values=dict(zip(names, p_values, strict=True)),
    )


def _bounds(sample: Sample, level: float) -> Interval | None:
    # what was certain to be examined says nothing of what chance would have met
    if not sample.n_exams and not sample.n_unreached:
        return None
    return hajek_interval(sample, level)


def _figure(value: float | None, bounds: Interval | None, n: int, *, enough: bool) -> Figure:
    if bounds is None:
        return Figure(None, None, None, enough=False)
    high = min(1.0, bounds.high / n)
    return Figure(value, bounds.low / n if enough else None, high, enough=enough)


def _exams_needed(sample: Sample, bounds: Interval | None) -> int | None:
    if bounds is None:
        return None
    # chance draws from what was not certain, so that is where the prevalence counts
    pool = float(sample.weight[sample.explored].sum())
    found = float(sample.weight[sample.explored & sample.found].sum())
    expected = found or bounds.high - float(sample.weight[sample.found].sum())
    return math.ceil(FEWEST_FINDS * pool / expected) if expected > 0 and pool else None


def _captured(n_finds: int, total: float, bounds: Interval | None, *, enough: bool) -> Figure:
    if bounds is None or bounds.high <= 0:
        return Figure(None, None, None, enough=enough)
    high = min(1.0, n_finds / bounds.low) if bounds.low > 0 else 1.0
    low = min(1.0, n_finds / bounds.high)
    value = min(1.0, n_finds / total) if total > 0 else None
    # few finds leave the total without a lower end, and so the share without an upper one
    return Figure(value, low, high if enough else None, enough=enough)


class _Whole(NamedTuple):
    sample: Sample
    total: float
    bounds: Interval | None
    prevalence: Figure
    level: float


def _arm(logged: Logged, arm: str, whole: _Whole) -> ArmFigures:
    chosen = logged.arm == arm
    n_inspections = int((chosen & logged.examined).sum())
    n_finds = int((chosen & logged.found).sum())
    own = clopper_pearson(n_finds, n_inspections, whole.level)
    return ArmFigures(
        n_chosen=int(chosen.sum()),
        n_inspections=n_inspections,
        n_finds=n_finds,
        hit_rate=Figure(n_finds / n_inspections if n_inspections else None, own.low, own.high),
        lift=_lift(n_finds, n_inspections, whole),
        capture_share=_captured(n_finds, whole.total, whole.bounds, enough=whole.prevalence.enough),
    )


def _lift(n_finds: int, n_inspections: int, whole: _Whole) -> Figure:
    enough, prevalence = whole.prevalence.enough, whole.prevalence.value
    if not n_inspections or prevalence is None:
        return Figure(None, None, None, enough=enough)
    # the two rates share the error between them, half each (Bonferroni)
    apart = (1 + whole.level) / 2
    hits, base = clopper_pearson(n_finds, n_inspections, apart), hajek_interval(whole.sample, apart)
    n = whole.sample.n_items
    return Figure(
        n_finds / n_inspections / prevalence if prevalence > 0 else None,
        hits.low / min(1.0, base.high / n) if base.high > 0 else None,
        hits.high / (base.low / n) if enough and base.low > 0 else None,
        enough=enough,
    )


def _helped(
    sample: Sample, logged: Logged, counting: Counting, level: float, *, enough: bool
) -> Figure:
    helped = doubly_robust(sample, logged, counting, level)
    if helped is None:
        return Figure(None, None, None, enough=enough, model_based=True)
    total, bounds = helped
    n = max(1, sample.n_items)
    return Figure(
        total / n,
        bounds.low / n if enough else None,
        min(1.0, bounds.high / n),
        enough=enough,
        model_based=True,
    )


def _count(logged: Logged, arm: Literal["risk", "exploration"]) -> tuple[int, int]:
    examined = (logged.arm == arm) & logged.examined
    return int((examined & logged.found).sum()), int((examined & ~logged.found).sum())


def _beats_chance(logged: Logged) -> float:
    table = np.array([_count(logged, "risk"), _count(logged, "exploration")])
    return float(fisher_exact(table, alternative="greater").pvalue)
