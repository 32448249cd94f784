"""What is remembered over a year: recent items, and the features of those that were opened."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from features.matrix import Matrix, matrix_from_tables
from training.evaluation.learned import Matrix as Rows
from training.evaluation.learned import Numbers, QuickCommittee, found_so_far
from training.evaluation.strategies import Memory
from training.simulation.environment import WeekRecord
from training.simulation.policy import ObservedHistory, ObservedWeek

HISTORY_WEEKS = 13
"""Weeks of items that features look back on, as long as their longest window."""

RECENT_WEEKS = 13
"""Weeks that a model of recent weeks is fitted on."""

LAWFUL_PER_WEEK = 300
"""Lawful items a week that a model of the truth learns from, beside all that carry."""

FEWEST_FINDS = 8
"""With fewer finds no model is fitted, and the rules rank."""


@dataclass(frozen=True)
class Lines:
    """Rows of a week that can be learned from.

    Parameters
    ----------
    week : int
        Weeks since the world began.
    item_id : polars.Series
        The k items.
    X : array of float32, shape (k, f)
        Their features as they were when it was decided about them.
    y : array of int, shape (k,)
        What they carried; only for those who may know.
    """

    week: int
    item_id: pl.Series
    X: Rows
    y: npt.NDArray[np.int8]


@dataclass
class Logbook:
    """What a port remembers; one for each strategy.

    Parameters
    ----------
    items : list of polars.DataFrame
        Items of the last weeks.
    opened, truth : list of Lines
        Items that were inspected, and a sample of all with what they carried.
    """

    items: list[pl.DataFrame] = field(default_factory=list)
    opened: list[Lines] = field(default_factory=list)
    truth: list[Lines] = field(default_factory=list)

    def copied(self) -> "Logbook":
        """Give a logbook that goes on from here by itself.

        Returns
        -------
        Logbook
            With the same pages, which never change.
        """
        return Logbook(list(self.items), list(self.opened), list(self.truth))

    def features(self, week: ObservedWeek, history: ObservedHistory) -> Matrix:
        """Compute the features of a week's items from what is remembered.

        Parameters
        ----------
        week : ObservedWeek
            The items.
        history : ObservedHistory
            Signals and inspections on record.

        Returns
        -------
        Matrix
            In the order of the items.
        """
        items = pl.concat([*self.items, week.items])
        known = items["item_id"].implode()
        return matrix_from_tables(
            items,
            history.inspections.filter(pl.col("item_id").is_in(known)),
            history.signals,
            where=pl.col("item_id").is_in(week.items["item_id"].implode()),
        )

    def keep(self, record: WeekRecord, X: Rows) -> None:
        """Write a week down.

        Parameters
        ----------
        record : WeekRecord
            What happened.
        X : array of float32, shape (n, f)
            Features of its items.
        """
        items, hidden = record.traffic.items, record.traffic.hidden
        self.items = [*self.items, items][-HISTORY_WEEKS:]
        carried = hidden["illicit"].cast(pl.Int8).to_numpy()
        sampled = carried == 1
        lawful = np.flatnonzero(~sampled)
        order = np.argsort(hidden["key"].to_numpy()[lawful], kind="stable")
        sampled[lawful[order[:LAWFUL_PER_WEEK]]] = True
        for where, pages in ((record.choices["chosen"].to_numpy(), self.opened),
                             (sampled, self.truth)):  # fmt: skip
            ids = items["item_id"].filter(pl.Series(where))
            pages.append(Lines(record.week.number, ids, X[where], carried[where]))


class Model:
    """The product's learner, fitted quickly on one or two stretches of time.

    Parameters
    ----------
    committees : sequence of QuickCommittee
        Their log-odds are averaged.
    """

    def __init__(self, committees: Sequence[QuickCommittee]) -> None:
        self._committees = committees

    def risk(self, X: Rows) -> Numbers:
        """Score items.

        Parameters
        ----------
        X : array of float32, shape (n, f)
            Features.

        Returns
        -------
        array of float, shape (n,)
            0 to 1; it ranks, and is not calibrated.
        """
        raw = np.mean([each.scores(X) for each in self._committees], axis=0)
        return np.asarray(1 / (1 + np.exp(-raw)), np.float64)


def fit_model(
    pages: list[Lines], findings: pl.DataFrame | None, memory: Memory, now_week: int, seed: int
) -> Model | None:
    """Fit on what is remembered.

    Parameters
    ----------
    pages : list of Lines
        What can be learned from.
    findings : polars.DataFrame or None
        The `inspections` on record; None to learn from what the lines say was carried.
    memory : {"all", "recent", "both"}
        Stretches of time.
    now_week : int
        The week in which it is fitted.
    seed : int
        Seed of the fit.

    Returns
    -------
    Model or None
        None if no stretch holds enough finds.
    """
    X = np.concatenate([page.X for page in pages])
    week = np.repeat([page.week for page in pages], [len(page.X) for page in pages])
    if findings is None:
        y, known = np.concatenate([page.y for page in pages]), np.ones(len(X), np.bool_)
    else:
        y, known = _labels(pl.concat([page.item_id for page in pages]), findings)
    recent = week >= now_week - RECENT_WEEKS
    stretches = {"all": [known], "recent": [known & recent], "both": [known, known & recent]}
    committees = [
        QuickCommittee(X[where], y[where], seed=seed)
        for where in stretches[memory]
        if y[where].sum() >= FEWEST_FINDS and (y[where] == 0).any()
    ]
    return Model(committees) if committees else None


def _labels(
    item_id: pl.Series, findings: pl.DataFrame
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.bool_]]:
    found = pl.DataFrame({"item_id": item_id}).join(
        found_so_far(findings), on="item_id", how="left", maintain_order="left"
    )["find"]
    return (
        found.fill_null(value=False).cast(pl.Int8).to_numpy(),
        found.is_not_null().to_numpy(),
    )
