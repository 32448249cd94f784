"""Worlds for benchmarks: run in memory, with what every exam would have found kept beside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from features.records import TABLES
from training.simulation.calibrate import legacy_policy
from training.simulation.environment import Environment, WeekRecord
from training.simulation.exams import detection, examine
from training.simulation.policy import Policy
from training.simulation.setting import Setting
from training.simulation.traffic import truth_rows
from training.tables import Tables

Progress = Callable[[str, int, int], None]
"""Told what is under way, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Simulated:
    """A world that has been run.

    Parameters
    ----------
    setting : Setting
        World, seed, start and scale.
    tables : Tables
        What was left on record, all of it.
    truth : polars.DataFrame
        `hidden_truth` of every item, in the order of the items.
    starts_at : list of datetime
        The first moment of each week.
    """

    setting: Setting
    tables: Tables
    truth: pl.DataFrame
    starts_at: list[datetime]


def hidden_truth(setting: Setting, record: WeekRecord) -> pl.DataFrame:
    """Say what a week's items carried and what an exam of each would have found.

    Parameters
    ----------
    setting : Setting
        The world, for the rates of its exams.
    record : WeekRecord
        The week.

    Returns
    -------
    polars.DataFrame
        The `truth` table with `finds` (whether the exam that the item was given, or would have
        been given, finds something), `find_share` (how likely that was before the exam) and
        `port`.
    """
    traffic, past = record.traffic, setting.world.past
    method = record.choices["method"]
    would = examine(past, traffic.items, traffic.hidden, method)
    ease = traffic.hidden["ease"].to_numpy()
    illicit = traffic.hidden["illicit"].to_numpy()
    share = np.where(illicit, detection(method, ease), past.false_find_share)
    return truth_rows(traffic.items, traffic.hidden).with_columns(
        finds=would["outcome"] == "find", find_share=share, port=traffic.items["port"]
    )


def run_world(
    setting: Setting, weeks: int, *, policy: Policy | None = None, progress: Progress | None = None
) -> Simulated:
    """Run a world and keep it in memory.

    Parameters
    ----------
    setting : Setting
        World, seed, start and scale.
    weeks : int
        How many weeks.
    policy : training.simulation.policy.Policy, optional
        Who chooses; the legacy policy of the world if not given.
    progress : callable, optional
        Told of every week.

    Returns
    -------
    Simulated
        Tables and truth.
    """
    environment, chooser = Environment(setting), policy or legacy_policy(setting)
    records = []
    for week in range(weeks):
        records.append(environment.advance(chooser))
        if progress is not None:
            progress(f"Simulating seed {setting.seed}", week + 1, weeks)
    return simulated(setting, records)


def simulated(setting: Setting, records: list[WeekRecord]) -> Simulated:
    """Join weeks to a world.

    Parameters
    ----------
    setting : Setting
        World, seed, start and scale.
    records : list of WeekRecord
        One or more weeks, in order.

    Returns
    -------
    Simulated
        Tables and truth.
    """
    return Simulated(
        setting,
        Tables(
            items=TABLES["items"].check(pl.concat([each.traffic.items for each in records])),
            inspections=pl.concat([each.inspections for each in records]),
            decisions=pl.concat([each.decisions for each in records]),
            signals=pl.concat([each.signals for each in records]),
        ),
        pl.concat([hidden_truth(setting, each) for each in records]),
        [each.week.starts_at for each in records],
    )
