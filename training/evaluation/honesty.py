"""Honesty: do stated intervals hold the hidden truth as often as they claim."""

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial

import numpy as np
import polars as pl

from models.estimates.intervals import LEVEL, clopper_pearson
from training.evaluation.loop import Start, warm_up
from training.evaluation.request import Answer, InvalidRequest, Request, over_seeds
from training.evaluation.strategies import Strategy
from training.evaluation.summary import ROW
from training.evaluation.trials import EVERY_PORT, Period, Told, periods, tell
from training.evaluation.weekly import Weekly, exam_budget
from training.evaluation.worlds import Progress, Simulated, run_world, simulated
from training.simulation.setting import Setting

WEEKS_EACH = 4
"""Weeks of a period, which is what figures are stated for."""

CAPACITY_SHARE = 0.10
"""Share of the items that the planned policies can inspect."""

PLANNED = (
    Strategy("plan, 10% by chance", 0.10, "rules"),
    Strategy("plan, nothing by chance", 0.0, "rules"),
)
LEGACY = "legacy"

NOTES = """\
A trial is one interval of one port, or of all ports together, in four weeks. Truth is what exams\
 of all the items that the policy could have chosen would have found.
Errors of estimates are those of all ports together; they are about all items, in reach or not.
Hit rates of arms are held against the expected hit rate of the very items that were opened.
Carried leans on the reference table's probability that each method detects; the world's exams also\
 depend on how well it is hidden, so that it may miss.
Where nothing is left to chance the figures speak of the chosen items alone: see the share of items\
 out of reach, and the naive hit rate that would be read instead.
""".splitlines()


def run_honesty(request: Request, progress: Progress | None = None) -> Answer:
    """Run the benchmark of honesty.

    Parameters
    ----------
    request : Request
        Worlds, at least 4 weeks of each.
    progress : callable, optional
        Told of every past policy.

    Returns
    -------
    Answer
        Coverage of each kind of interval and errors of each estimate, by past policy.

    Raises
    ------
    InvalidRequest
        If there are too few weeks.
    """
    if request.weeks < WEEKS_EACH:
        raise InvalidRequest(f"--weeks {request.weeks}: give at least {WEEKS_EACH}")
    rows = over_seeds(_one_world, request, progress)
    parameters = {"weeks_each": WEEKS_EACH, "capacity_share": CAPACITY_SHARE, "level": LEVEL}
    return Answer(rows, parameters, [*NOTES, *pooled(rows), *beaten(rows)])


def _one_world(request: Request, progress: Progress | None) -> pl.DataFrame:
    (seed,) = request.seeds
    setting, parts = request.setting(seed), []
    start = warm_up(setting)
    pasts: list[tuple[str, Callable[[], Simulated]]] = [
        (LEGACY, lambda: run_world(setting, request.weeks)),
        *(
            (each.name, partial(planned_world, setting, start, each, request.weeks))
            for each in PLANNED
        ),
    ]
    for place, (name, past) in enumerate(pasts):
        told = [each for period in periods(past(), WEEKS_EACH) for each in by_port(period)]
        parts.append(honesty_rows(told, name, seed))
        if progress is not None:
            progress(f"Past policies of seed {seed}", place + 1, len(pasts))
    return pl.concat(parts)


def planned_world(setting: Setting, start: Start, strategy: Strategy, weeks: int) -> Simulated:
    """Run a world whose exams are planned through `models.policy`.

    Parameters
    ----------
    setting : Setting
        The world.
    start : Start
        The world after its warm-up; not changed.
    strategy : Strategy
        How the plans spend.
    weeks : int
        Weeks after the warm-up.

    Returns
    -------
    Simulated
        Without the warm-up.
    """
    environment, ordinary = deepcopy(start.environment), start.logbook.items[0]
    capacity = exam_budget(ordinary, CAPACITY_SHARE)
    weekly = Weekly(strategy, start.logbook.copied(), capacity, setting.seed)
    records = []
    for _ in range(weeks):
        records.append(environment.advance(weekly))
        weekly.learn(records[-1])
    return simulated(setting, records)


def by_port(period: Period) -> list[Told]:
    """State everything about each port of a period, and about all together.

    Parameters
    ----------
    period : Period
        Some weeks.

    Returns
    -------
    list of Told
        All together first.
    """
    port = period.logged.port
    parts = [(str(code), period.of(port == code)) for code in np.unique(port)]
    return [tell(part, code) for code, part in [(EVERY_PORT, period), *parts]]


def honesty_rows(told: Sequence[Told], policy: str, seed: int) -> pl.DataFrame:
    """Count how often intervals held, and how far estimates were off.

    Parameters
    ----------
    told : sequence of Told
        Every port and period.
    policy : str
        Who made the past.
    seed : int
        The world.

    Returns
    -------
    polars.DataFrame
        `summary.ROW`; `at` is the kind of interval or estimate.
    """
    kinds: dict[str, list[bool]] = {}
    for each in told:
        for kind, trial in each.trials:
            kinds.setdefault(kind, []).append(trial.covered)
    rows: list[tuple[str, str, float]] = []
    for kind, held in kinds.items():
        rows += [
            ("coverage", kind, float(np.mean(held))),
            ("n_trials", kind, float(len(held))),
            ("n_covered", kind, float(sum(held))),
        ]
    rows += [row for kind in ("naive", "weighted", "helped") for row in _errors(told, kind)]
    rows += [
        ("share", "answers with enough finds", float(np.mean([each.enough for each in told]))),
        ("share", "items out of reach", float(np.mean([each.unreachable_share for each in told]))),
        ("share", "what-if refused", float(np.mean([each.refused for each in told]))),
    ]
    shape = {name: ROW[name] for name in ("figure", "at", "value")}
    frame = pl.DataFrame(rows, schema=shape, orient="row")
    whole = {"policy": pl.lit(policy), "part": pl.lit("all"), "seed": pl.lit(seed, pl.Int64)}
    return frame.with_columns(**whole).select(ROW.names())


def _errors(told: Sequence[Told], kind: str) -> list[tuple[str, str, float]]:
    whole = [each for each in told if each.port == EVERY_PORT]
    known = [(float(getattr(each, kind)), each.truth) for each in whole]
    pairs = np.array([pair for pair in known if math.isfinite(pair[0])], np.float64)
    if not len(pairs):
        return []
    error, truth = pairs[:, 0], pairs[:, 1]
    relative = float(error.sum() / truth.sum()) if truth.sum() > 0 else float("nan")
    return [
        ("relative_bias", kind, relative),
        ("rmse", kind, float(np.sqrt((error**2).mean()))),
    ]


def pooled(rows: pl.DataFrame) -> list[str]:
    """Say how often each kind of interval held over all worlds.

    Parameters
    ----------
    rows : polars.DataFrame
        From `honesty_rows`, of all worlds.

    Returns
    -------
    list of str
        A sentence for each past policy and kind, with an exact interval; intervals that hold
        less often than they claim are called out.
    """
    counts = rows.filter(pl.col("figure").is_in(["n_trials", "n_covered"])).group_by(
        "policy", "at", "figure", maintain_order=True
    ).agg(pl.col("value").sum())  # fmt: skip
    wide = counts.pivot(on="figure", index=["policy", "at"], values="value", maintain_order=True)
    return [
        _sentence(policy, kind, int(covered), int(n))
        for policy, kind, n, covered in wide.select(
            "policy", "at", "n_trials", "n_covered"
        ).iter_rows()
    ]


def _sentence(policy: str, kind: str, n_covered: int, n: int) -> str:
    low, high = clopper_pearson(n_covered, n)
    verdict = "" if high >= LEVEL else f"; less often than the {LEVEL:.0%} that it claims"
    return (
        f"{policy}, {kind}: {n_covered:,} of {n:,} held, {n_covered / n:.3f}"
        f" ({low:.3f} to {high:.3f}){verdict}."
    )


def beaten(rows: pl.DataFrame) -> list[str]:
    """Say which estimates are closer to the truth than the naive hit rate, and which are not.

    Parameters
    ----------
    rows : polars.DataFrame
        From `honesty_rows`, of all worlds.

    Returns
    -------
    list of str
        A sentence for each past policy and estimate.
    """
    errors = rows.filter(pl.col("figure") == "rmse").pivot(
        on="at", index=["policy", "seed"], values="value", maintain_order=True
    )
    return [
        f"{policy}: the {kind} estimate is closer than the naive one in"
        f" {int((group[kind] < group['naive']).sum())} of {group[kind].count()} worlds."
        for (policy,), group in errors.group_by("policy", maintain_order=True)
        for kind in ("weighted", "helped")
        if kind in group.columns and group[kind].count()
    ]
