"""From codes and numbers to X, by what is known of the rows that were fitted.

A known row never sees its own label: its keys are counted over other blocks of known rows, so
that its features mean the same as those of a row that comes later.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import numpy.typing as npt

from training.foreign.keys import Codes, Counts, Tally, joint_keys, log_odds, smoothed, tally
from training.foreign.latest import NAMES as LATEST_NAMES
from training.foreign.latest import latest_rows
from training.foreign.nearest import NAMES as NEAREST_NAMES
from training.foreign.nearest import nearest_rows
from training.foreign.plan import Key, Known, Plan, Table

Numbers = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float32]

NORM_STRENGTH = 3.0
MOST_NORM_VIEWS = 6
MOST_RATIO_NUMBERS = 4
BACK_OFF = 0.7
"""How far the parts of a key are believed together: they overlap, so their sum is too much."""


class Encoder:
    """Makes X of rows.

    Parameters
    ----------
    plan : Plan
        What X is made of.
    known : Known
        What it is made by.
    """

    def __init__(self, plan: Plan, known: Known) -> None:
        self.plan = plan
        self.known = known
        self._prior = float(known.y.mean())

    def names(self) -> tuple[str, ...]:
        """Name the columns of X by the numbers of views and columns."""
        plan = self.plan
        names = [f"number_{n}" for n in range(len(plan.columns))]
        names += [f"round_{n}" for n in range(len(plan.columns))]
        names += [f"ratio_{a}_{b}" for a, b in self._ratios()]
        names += [
            f"norm_{n}_by_{v}"
            for v in plan.norm_views
            for n in range(len(plan.columns) + len(self._ratios()))
        ]
        names += [f"code_{v}" for v in range(len(plan.views))]
        alone = [(v,) for v in range(len(plan.views))] if plan.risks else []
        for key in [*alone, *plan.keys]:
            joined = "_".join(str(v) for v in key)
            names += [f"risk_{joined}", f"rows_{joined}"]
        for key in plan.latest_keys():
            joined = "_".join(str(v) for v in key)
            names += [f"{name}_{joined}" for name in LATEST_NAMES]
        return (*names, *(NEAREST_NAMES if plan.nearest_views else ()))

    def own(self) -> Matrix:
        """Make X of the known rows, each as if its own label were not known.

        Returns
        -------
        array of float32, shape (n, f)
            X.
        """
        return self._matrix(self.known.table, own=True)

    def later(self, table: Table) -> Matrix:
        """Make X of other rows.

        Parameters
        ----------
        table : Table
            Codes and numbers of m rows.

        Returns
        -------
        array of float32, shape (m, f)
            X.
        """
        return self._matrix(table, own=False)

    def _matrix(self, table: Table, *, own: bool) -> Matrix:
        columns = [one.astype(np.float32) for one in self._columns(table, own=own)]
        if self.plan.nearest_views:
            columns += list(self._nearest(table, own=own).T)
        return np.column_stack(columns)

    def _columns(self, table: Table, *, own: bool) -> Iterator[Numbers]:
        amounts = table.numbers
        yield from amounts
        yield from (_roundness(one) for one in amounts)
        here = [*amounts, *self._ratio(amounts)]
        yield from here[len(amounts) :]
        there = [*self.known.table.numbers, *self._ratio(self.known.table.numbers)]
        for view in self.plan.norm_views:
            for known, value in zip(there, here, strict=True):
                yield self._norm(view, table, known, value, own=own)
        yield from table.codes.astype(np.float64)
        if self.plan.risks:
            yield from self._risks(table, own=own)
        for key in self.plan.latest_keys():
            known, asked, _ = self._joint(key, table)
            yield from latest_rows(known, self.known.y, None if own else asked)

    def _ratios(self) -> list[tuple[int, int]]:
        amounts = [
            place
            for place, value in enumerate(self.known.table.numbers)
            if np.nanmin(value, initial=1) >= 0 and len(np.unique(value)) > 50  # noqa: PLR2004
        ]
        return list(combinations(amounts[:MOST_RATIO_NUMBERS], 2))

    def _ratio(self, numbers: Numbers) -> Iterator[Numbers]:
        for a, b in self._ratios():
            yield np.log(numbers[b] + 1e-6) - np.log(numbers[a] + 1e-6)

    def _norm(
        self, view: int, table: Table, known: Numbers, value: Numbers, *, own: bool
    ) -> Numbers:
        known, value = _scaled(known), _scaled(value)
        there = ~np.isnan(known)
        overall = float(known[there].mean()) if there.any() else 0.0
        filled = np.where(there, known, overall)
        counts = self._count((view,), table, filled, own=own)
        return value - smoothed(counts, overall, NORM_STRENGTH)

    def _risks(self, table: Table, *, own: bool) -> Iterator[Numbers]:
        base = float(log_odds(np.array([self._prior]))[0])
        alone: list[Numbers] = []
        for view in range(len(self.plan.views)):
            counts = self._count((view,), table, self.known.y, own=own)
            alone.append(log_odds(smoothed(counts, self._prior, self.plan.strength)))
            yield alone[-1]
            yield np.log1p(counts.n_rows)
        for key in self.plan.keys:
            prior = back_off(base, [alone[view] for view in key])
            counts = self._count(key, table, self.known.y, own=own)
            yield log_odds(smoothed(counts, prior, self.plan.strength))
            yield np.log1p(counts.n_rows)

    def _count(self, key: Key, table: Table, what: Numbers, *, own: bool) -> Counts:
        known, asked, n_keys = self._joint(key, table)
        counted = tally(known, what, self.known.block, n_keys, self.plan.n_blocks)
        if not own:
            return counted.all(asked)
        return self._seen(counted, known)

    def _joint(self, key: Key, table: Table) -> tuple[Codes, Codes, int]:
        return joint_keys(
            [self.known.table.codes[v].astype(np.int64) for v in key],
            [table.codes[v].astype(np.int64) for v in key],
        )

    def _seen(self, counted: Tally, key: npt.NDArray[np.int64]) -> Counts:
        if self.plan.scheme == "earlier":
            return counted.earlier(key, self.known.block)
        return counted.others(key, self.known.block)

    def _nearest(self, table: Table, *, own: bool) -> Matrix:
        views = list(self.plan.nearest_views)
        block = self.known.block.astype(np.int32)
        asked = block if own else np.full(table.codes.shape[1], -1, np.int32)
        return nearest_rows(
            self.known.table.codes[views],
            self.known.y.astype(np.float32),
            block,
            table.codes[views],
            asked,
            self._prior,
            self.plan.nearest_worth,
            earlier=self.plan.scheme == "earlier",
        )


def back_off(base: float, parts: list[Numbers]) -> Numbers:
    """Expect the risk of a key from its parts.

    Parameters
    ----------
    base : float
        Log-odds over all rows, b.
    parts : list of array of float, shape (n,)
        Log-odds l of each code of the key.

    Returns
    -------
    array of float, shape (n,)
        `1 / (1 + exp(-(b + 0.7 sum(l - b))))`.
    """
    lean = base + BACK_OFF * np.sum([part - base for part in parts], axis=0)
    return np.asarray(1 / (1 + np.exp(-np.clip(lean, -8, 8))), np.float64)


def _scaled(value: Numbers) -> Numbers:
    return np.sign(value) * np.log1p(np.abs(value))


def _roundness(value: Numbers) -> Numbers:
    """Count by how many of 1, 10, 100, 1,000 a number can be divided: invented ones are round."""
    there = np.nan_to_num(value, nan=0.5)
    rounds = [there % step == 0 for step in (1, 10, 100, 1000)]
    return np.asarray(np.sum(rounds, axis=0), np.float64)
