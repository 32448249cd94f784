"""Planning a shift again and again: what each plan may use, by the clock and not by the draws."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from models.errors import InvalidPlan
from models.policy.candidates import Candidates
from models.policy.draws import Draws
from models.policy.plan import Plan, Settings, plan

_CHOOSERS = ("rule", "risk")
_SLACK_MINUTES = 1e-6
"""What whole exams may miss of their minutes by rounding."""


class Spent(NamedTuple):
    """What the plans of a shift so far have spent of one exam method.

    Parameters
    ----------
    choice_minutes : float
        Minutes of what rules and risk chose.
    chance_minutes : float
        Minutes that chance was expected to draw, whatever it drew.
    used_minutes : float
        Minutes of the exams that are really to be done.
    """

    choice_minutes: float = 0.0
    chance_minutes: float = 0.0
    used_minutes: float = 0.0

    def plus(self, other: "Spent") -> "Spent":
        """Add what another plan spent.

        Parameters
        ----------
        other : Spent
            The other plan's.

        Returns
        -------
        Spent
            Both together.
        """
        return Spent(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Allotment(NamedTuple):
    """What one plan may use of one exam method.

    Parameters
    ----------
    choice_minutes, chance_minutes : float
        For rules and risk, in whole exams, and for chance.
    """

    choice_minutes: float
    chance_minutes: float

    @property
    def minutes(self) -> float:
        """Both together."""
        return self.choice_minutes + self.chance_minutes

    @property
    def exploration_share(self) -> float:
        """Share of them that is for chance; 0 if there are none."""
        return self.chance_minutes / self.minutes if self.minutes else 0.0


class Due(NamedTuple):
    """What a shift has, and what is due of it when it is planned.

    Parameters
    ----------
    totals : mapping of str to float
        Minutes of the shift, by exam method.
    share : float
        Share of the shift that has passed or that this plan is for, 0 to 1.
    settings : Settings
        How the port divides its capacity; `floor` is for the whole shift.
    spent : mapping of str to Spent
        What earlier plans of the shift spent, by exam method.
    """

    totals: Mapping[str, float]
    share: float
    settings: Settings
    spent: Mapping[str, Spent]


@dataclass(frozen=True)
class ShiftPlan:
    """One plan of a shift.

    Parameters
    ----------
    plan : Plan
        What it chose, for every candidate.
    allotted : dict of str to Allotment
        What it could use, by exam method.
    spent : dict of str to Spent
        What it spent, by exam method.
    """

    plan: Plan
    allotted: dict[str, Allotment]
    spent: dict[str, Spent]


def allot(
    total_minutes: float, due_share: float, exam_minutes: float, settings: Settings, spent: Spent
) -> Allotment:
    """Say what a plan may use of one exam method.

    By the share of the shift that is due, so many minutes are free, less what earlier plans
    spent in expectation. Chance gets its share, or the floor, in fractions of an exam, so that
    every item has some chance in every plan; rules and risk get whole exams, and what does not
    make a whole one waits for the next plan. What was really used only matters where it would
    take the shift beyond its capacity.

    Parameters
    ----------
    total_minutes : float
        Minutes of the method in the whole shift.
    due_share : float
        Share of the shift that has passed or that this plan is for, 0 to 1.
    exam_minutes : float
        Minutes of one exam, above 0.
    settings : Settings
        How the port divides its capacity; `floor` is for the whole shift.
    spent : Spent
        What earlier plans spent.

    Returns
    -------
    Allotment
        Neither part negative.

    Examples
    --------
    >>> allot(480.0, 0.25, 15.0, Settings(exploration_share=0.1, floor=0.0), Spent())
    Allotment(choice_minutes=105.0, chance_minutes=12.0)
    """
    due = total_minutes * due_share
    least = settings.floor * exam_minutes * due_share
    for_chance = min(due, max(settings.exploration_share * due, least))
    left = max(0.0, total_minutes - spent.used_minutes)
    chance = min(left, max(0.0, for_chance - spent.chance_minutes))
    choice = due - max(for_chance, spent.chance_minutes) - spent.choice_minutes
    n_exams = math.floor((min(choice, left - chance) + _SLACK_MINUTES) / exam_minutes)
    return Allotment(max(0, n_exams) * exam_minutes, chance)


def plan_shift(candidates: Candidates, due: Due, draws: Draws, at: int) -> ShiftPlan:
    """Make one plan of a shift.

    Parameters
    ----------
    candidates : Candidates
        The items; those of one exam method take the same minutes.
    due : Due
        What the shift has, and what is due of it.
    draws : Draws
        The draws of this plan.
    at : int
        Now, in microseconds since the epoch.

    Returns
    -------
    ShiftPlan
        The plan, what it could use and what it spent.

    Raises
    ------
    InvalidPlan
        If a total is negative or not finite.
    """
    settings = due.settings
    whole = plan(candidates, {}, settings, draws, at)
    allotted: dict[str, Allotment] = {}
    used: dict[str, Spent] = {}
    for method, total in sorted(due.totals.items()):
        if not (math.isfinite(total) and total >= 0):
            raise InvalidPlan(
                f"capacity of {method} must be finite and not negative", field=f"minutes.{method}"
            )
        members = np.flatnonzero(candidates.method == method)
        if not len(members):
            continue
        exam_minutes = float(candidates.minutes[members].max())
        before = due.spent.get(method, Spent())
        part = allot(total, due.share, exam_minutes, settings, before)
        divided = replace(settings, exploration_share=part.exploration_share, floor=0.0)
        # a touch more, lest a whole exam be missed by rounding
        capacity = {method: part.minutes + (_SLACK_MINUTES if part.choice_minutes else 0.0)}
        made = plan(candidates, capacity, divided, draws, at)
        whole = _placed(whole, made, members.tolist())
        allotted[method], used[method] = part, _spent(candidates, made)
    return ShiftPlan(whole, allotted, used)


def _placed(whole: Plan, made: Plan, members: list[int]) -> Plan:
    arm, reason = list(whole.arm), list(whole.reason)
    chosen, now, propensity = whole.chosen.copy(), whole.now.copy(), whole.propensity.copy()
    for place in members:
        arm[place], reason[place] = made.arm[place], made.reason[place]
    chosen[members], now[members] = made.chosen[members], made.now[members]
    propensity[members] = made.propensity[members]
    return Plan(whole.item_id, arm, chosen, now, propensity, reason, whole.minutes + made.minutes)


def _spent(candidates: Candidates, made: Plan) -> Spent:
    by_choice = np.array([arm in _CHOOSERS for arm in made.arm], np.bool_)
    choice = float(candidates.minutes[by_choice].sum())
    expected = float((made.now * candidates.minutes).sum())
    return Spent(choice, max(0.0, expected - choice), made.minutes)
