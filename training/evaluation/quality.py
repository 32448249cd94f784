"""How good is the ranking? Every policy chooses in the same weeks of the same worlds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.matrix import matrix_from_tables
from training.dataset import labelled
from training.evaluation.baselines import (
    Lesson,
    ceiling_scores,
    histogram_scores,
    isolation_scores,
    logistic_scores,
    plain_lightgbm_scores,
    rule_scores,
)
from training.evaluation.learned import Matrix, Numbers, product_risk
from training.evaluation.parts import ALL, FEWEST_EVENTS, Flags, item_parts, split_events
from training.evaluation.policy import Policy, Situation, check_choices
from training.evaluation.quality_figures import (
    CAPACITIES,
    Truth,
    band_figures,
    calibration_figures,
    choice_figures,
    normalised,
    ranking_figures,
)
from training.evaluation.scored import Random, Scored
from training.evaluation.summary import ROW
from training.evaluation.worlds import Progress, Simulated

MODEL, RANDOM, RULES, CEILING = "model", "random", "legacy rules", "ceiling"
TEST_SHARE = 0.25
"""Share of the weeks, the last ones, that policies are judged on."""

IN_PARTS = ("capture_events", "hit_rate", "lift")
"""Figures of a choice that are stated for parts of the items as well."""


@dataclass(frozen=True)
class Exam:
    """A world cut in two: what policies may learn from, and what they are judged on.

    Parameters
    ----------
    seed : int
        Seed of the world.
    situation : Situation
        The items of the test weeks, and what was on record before them.
    signals : polars.DataFrame
        All signals, those of the test weeks included; each counts from its `known_at`.
    before, X : array of float32, shape (m, f) and (n, f)
        Features of the items before the test weeks, and of those in them.
    carried : array of int, shape (m,)
        1 for items before the test weeks that carried contraband: for the ceiling alone.
    truth : Truth
        Of the n items of the test weeks.
    """

    seed: int
    situation: Situation
    signals: pl.DataFrame
    before: Matrix
    X: Matrix
    carried: "np.ndarray[tuple[int], np.dtype[np.int8]]"
    truth: Truth


def set_exam(world: Simulated) -> Exam:
    """Cut a world in two and compute its features.

    Parameters
    ----------
    world : Simulated
        At least four weeks of it.

    Returns
    -------
    Exam
        The last quarter of the weeks is what policies are judged on.
    """
    tables, weeks = world.tables, world.starts_at
    cut = weeks[len(weeks) - max(1, round(TEST_SHARE * len(weeks)))]
    matrix = matrix_from_tables(tables.items, tables.inspections, tables.signals)
    late = (tables.items["presented_at"] >= cut).to_numpy()
    items = tables.items.filter(late)
    return Exam(
        seed=world.setting.seed,
        situation=Situation(items, tables.known_before(cut)),
        signals=tables.signals,
        before=matrix.X[~late],
        X=matrix.X[late],
        carried=world.truth["illicit"].filter(~late).cast(pl.Int8).to_numpy(),
        truth=Truth.read(world.truth.filter(late)),
    )


def entrants(exam: Exam, progress: Progress | None = None) -> Iterator[tuple[str, Policy]]:
    """Fit what the product is compared with, and the product.

    Parameters
    ----------
    exam : Exam
        A world cut in two.
    progress : callable, optional
        Told of every fit.

    Yields
    ------
    tuple of str and Policy
        Name in the tables, and the policy. The learners of the ceiling share its name.
    """
    past, X, seed = exam.situation.past, exam.X, exam.seed
    inspected = labelled(past)
    lesson = Lesson(inspected.X, inspected.y, seed)
    fits: list[tuple[str, Callable[[], Numbers], bool]] = [
        (MODEL, lambda: product_risk(past, X, seed=seed), True),
        (RULES, lambda: rule_scores(exam.situation.items, exam.signals), False),
        ("logistic regression", lambda: logistic_scores(lesson, X), True),
        ("histogram boosting", lambda: histogram_scores(lesson, X), True),
        ("plain lightgbm", lambda: plain_lightgbm_scores(lesson, X), True),
        ("isolation forest", lambda: isolation_scores(exam.before, X, seed=seed), False),
    ]
    n_fits = len(fits) + 1
    yield RANDOM, Random(RANDOM)
    for place, (name, fit, is_probability) in enumerate(fits):
        yield name, _scored(name, exam, fit(), is_probability=is_probability)
        _tell(progress, exam.seed, place + 1, n_fits)
    for learner, scores in ceiling_scores(Lesson(exam.before, exam.carried, seed), X).items():
        yield CEILING, _scored(f"{CEILING}: {learner}", exam, scores)
    _tell(progress, exam.seed, n_fits, n_fits)


def _tell(progress: Progress | None, seed: int, done: int, total: int) -> None:
    if progress is not None:
        progress(f"Fitting seed {seed}", done, total)


def _scored(name: str, exam: Exam, scores: Numbers, *, is_probability: bool = False) -> Scored:
    frame = exam.situation.items.select("item_id").with_columns(score=pl.Series(scores))
    return Scored(name, frame, is_probability)


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
