"""A strategy at work in a world: each week it ranks, plans through `models.policy`, and learns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from features.matrix import Matrix
from features.reference.tables import exam_methods
from models.policy.candidates import NEVER, Candidates
from models.policy.draws import Draws
from models.policy.plan import plan
from training.evaluation.baselines import rule_scores
from training.evaluation.learned import Numbers
from training.evaluation.memory import Logbook, Model, fit_model
from training.evaluation.strategies import Strategy, adapted_share
from training.simulation.environment import WeekRecord
from training.simulation.legacy import METHODS, LegacyPolicy
from training.simulation.policy import CHOICE_COLUMNS, ObservedHistory, ObservedWeek

REFIT_WEEKS = 4
"""A model is fitted anew every so many weeks."""

METHOD = {mode: max(shares, key=lambda name: shares[name]) for mode, shares in METHODS.items()}
"""The exam that items of each mode get: the one most used."""


def exam_budget(items: pl.DataFrame, capacity_share: float) -> dict[str, float]:
    """Give the minutes of a week, by exam method.

    Parameters
    ----------
    items : polars.DataFrame
        Items of an ordinary week.
    capacity_share : float
        Share of them that can be inspected.

    Returns
    -------
    dict of str to float
        A whole number of exams of each method, at least one, in minutes; the same for every
        strategy and week.
    """
    methods = exam_methods()
    used = items["mode"].replace_strict(METHOD).value_counts()
    return {
        method: max(1, round(capacity_share * count)) * methods[method].minutes
        for method, count in sorted(used.iter_rows())
    }


@dataclass
class Watched:
    """The legacy policy, with features computed of what it sees.

    Parameters
    ----------
    legacy : LegacyPolicy
        Who chooses.
    logbook : Logbook
        What is remembered.
    """

    legacy: LegacyPolicy
    logbook: Logbook
    policy_id: str = "legacy"

    def choose(self, week: ObservedWeek, history: ObservedHistory) -> pl.DataFrame:
        """Choose as the legacy policy does; see `training.simulation.policy.Policy`.

        Parameters
        ----------
        week : ObservedWeek
            The items.
        history : ObservedHistory
            What is on record.

        Returns
        -------
        polars.DataFrame
            `CHOICE_COLUMNS`.
        """
        self.matrix = self.logbook.features(week, history)
        return self.legacy.choose(week, history)

    def learn(self, record: WeekRecord) -> None:
        """Write the week down.

        Parameters
        ----------
        record : WeekRecord
            What happened.
        """
        self.logbook.keep(record, self.matrix.X)


@dataclass
class Weekly:
    """A strategy with its memory.

    Parameters
    ----------
    strategy : Strategy
        How it spends.
    logbook : Logbook
        What it remembers.
    capacity : mapping of str to float
        Minutes a week, by exam method.
    seed : int
        Seed of its fits and draws.
    """

    strategy: Strategy
    logbook: Logbook
    capacity: Mapping[str, float]
    seed: int
    policy_id: str = "weir"
    share: float = 0.0
    _model: Model | None = None
    _by_risk: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.share = self.strategy.exploration_share

    def choose(self, week: ObservedWeek, history: ObservedHistory) -> pl.DataFrame:
        """Rank a week's items and plan; see `training.simulation.policy.Policy`.

        Parameters
        ----------
        week : ObservedWeek
            The items.
        history : ObservedHistory
            What is on record; findings count once they are recorded.

        Returns
        -------
        polars.DataFrame
            `CHOICE_COLUMNS`.
        """
        self.matrix = self.logbook.features(week, history)
        if week.number % REFIT_WEEKS == 0 or self._model is None:
            self._refit(week, history)
        candidates = _candidates(week.items, self.matrix, self._risk(week, history))
        made = plan(
            candidates,
            self.capacity,
            self.strategy.settings(self.share),
            Draws(f"benchmark of seed {self.seed:08d}".encode(), f"week {week.number}"),
            0,
        )
        columns = {name: getattr(made, name) for name in CHOICE_COLUMNS.names() if name != "method"}
        return pl.DataFrame(columns | {"method": candidates.method}, schema=CHOICE_COLUMNS)

    def _refit(self, week: ObservedWeek, history: ObservedHistory) -> None:
        if self.strategy.sees not in {"findings", "truth"}:
            return
        recorded = history.inspections.filter(pl.col("recorded_at") < week.starts_at)
        knows = self.strategy.sees == "truth"
        self._model = fit_model(
            self.logbook.truth if knows else self.logbook.opened,
            None if knows else recorded,
            self.strategy.memory,
            week.number,
            self.seed,
        )

    def _risk(self, week: ObservedWeek, history: ObservedHistory) -> Numbers:
        if self._model is not None:
            return self._model.risk(self.matrix.X)
        if self.strategy.sees == "nothing":
            return np.full(len(week.items), 0.5)
        return rule_scores(week.items, history.signals)

    def learn(self, record: WeekRecord) -> None:
        """Write the week down, and see how the choice by risk fares.

        Parameters
        ----------
        record : WeekRecord
            What happened.
        """
        self.logbook.keep(record, self.matrix.X)
        by_risk = record.decisions.filter(pl.col("arm") == "risk").select("item_id")
        told = record.inspections.join(by_risk, on="item_id", how="semi")
        self._by_risk.append((len(told), int((told["outcome"] == "find").sum())))
        if self.strategy.adapts and len(self._by_risk) % REFIT_WEEKS == 0:
            late, before = self._by_risk[-REFIT_WEEKS:], self._by_risk[-20:-REFIT_WEEKS]
            if before:
                self.share = adapted_share(self.share, _rate(late), _rate(before))


def _rate(weeks: list[tuple[int, int]]) -> float:
    exams, finds = sum(week[0] for week in weeks), sum(week[1] for week in weeks)
    return finds / max(1, exams)


def _candidates(items: pl.DataFrame, matrix: Matrix, risk: Numbers) -> Candidates:
    n, methods = len(items), exam_methods()
    method = items["mode"].replace_strict(METHOD)
    minutes = method.replace_strict({name: methods[name].minutes for name in set(METHOD.values())})
    ids = items["item_id"].to_list()
    return Candidates(
        item_id=ids,
        risk=risk,
        severity=np.ones(n),
        method=method.to_numpy().astype(np.str_),
        minutes=minutes.cast(pl.Float64).to_numpy(),
        departs_at=np.full(n, NEVER),
        must_inspect=np.zeros(n, np.bool_),
        released=np.zeros(n, np.bool_),
        n_rule_hits=np.zeros(n, np.int64),
        cluster=[
            f"cluster:{name}" if name else f"item:{item}"
            for name, item in zip(matrix.clusters, ids, strict=True)
        ],
        prior=np.zeros(n),
        settled=np.zeros(n, np.bool_),
    )
