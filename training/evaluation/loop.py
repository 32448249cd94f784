"""A year, week by week: who keeps stopping what, as traffickers move and models are refitted."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import NamedTuple

import numpy as np
import polars as pl

from training.evaluation.loop_figures import WeekCount, loop_rows
from training.evaluation.memory import HISTORY_WEEKS, RECENT_WEEKS, Logbook
from training.evaluation.request import Answer, InvalidRequest, Request, over_seeds
from training.evaluation.strategies import CEILING, GREEDY, LEGACY, RANDOM, STRATEGIES, Strategy
from training.evaluation.weekly import REFIT_WEEKS, Watched, Weekly, exam_budget
from training.evaluation.worlds import Progress
from training.simulation.calibrate import legacy_policy
from training.simulation.environment import Environment, WeekRecord
from training.simulation.setting import Setting

WARM_UP_WEEKS = 13
"""Weeks before the year in which the legacy policy makes the past, the same for all."""

CAPACITY_SHARE = 0.02
"""Share of the items of an ordinary week that can be inspected."""

FEWEST_WEEKS = 24
QUICK = (RANDOM, LEGACY, GREEDY, "explore 10%", CEILING)

NOTES = """\
All strategies have the same minutes each week, by exam method, and plan the week at once through\
 models.policy; ports share the minutes, so that attention can move between them.
Stopped is the share of a week's events of which an exam found contraband.
N = (strategy - random) / (ceiling - random). The ceiling is the same learner, refitted in the same\
 weeks, with what every item carried as labels.
Each strategy lives in its own copy of the world: where traffickers adapt, they answer to it.
In shifted every network moves in the middle of the year.
""".splitlines()


def scenarios(weeks: int) -> dict[str, dict[str, str | float]]:
    """Say how traffickers behave in each scenario.

    Parameters
    ----------
    weeks : int
        Weeks of the year.

    Returns
    -------
    dict of str to dict
        Scenario to parameters of the world.
    """
    return {
        "steady": {"adaptation.strength": 0.0},
        "adapting": {},
        "shifted": {
            "adaptation.shift_week": WARM_UP_WEEKS + weeks // 2,
            "adaptation.shift_mode_share": 0.5,
        },
    }


def run_loop(request: Request, progress: Progress | None = None) -> Answer:
    """Run the benchmark of the loop.

    Parameters
    ----------
    request : Request
        Worlds, at least 24 weeks of each.
    progress : callable, optional
        Told of every week of every strategy.

    Returns
    -------
    Answer
        Figures of every strategy in every scenario.

    Raises
    ------
    InvalidRequest
        If there are too few weeks.
    """
    if request.weeks < FEWEST_WEEKS:
        raise InvalidRequest(f"--weeks {request.weeks}: give at least {FEWEST_WEEKS}")
    parameters = {
        "warm_up_weeks": WARM_UP_WEEKS,
        "capacity_share": CAPACITY_SHARE,
        "refit_weeks": REFIT_WEEKS,
        "history_weeks": HISTORY_WEEKS,
        "recent_weeks": RECENT_WEEKS,
        "strategies": [each.name for each in _strategies(request)],
    }
    return Answer(over_seeds(_one_world, request, progress), parameters, NOTES)


def _strategies(request: Request) -> Sequence[Strategy]:
    return [each for each in STRATEGIES if not request.brief or each.name in QUICK]


def _one_world(request: Request, progress: Progress | None) -> pl.DataFrame:
    (seed,) = request.seeds
    parts = []
    for name, overrides in scenarios(request.weeks).items():
        setting = request.setting(seed, overrides)
        start = warm_up(setting)
        counts = {}
        for strategy in _strategies(request):
            counts[strategy.name] = live(start, strategy, request.weeks)
            if progress is not None:
                what = f"Seed {seed}, {name}"
                progress(what, len(counts), len(_strategies(request)))
        parts.append(loop_rows(counts, name, seed, request.weeks // 2))
    return pl.concat(parts)


class Start(NamedTuple):
    """A world after its warm-up, to be copied for each strategy."""

    environment: Environment
    logbook: Logbook
    capacity: Mapping[str, float]
    seed: int


def warm_up(setting: Setting) -> Start:
    """Let the legacy policy make a past.

    Parameters
    ----------
    setting : Setting
        The world.

    Returns
    -------
    Start
        After `WARM_UP_WEEKS`.
    """
    environment, watched = Environment(setting), Watched(legacy_policy(setting), Logbook())
    capacity: dict[str, float] = {}
    for _ in range(WARM_UP_WEEKS):
        record = environment.advance(watched)
        watched.learn(record)
        capacity = capacity or exam_budget(record.traffic.items, CAPACITY_SHARE)
    return Start(environment, watched.logbook, capacity, setting.seed)


def live(start: Start, strategy: Strategy, weeks: int) -> list[WeekCount]:
    """Let a strategy decide for some weeks.

    Parameters
    ----------
    start : Start
        Where it begins; not changed.
    strategy : Strategy
        Who decides.
    weeks : int
        How long.

    Returns
    -------
    list of WeekCount
        What it stopped, and where it looked.
    """
    environment = deepcopy(start.environment)
    weekly = Weekly(strategy, start.logbook.copied(), start.capacity, start.seed)
    counts = []
    for _ in range(weeks):
        share = weekly.share
        record = environment.advance(weekly)
        weekly.learn(record)
        counts.append(_count(record, share))
    return counts


def _count(record: WeekRecord, share: float) -> WeekCount:
    hidden, items = record.traffic.hidden, record.traffic.items
    found = record.inspections.filter(pl.col("outcome") == "find")["item_id"]
    events = hidden.filter("illicit")["event"]
    hit = hidden.filter(pl.col("illicit") & items["item_id"].is_in(found.implode()))["event"]
    port = items.filter(record.choices["chosen"])["port"].value_counts()
    return WeekCount(
        n_events=events.n_unique(),
        n_stopped=hit.n_unique(),
        n_exams=int(record.choices["chosen"].sum()),
        minutes=float(np.sum(record.inspections["minutes"].to_numpy())),
        exams_by_port=dict(port.iter_rows()),
        exploration_share=share,
    )
