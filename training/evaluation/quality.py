"""How good is the ranking? Every policy chooses in the same weeks of the same worlds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from features.errors import InvalidTable
from training.evaluation.entrants import CEILING, RANDOM, entrants
from training.evaluation.exam import TEST_SHARE, Exam, set_exam
from training.evaluation.own import read_policy
from training.evaluation.parts import ALL, FEWEST_EVENTS, Flags, item_parts, split_events
from training.evaluation.policy import Policy, Situation, check_choices
from training.evaluation.quality_figures import (
    CAPACITIES,
    band_figures,
    calibration_figures,
    choice_figures,
    normalised,
    ranking_figures,
)
from training.evaluation.request import Answer, InvalidRequest, Request, over_seeds
from training.evaluation.scored import Scored, read_scores
from training.evaluation.summary import ROW
from training.evaluation.worlds import Progress, run_world

IN_PARTS = ("capture_events", "hit_rate", "lift")
"""Figures of a choice that are stated for parts of the items as well."""

FEWEST_WEEKS = 8

NOTES = """\
Every policy chooses among the items of the last quarter of the weeks; nothing of them was known to\
 it but what was on record before.
Captures count what was on chosen items; hit rates count what the exam would find.
N = (policy - random) / (ceiling - random), of events captured. The ceiling is the best of three\
 learners that were given every label of the earlier weeks, inspected or not.
A figure is the median over worlds; its interval is distribution-free, between two of the worlds'\
 values.
""".splitlines()


def run_quality(request: Request, progress: Progress | None = None) -> Answer:
    """Run the benchmark of quality.

    Parameters
    ----------
    request : Request
        Worlds, at least 8 weeks of each.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Answer
        Figures of every policy on every world.

    Raises
    ------
    InvalidRequest
        If there are too few weeks, or a world holds too little to learn from.
    InvalidChoice
        If somebody's own policy or scores break the protocol.
    """
    if request.weeks < FEWEST_WEEKS:
        raise InvalidRequest(f"--weeks {request.weeks}: give at least {FEWEST_WEEKS}")
    alone = replace(request, one_seed=len(request.seeds) == 1)
    rows = over_seeds(_one_world, alone, progress)
    return Answer(rows, {"test_share": TEST_SHARE, "capacities": list(CAPACITIES)}, NOTES)


def _one_world(request: Request, progress: Progress | None) -> pl.DataFrame:
    (seed,) = request.seeds
    exam = set_exam(run_world(request.setting(seed), request.weeks, progress=progress))
    own: list[tuple[str, Policy]] = []
    if request.scores is not None:
        read = read_scores(request.scores, seed, one_seed=request.one_seed)
        read.of(exam.situation.items)  # before the fits, which take long
        own.append((read.name, read))
    if request.policy is not None:
        policy = read_policy(request.policy)
        own.append((policy.name, policy))
    try:
        policies = [*entrants(exam, progress)]
    except InvalidTable as error:
        raise InvalidRequest(
            f"seed {seed} holds too little to learn from ({error.detail}); give more --weeks or a"
            " larger --scale",
            field=error.field,
        ) from error
    return judge(exam, [*own, *policies])


def judge(exam: Exam, policies: Sequence[tuple[str, Policy]]) -> pl.DataFrame:
    """State every figure of every policy on one world.

    Parameters
    ----------
    exam : Exam
        A world cut in two.
    policies : sequence of tuple of str and Policy
        Name in the tables, and the policy. Of several with one name (the ceiling's learners)
        the best counts, figure by figure. One must be named `random` and one `ceiling`.

    Returns
    -------
    polars.DataFrame
        `summary.ROW`.

    Raises
    ------
    InvalidChoice
        If a policy breaks the protocol.
    """
    parts = item_parts(exam.situation.items, exam.situation.past.items)
    rows = [row for name, policy in policies for row in _figures(exam, parts, name, policy)]
    columns = [name for name in ROW.names() if name != "seed"]
    frame = pl.DataFrame(rows, schema={name: ROW[name] for name in columns}, orient="row")
    keys = [name for name in columns if name != "value"]
    best = frame.group_by(keys, maintain_order=True).agg(
        pl.col("value").filter(pl.col("value").is_not_nan()).max().fill_null(float("nan"))
    )
    return (
        pl.concat([best, _normalised(best)])
        .with_columns(seed=pl.lit(exam.seed, pl.Int64))
        .select(ROW.names())
    )


_Row = tuple[str, str, str, str, float]


def _figures(exam: Exam, parts: Mapping[str, Flags], name: str, policy: Policy) -> Iterator[_Row]:
    for part, where in parts.items():
        truth = exam.truth.of(where)
        if part != ALL and truth.n_events < FEWEST_EVENTS:
            continue
        situation = Situation(exam.situation.items.filter(where), exam.situation.past)
        for capacity in CAPACITIES:
            n_choices = max(1, round(capacity * situation.items.height))
            choices = policy.choose(situation, n_choices)
            propensity = check_choices(choices, situation.items, n_choices, policy.name)
            at = f"{capacity:.1%}"
            figures = choice_figures(propensity, truth)
            for figure, value in figures.items():
                if part == ALL or figure in IN_PARTS:
                    yield figure, name, part, at, value
            if part == ALL:
                split = split_events(truth)
                only = choice_figures(propensity[split], truth.of(split)) if split.any() else {}
                value = only.get("capture_events", float("nan"))
                yield "capture_events", name, "split consignments", at, value
    if isinstance(policy, Scored):
        yield from _of_scores(exam, name, policy)


def _of_scores(exam: Exam, name: str, policy: Scored) -> Iterator[_Row]:
    scores, finds = policy.of(exam.situation.items), exam.truth.finds
    stated = ranking_figures(scores, finds)
    if policy.is_probability:
        stated |= calibration_figures(np.clip(scores, 0, 1), finds)
    for figure, value in stated.items():
        yield figure, name, ALL, "", value
    for band, value in band_figures(scores, finds).items():
        yield "hit_rate_of_band", name, ALL, band, value


def _normalised(best: pl.DataFrame) -> pl.DataFrame:
    captured = best.filter(pl.col("figure") == "capture_events")
    on = ["part", "at"]
    ends = [
        captured.filter(pl.col("policy") == name).select(*on, pl.col("value").alias(name))
        for name in (RANDOM, CEILING)
    ]
    joined = captured.join(ends[0], on=on).join(ends[1], on=on)
    values = [
        normalised(own, low, high)
        for own, low, high in joined.select("value", RANDOM, CEILING).iter_rows()
    ]
    return joined.select(
        pl.lit("N").alias("figure"), "policy", *on, pl.Series("value", values, pl.Float64)
    )
