"""Which way of learning wins: decided on a window that neither fitted nor stopped the trees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

from training.blending import blend
from training.dataset import Dataset
from training.learner import WEIGHTINGS, Here, Machines, Recipe, Weighting, raw_scores
from training.linear import grow_linear
from training.windows import Split, recent

RECENT_SHARE = 0.5
"""The recent-window model learns from the items since the middle find."""

RECENT_WEIGHTS = (0.5, 1.0)
"""Weights in the blend that the recent-window model may win; it has none unless it wins."""

FEWEST_ROUNDS = 80
"""A stop window of a dozen finds often stops by accident; fewer rounds than this never won."""

STANDARD_ERRORS = 2.0
"""By so many of them a challenger must win: a window of twenty finds is easily lucky."""


@dataclass(frozen=True)
class Seat:
    """A member of a committee.

    Parameters
    ----------
    kind : {"sighted", "blind", "linear"}
        Trees that see all features; trees that do not see signals, because past exams followed
        lookouts and trees that see one take it for the explanation; or a logistic regression
        written as trees.
    share : float
        Its weight.
    """

    kind: Literal["sighted", "blind", "linear"]
    share: float


Seats = Sequence[Seat]

COMMITTEE: Seats = (*[Seat("sighted", 0.125)] * 3, Seat("blind", 0.125), Seat("linear", 0.5))
"""Few finds say little of how features combine and more of what each of them means, so that
trees and the regression err apart."""

ALONE: Seats = (Seat("sighted", 1.0),)
"""One booster, for data that leave nothing to be averaged out."""

HERE = Here()

Step = Callable[[], None]
"""Called when a piece of the work is done."""


@dataclass(frozen=True)
class Choice:
    """The way of learning that won, ready to be applied to more data.

    Parameters
    ----------
    weighting : {"unweighted", "clipped", "inverse"}
        What becomes of inverse propensities while trees are grown.
    n_rounds, n_rounds_recent : int
        Trees of the all-history and the recent-window model.
    recent_weight : float
        Weight of the recent-window model in the blend, 0 to 1.
    areas : mapping of str to float
        Area under the ROC curve on the choice window of everything that was compared.
    """

    weighting: Weighting
    n_rounds: int
    n_rounds_recent: int
    recent_weight: float
    areas: Mapping[str, float]

    def grow(
        self,
        recipe: Recipe,
        data: Dataset,
        *,
        n_jobs: int,
        seats: Seats = COMMITTEE,
        machines: Machines = HERE,
    ) -> Any:  # noqa: ANN401 - lightgbm ships no types
        """Grow a committee of the winner on more data.

        Parameters
        ----------
        recipe : Recipe
            Parameters, names and seed; the weighting is the one that won.
        data : Dataset
            Items to learn from.
        n_jobs : int
            Boosters grown at the same time, each with one thread.
        seats : sequence of Seat
            The members, the first of which is not linear.
        machines : Machines
            Where they are grown.

        Returns
        -------
        lightgbm.Booster
            One booster that holds the trees of all.
        """
        recipe = replace(recipe, weighting=self.weighting)
        windows = []
        if self.recent_weight < 1:
            windows.append((data, self.n_rounds, 1 - self.recent_weight))
        if self.recent_weight > 0:
            late = recent(data, RECENT_SHARE)
            windows.append((late, self.n_rounds_recent, self.recent_weight))
        members = [
            (
                seat.kind,
                replace(recipe, seed=recipe.seed + number),
                rows,
                n_rounds,
                share * seat.share,
            )
            for rows, n_rounds, share in windows
            for number, seat in enumerate(seats)
        ]

        def grown(kind: str, member: Recipe, rows: Dataset, n_rounds: int) -> Any:  # noqa: ANN401
            if kind == "linear":
                return grow_linear(member, rows)
            return machines.grow(replace(member, blind=kind == "blind"), rows, n_rounds)

        boosters = Parallel(n_jobs=n_jobs, prefer="threads")(
            delayed(grown)(*member) for *member, _ in members
        )
        return blend(boosters, [share for *_, share in members])


def choose(
    split: Split, recipe: Recipe, *, n_jobs: int, step: Step, machines: Machines = HERE
) -> Choice:
    """Compare weightings, then all history with the recent window.

    What is simpler stays unless the other beats it by `STANDARD_ERRORS`: unweighted before
    clipped before inverse, all history before any blend.

    Parameters
    ----------
    split : Split
        Its windows `fit`, `stop` and `choose` are used.
    recipe : Recipe
        Parameters, names and seed.
    n_jobs : int
        Fits at the same time, each with one thread.
    step : callable
        Called after each fit: four times.
    machines : Machines
        Where trees are grown.

    Returns
    -------
    Choice
        What won.
    """
    later = split.choose

    def fitted(weighting: Weighting, data: Dataset) -> Any:  # noqa: ANN401 - lightgbm ships no types
        booster = machines.grow_until(replace(recipe, weighting=weighting), data, split.stop)
        step()
        return booster

    whole = Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(fitted)(weighting, split.fit) for weighting in WEIGHTINGS
    )
    scores = [raw_scores(booster, later.X) for booster in whole]
    best = _winner(scores, later)
    late = fitted(WEIGHTINGS[best], recent(split.fit, RECENT_SHARE))
    late_scores = raw_scores(late, later.X)
    blends = [share * late_scores + (1 - share) * scores[best] for share in RECENT_WEIGHTS]
    chosen = _winner([scores[best], *blends], later)
    named = dict(zip(WEIGHTINGS, scores, strict=True)) | {
        f"recent_{share:g}": each for share, each in zip(RECENT_WEIGHTS, blends, strict=True)
    }
    return Choice(
        weighting=WEIGHTINGS[best],
        n_rounds=max(FEWEST_ROUNDS, whole[best].num_trees()),
        n_rounds_recent=max(FEWEST_ROUNDS, late.num_trees()),
        recent_weight=(0.0, *RECENT_WEIGHTS)[chosen],
        areas={name: area(each, later) for name, each in named.items()},
    )


def placements(
    score: npt.NDArray[np.float64], data: Dataset
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Say of each find what share of the clears it outranks.

    Parameters
    ----------
    score : array of float, shape (n,)
        Any score that ranks.
    data : Dataset
        The n items; those without a known propensity are left out, if others are there.

    Returns
    -------
    placement : array of float, shape (k,)
        For each of k finds the share of the clears' weight below it, ties counted half. Its
        weighted mean is the area under the ROC curve.
    weight : array of float, shape (k,)
        The finds' inverse propensities.

    References
    ----------
    .. [1] DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44, 837-845.
    """
    found = data.y == 1
    known = data.weight > 0
    weight = data.weight if known[found].any() and known[~found].any() else np.ones(len(data.y))
    order = np.argsort(score[~found], kind="stable")
    clears = score[~found][order]
    below = np.concatenate([[0.0], np.cumsum(weight[~found][order])])
    left = below[np.searchsorted(clears, score[found], side="left")]
    right = below[np.searchsorted(clears, score[found], side="right")]
    counts = weight[found] > 0
    return ((left + right) / (2 * below[-1]))[counts], weight[found][counts]


def area(score: npt.NDArray[np.float64], data: Dataset) -> float:
    """Give the area under the ROC curve, each label weighed by its inverse propensity.

    Parameters
    ----------
    score : array of float, shape (n,)
        Any score that ranks.
    data : Dataset
        The n items, as for `placements`.

    Returns
    -------
    float
        0 to 1.
    """
    placement, weight = placements(score, data)
    return float(np.average(placement, weights=weight))


def _winner(scores: Sequence[npt.NDArray[np.float64]], data: Dataset) -> int:
    best = 0
    for challenger in range(1, len(scores)):
        before, weight = placements(scores[best], data)
        after, _ = placements(scores[challenger], data)
        gain = np.average(after - before, weights=weight)
        spread = np.sqrt(((weight * (after - before - gain)) ** 2).sum()) / weight.sum()
        if gain > STANDARD_ERRORS * spread:
            best = challenger
    return best
