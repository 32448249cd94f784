"""Choosing keys: which combinations of codes foretell later rows better than their parts do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from training.foreign.encoder import back_off
from training.foreign.keys import joint_keys, log_odds, smoothed, tally
from training.foreign.plan import Key, Known, Plan, Table
from training.foreign.views import View

Numbers = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]

N_PAIRS = 30
N_TRIPLES = 30
N_PARENTS = 30
"""Pairs that are made into triples: the best by what they foretell."""

MOST_TRIALS_ROWS = 60_000
"""Keys are chosen by at most so many of the latest known rows."""


class _Search:
    """Log losses of keys on later rows."""

    def __init__(self, known: Known, later: Table, y: Numbers, strength: float) -> None:
        self._known, self._later, self._y, self._strength = known, later, y, strength
        self._share = float(known.y.mean())
        self._base = float(log_odds(np.array([self._share]))[0])
        self._alone: dict[int, Numbers] = {}
        self._zeros = np.zeros(len(known.y), np.int64)
        self.loss: dict[Key, float] = {}

    def judge(self, key: Key) -> None:
        if key in self.loss:
            return
        known, asked, n_keys = joint_keys(
            [self._known.table.codes[v].astype(np.int64) for v in key],
            [self._later.codes[v].astype(np.int64) for v in key],
        )
        counts = tally(known, self._known.y, self._zeros, n_keys, 1).all(asked)
        prior = (
            self._share
            if len(key) == 1
            else back_off(self._base, [self._alone[view] for view in key])
        )
        risk = smoothed(counts, prior, self._strength)
        if len(key) == 1:
            self._alone[key[0]] = log_odds(risk)
        held = np.clip(risk, 1e-4, 1 - 1e-4)
        likely = np.where(self._y == 1, held, 1 - held)
        self.loss[key] = float(-np.log(likely).mean())

    def gain(self, key: Key) -> float:
        return min(self.loss[part] for part in combinations(key, len(key) - 1)) - self.loss[key]

    def best(self, keys: Sequence[Key], n: int) -> list[Key]:
        """Take half by what they foretell and half by what they add to their parts."""
        by_loss = sorted(keys, key=lambda key: self.loss[key])[: n // 2]
        by_gain = sorted(keys, key=lambda key: -self.gain(key))[: n // 2]
        return list(dict.fromkeys([*by_loss, *(key for key in by_gain if self.gain(key) > 0)]))


def choose_keys(
    known: Known,
    later: Table,
    y: Numbers,
    plan: Plan,
    progress: Progress | None = None,
) -> tuple[Key, ...]:
    """Choose pairs and triples of views by how well they foretell later rows.

    Parameters
    ----------
    known : Known
        Earlier rows.
    later : Table
        Later rows.
    y : array of float, shape (m,)
        Their labels.
    plan : Plan
        Views and strength.
    progress : callable, optional
        Told how many keys have been judged, of how many.

    Returns
    -------
    tuple of tuple of int
        Keys, pairs first.
    """
    search = _Search(_latest(known), later, y, plan.strength)
    views = range(len(plan.views))
    pairs = [pair for pair in combinations(views, 2) if _apart(pair, plan.views)]
    n_trials = len(views) + len(pairs) + N_PARENTS * len(views)

    def judge(keys: Sequence[Key]) -> None:
        for key in keys:
            search.judge(key)
            if progress is not None:
                progress(min(len(search.loss), n_trials), n_trials)

    judge([(view,) for view in views])
    judge(pairs)
    parents = sorted(pairs, key=lambda pair: search.loss[pair])[:N_PARENTS]
    triples = sorted(
        {
            tuple(sorted((*pair, view)))
            for pair in parents
            for view in views
            if _apart((*pair, view), plan.views)
        }
    )
    judge([part for triple in triples for part in combinations(triple, 2)])
    judge(triples)
    return (*search.best(pairs, N_PAIRS), *search.best(triples, N_TRIPLES))


def _apart(key: Key, views: tuple[View, ...]) -> bool:
    return len({views[view].column for view in key}) == len(key)


def _latest(known: Known) -> Known:
    last = np.arange(max(len(known.y) - MOST_TRIALS_ROWS, 0), len(known.y))
    return replace(known, table=known.table.take(last), y=known.y[last], block=known.block[last])
