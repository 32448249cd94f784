"""Planning a shift: rules first, then the most harm stopped, then chance with known odds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from features.encoding import Numbers
from models.errors import InvalidPlan
from models.policy.candidates import Candidates
from models.policy.draws import Draws
from models.policy.knapsack import best_set
from models.policy.sampling import Flags, inclusion, mixture, systematic

Places = npt.NDArray[np.int64]
Tilt = Literal["risk", "rules"]
LEAST_UNIFORM_SHARE = 0.5
_MEANINGS = ("departed", "no_capacity", "not_reached", "must_inspect", "priority", "drawn")
_ARMS = {"must_inspect": "rule", "priority": "risk", "drawn": "exploration"}


@dataclass(frozen=True)
class Settings:
    """How a port divides its capacity.

    Parameters
    ----------
    exploration_share : float
        Share of the minutes that chance draws with, 0 to 1.
    floor : float
        Exams by chance that a plan expects at least, for each exam method; 0 for none.
    uniform_share : float
        Even part of the draw, 0.5 to 1; the rest leans.
    tilt : {"risk", "rules"}
        What the rest leans to: risk^exponent, or the rule hits on which nobody has acted.
    exponent : float
        0.5 to 1.

    Raises
    ------
    InvalidPlan
        If one lies outside its range.
    """

    exploration_share: float = 0.1
    floor: float = 1.0
    uniform_share: float = 0.5
    tilt: Tilt = "risk"
    exponent: float = 0.5

    def __post_init__(self) -> None:
        ranges = {
            "exploration_share": (0.0, 1.0),
            "floor": (0.0, 1e6),
            "uniform_share": (LEAST_UNIFORM_SHARE, 1.0),
            "exponent": (0.5, 1.0),
        }
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise InvalidPlan(f"{name} must lie between {low} and {high}", field=name)

    def leaning(self, risk: Numbers, n_rule_hits: npt.NDArray[np.int64]) -> Numbers:
        """Give what the tilted part of the draw is proportional to.

        Parameters
        ----------
        risk : array of float, shape (n,)
            Risks.
        n_rule_hits : array of int, shape (n,)
            Rule hits not acted on.

        Returns
        -------
        array of float, shape (n,)
            0 or more.
        """
        if self.tilt == "rules":
            return n_rule_hits.astype(np.float64)
        return np.asarray(risk**self.exponent, np.float64)


@dataclass(frozen=True)
class Plan:
    """What a plan chose; arrays of length n, in the order of the candidates.

    Parameters
    ----------
    item_id : list of str
        The candidates.
    arm : list of str or None
        `rule`, `risk` or `exploration` where this plan chose it.
    chosen : array of bool
        Whether this plan chose it. A settled candidate can be chosen: it is then recorded and
        uses no minutes.
    now : array of float
        Probability with which this plan chose it.
    propensity : array of float
        Probability that it has been chosen by now, this plan and the earlier ones together:
        what is logged, for every candidate, chosen or not.
    reason : list of str
        `must_inspect`, `priority`, `drawn`, or why not: `not_reached`, `departed`,
        `no_capacity` for its exam method.
    minutes : float
        Minutes of the exams to be done.
    """

    item_id: list[str]
    arm: list[str | None]
    chosen: Flags
    now: Numbers
    propensity: Numbers
    reason: list[str]
    minutes: float

    def to_frame(self) -> pl.DataFrame:
        """Give the plan as a table.

        Returns
        -------
        polars.DataFrame
            `item_id, arm, chosen, reason, propensity` as in the `decisions` table, and `now`.
        """
        columns = ("item_id", "arm", "chosen", "reason", "propensity", "now")
        return pl.DataFrame(
            {name: getattr(self, name) for name in columns},
            schema_overrides={"arm": pl.String()},
        )


def plan(
    candidates: Candidates,
    capacity: Mapping[str, float],
    settings: Settings,
    draws: Draws,
    at: int,
) -> Plan:
    """Choose what to inspect with the minutes there are.

    For each exam method apart: minutes for chance are set aside; what rules demand comes first
    in the others, by priority; then the set that stops the most expected harm; what remains
    goes to chance, which draws from all that were left (`models.policy.sampling`). Nothing of
    this looks at what earlier draws hit, so that propensities compound exactly over re-plans:
    1 - (1 - prior)(1 - now). For that the capacity must come from the clock and the staff, not
    from how long the drawn exams took.

    Parameters
    ----------
    candidates : Candidates
        The items, those that earlier plans drew and that have not left included.
    capacity : mapping of str to float
        Minutes for this plan, by exam method.
    settings : Settings
        How to divide them.
    draws : Draws
        The draws of this plan; another plan of the shift needs those of another occasion.
    at : int
        Now, in microseconds since the epoch. What departs by now is not chosen.

    Returns
    -------
    Plan
        One entry per candidate. Rules and risk never exceed the minutes left to them; chance
        exceeds its own by less than one exam.

    Raises
    ------
    InvalidPlan
        If a capacity is negative or not finite.
    """
    planning = _Planning(candidates, settings)
    here = (candidates.departs_at > at) & (candidates.prior < 1)
    planning.meaning[here] = _MEANINGS.index("no_capacity")
    for method, minutes in sorted(capacity.items()):
        if not (np.isfinite(minutes) and minutes >= 0):
            raise InvalidPlan(
                f"capacity of {method} must be finite and not negative", field=f"capacity.{method}"
            )
        members = np.flatnonzero(here & (candidates.method == method))
        if len(members) and minutes > 0:
            planning.divide(members, minutes, draws.within(method))
    to_do = planning.chosen & ~candidates.settled
    reasons = [_MEANINGS[code] for code in planning.meaning.tolist()]
    return Plan(
        item_id=candidates.item_id,
        arm=[_ARMS.get(reason) for reason in reasons],
        chosen=planning.chosen,
        now=planning.now,
        propensity=1 - (1 - candidates.prior) * (1 - planning.now),
        reason=reasons,
        minutes=float(candidates.minutes[to_do].sum()),
    )


class _Planning:
    def __init__(self, candidates: Candidates, settings: Settings) -> None:
        n = len(candidates)
        self.candidates, self.settings = candidates, settings
        self.value = candidates.risk * candidates.severity
        self.now, self.chosen = np.zeros(n), np.zeros(n, np.bool_)
        self.meaning = np.zeros(n, np.int64)

    def divide(self, members: Places, budget: float, draws: Draws) -> None:
        """Divide the minutes of one exam method among its candidates."""
        self.meaning[members] = _MEANINGS.index("not_reached")
        minutes, settings = self.candidates.minutes, self.settings
        least = settings.floor * float(minutes[members].mean())
        left = budget - min(budget, max(settings.exploration_share * budget, least))
        ruled = self._by_rule(members, left)
        left -= float(minutes[ruled].sum())
        self._mark(ruled, "must_inspect")
        risked = self._by_risk(members[~self.chosen[members]], left)
        self._mark(risked, "priority")
        self.now[[*ruled, *risked]] = 1.0
        used = float(minutes[ruled].sum() + minutes[risked].sum())
        self._explore(members[~self.chosen[members]], budget - used, draws)

    def _mark(self, where: Places, meaning: str) -> None:
        self.meaning[where] = _MEANINGS.index(meaning)
        self.chosen[where] = True

    def _by_priority(self, members: Places) -> Places:
        return members[
            np.argsort(-self.value[members] / self.candidates.minutes[members], kind="stable")
        ]

    def _by_rule(self, members: Places, left: float) -> Places:
        demanded = self._by_priority(members[self.candidates.must_inspect[members]])
        taken = []
        for item in demanded.tolist():
            if self.candidates.minutes[item] <= left:
                taken.append(item)
                left -= float(self.candidates.minutes[item])
        return np.array(taken, np.int64)

    def _by_risk(self, members: Places, left: float) -> Places:
        best: dict[str, int] = {}
        for item in self._by_priority(members[~self.candidates.released[members]]).tolist():
            best.setdefault(self.candidates.cluster[item], item)
        first = np.array(list(best.values()), np.int64)
        return first[best_set(self.value[first], self.candidates.minutes[first], left)]

    def _explore(self, rest: Places, budget: float, draws: Draws) -> None:
        if not len(rest):
            return
        given, settings = self.candidates, self.settings
        leaning = settings.leaning(given.risk[rest], given.n_rule_hits[rest])
        chances = mixture(leaning, settings.uniform_share)
        probability = inclusion(chances, given.minutes[rest], budget)
        order = (
            draws.uniforms("cluster", (given.cluster[each] for each in rest)),
            draws.uniforms("item", (given.item_id[each] for each in rest)),
        )
        drawn = systematic(probability, given.minutes[rest], order, draws.uniform("start"))
        self.now[rest] = probability
        self._mark(rest[drawn], "drawn")
