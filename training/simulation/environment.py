"""The environment: it alone knows the truth, and moves on a week at a time under any policy."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from features.records import TABLES
from training.simulation.columns import compact
from training.simulation.draws import chance, fold
from training.simulation.exams import examine, standing
from training.simulation.intelligence import signals_after, signals_before
from training.simulation.policy import (
    ObservedHistory,
    ObservedWeek,
    Policy,
    check_choices,
)
from training.simulation.rhythm import calendar_day
from training.simulation.seats import expected_prevalence
from training.simulation.setting import DAYS_PER_WEEK, Setting
from training.simulation.traffic import Traffic, WeekOfTraffic


@dataclass(frozen=True)
class WeekRecord:
    """All that a week leaves behind.

    Parameters
    ----------
    week : ObservedWeek
        What the policy saw.
    traffic : traffic.WeekOfTraffic
        Items with the truth beside them.
    choices : polars.DataFrame
        What the policy chose, in the order of the items.
    signals, decisions, inspections : polars.DataFrame
        New rows of the tables of those names.
    """

    week: ObservedWeek
    traffic: WeekOfTraffic
    choices: pl.DataFrame
    signals: pl.DataFrame
    decisions: pl.DataFrame
    inspections: pl.DataFrame


class Environment:
    """One world under way.

    Parameters
    ----------
    setting : Setting
        World, seed, start and scale; same setting and policy, same world.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting, self.world = setting, setting.world
        self._traffic = Traffic(setting)
        self._prevalence = expected_prevalence(setting.world)
        self._number = 0
        self._signals = TABLES["signals"].schema.to_frame()
        self._inspections = TABLES["inspections"].schema.to_frame()

    def advance(self, policy: Policy) -> WeekRecord:
        """Let a week pass.

        Parameters
        ----------
        policy : Policy
            Whoever chooses this week; it may be another one next week.

        Returns
        -------
        WeekRecord
            What happened.
        """
        self._traffic.networks.move(self._number)
        days = self.setting.days(self._number)
        traffic = self._traffic.week(days)
        before = signals_before(self.world, self._prevalence, traffic.items, traffic.hidden)
        self._remember(before, days)
        week = self._observed(days, traffic)
        history = ObservedHistory(self._signals, self._inspections)
        choices = check_choices(policy.choose(week, history), traffic.items)
        choices = self._overridden(choices, traffic)
        decisions = _decisions(policy.policy_id, week, choices)
        inspections = self._examined(traffic, choices)
        after = signals_after(traffic.items, traffic.hidden, inspections)
        self._remember(after, days)
        self._inspections = pl.concat([self._inspections, compact(inspections)], rechunk=True)
        self._teach(traffic, inspections)
        self._number += 1
        return WeekRecord(
            week, traffic, choices, pl.concat([before, after]), decisions, inspections
        )

    def _observed(self, days: range, traffic: WeekOfTraffic) -> ObservedWeek:
        hidden, operations = traffic.hidden, self._traffic.operations
        port, day = hidden["port_position"].to_numpy(), hidden["day"].to_numpy()
        starts = datetime.combine(calendar_day(days.start), datetime.min.time(), UTC)
        return ObservedWeek(
            number=self._number,
            starts_at=starts,
            ends_at=starts + timedelta(days=DAYS_PER_WEEK),
            items=traffic.items,
            staffed=pl.Series(operations.staffed(port, day, hidden["hour"].to_numpy())),
            capacity_minutes=pl.Series(operations.capacity_minutes(port)),
        )

    def _remember(self, signals: pl.DataFrame, days: range) -> None:
        now = datetime.combine(calendar_day(days.start), datetime.min.time(), UTC)
        active = self._signals.filter(pl.col("expires_at") > now)
        self._signals = compact(pl.concat([active, signals], rechunk=True))

    def _overridden(self, choices: pl.DataFrame, traffic: WeekOfTraffic) -> pl.DataFrame:
        past = self.world.past
        key = fold(traffic.hidden["key"].to_numpy(), "insider")
        share = past.insider_share * past.override_share
        let_go = chance(key, "override", share) & traffic.hidden["illicit"].to_numpy()
        return choices.with_columns(
            chosen=pl.col("chosen") & ~pl.Series(let_go),
            reason=pl.when(pl.col("chosen") & pl.Series(let_go))
            .then(pl.lit("skipped by an officer"))
            .otherwise("reason"),
            arm=pl.when(~pl.Series(let_go)).then("arm"),
        )

    def _examined(self, traffic: WeekOfTraffic, choices: pl.DataFrame) -> pl.DataFrame:
        chosen = choices["chosen"]
        return examine(
            self.world.past,
            traffic.items.filter(chosen),
            traffic.hidden.filter(chosen),
            choices["method"].filter(chosen),
        )

    def _teach(self, traffic: WeekOfTraffic, inspections: pl.DataFrame) -> None:
        found = standing(inspections).filter(pl.col("outcome") == "find")["item_id"]
        lost = traffic.hidden.filter(traffic.items["item_id"].is_in(found.implode()))
        seized = lost.filter(pl.col("illicit"))["network"].to_numpy().astype(np.uint64)
        self._traffic.networks.learn(self._number, seized)


def _decisions(policy_id: str, week: ObservedWeek, choices: pl.DataFrame) -> pl.DataFrame:
    items = week.items
    known = items.select(pl.max_horizontal("presented_at", "received_at"))
    frame = pl.DataFrame(
        {
            "decision_id": "D" + items["item_id"],
            "item_id": items["item_id"],
            "shift_id": items["port"] + "-" + items["presented_at"].dt.strftime("%Y%m%d"),
            "arm": choices["arm"],
            "decided_at": known.to_series(),
            "policy_id": pl.repeat(policy_id, len(items), eager=True),
            "chosen": choices["chosen"],
            "reason": choices["reason"],
            "propensity": choices["propensity"],
            "capacity_minutes": week.capacity_minutes,
            "model_version": pl.repeat(None, len(items), dtype=pl.String, eager=True),
        }
    )
    return TABLES["decisions"].check(frame)
