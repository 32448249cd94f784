"""Who is judged: chance, the rules, the product, plain learners, and the ceiling."""

from collections.abc import Callable, Iterator

import polars as pl

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
from training.evaluation.exam import Exam
from training.evaluation.learned import Numbers, product_risk
from training.evaluation.policy import Policy
from training.evaluation.scored import Random, Scored
from training.evaluation.worlds import Progress

MODEL, RANDOM, RULES, CEILING = "model", "random", "legacy rules", "ceiling"


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
