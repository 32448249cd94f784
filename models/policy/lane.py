"""Deciding in the lane: inspect or pass, now, within what the shift can do."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, NamedTuple

from models.errors import InvalidPlan
from models.policy.draws import Draws
from models.policy.plan import LEAST_UNIFORM_SHARE

LaneArm = Literal["rule", "risk", "exploration"]

_PRIOR_ITEMS = 20.0
"""Weight of the expected traffic against what has come so far, in items."""

_PRIOR_SPREAD, _PRIOR_WEIGHT = 1.0, 5.0
"""Spread of log priorities that is assumed at first, and its weight in items."""

_MEMORY_ITEMS = 200.0
"""Items over which the threshold forgets where it was wrong."""

_LEAST_OFTEN, _MOST_OFTEN = 1e-4, 0.999
"""Bounds of how often the threshold aims to be passed."""

_NORMAL = NormalDist()
_RAREST_LOG = -50.0
"""Log priority of what has none."""

_MOST_TILT = 20.0
"""Most times its usual share that the tilted draw gives one item."""


@dataclass(frozen=True)
class LaneShift:
    """What one lane, or all lanes of a port together, can do in a shift.

    Parameters
    ----------
    starts_at, ends_at : int
        The shift, in microseconds since the epoch.
    capacity_minutes : float
        Minutes of inspection in it.
    expected_items : float
        Items expected in it, above 0.
    exploration_share : float
        Share of the minutes for chance.
    uniform_share, exponent : float
        Even part of the draw (0.5 to 1) and the power of risk to which the rest leans.
    ramp : float
        Width, in log priority, over which the chance rises from 0 to 1 around the threshold.
    floor : float
        Least probability while there are minutes left for the shift.

    Raises
    ------
    InvalidPlan
        If one lies outside its range.
    """

    starts_at: int
    ends_at: int
    capacity_minutes: float
    expected_items: float
    exploration_share: float = 0.1
    uniform_share: float = 0.5
    exponent: float = 0.5
    ramp: float = 0.5
    floor: float = 0.001

    def __post_init__(self) -> None:
        good = {
            "ends_at": self.ends_at > self.starts_at,
            "capacity_minutes": 0 <= self.capacity_minutes < math.inf,
            "expected_items": 0 < self.expected_items < math.inf,
            "exploration_share": 0 <= self.exploration_share <= 1,
            "uniform_share": LEAST_UNIFORM_SHARE <= self.uniform_share <= 1,
            "exponent": 0.5 <= self.exponent <= 1,  # noqa: PLR2004 - its range
            "ramp": 0 < self.ramp < math.inf,
            "floor": 0 <= self.floor <= 1,
        }
        for name, holds in good.items():
            if not holds:
                raise InvalidPlan(f"{name} of the shift is out of range", field=name)


class LaneState(NamedTuple):
    """What has happened in the shift so far; to be stored with each decision.

    Parameters
    ----------
    n_seen : int
        Items decided.
    minutes_by_choice, minutes_by_chance : float
        Minutes of the inspections that rules and risk, and that chance, have chosen.
    mean_log, squares : float
        Running mean of log priorities, and sum of squares around it.
    offset : float
        Correction of the threshold, in spreads.
    mean_minutes, mean_tilt : float
        Running means of exam minutes and of risk^exponent.
    """

    n_seen: int = 0
    minutes_by_choice: float = 0.0
    minutes_by_chance: float = 0.0
    mean_log: float = 0.0
    squares: float = 0.0
    offset: float = 0.0
    mean_minutes: float = 0.0
    mean_tilt: float = 0.0

    @property
    def minutes(self) -> float:
        """Minutes of all inspections chosen so far."""
        return self.minutes_by_choice + self.minutes_by_chance


class Arrival(NamedTuple):
    """One item in the lane.

    Parameters
    ----------
    item_id : str
        The item.
    risk, severity, minutes : float
        Probability of a find, severity expected of one, and minutes of its exam, above 0.
    at : int
        Now, in microseconds since the epoch.
    must_inspect, released : bool
        What rules say.
    """

    item_id: str
    risk: float
    severity: float
    minutes: float
    at: int
    must_inspect: bool = False
    released: bool = False


class LaneDecision(NamedTuple):
    """Inspect or pass.

    Parameters
    ----------
    chosen : bool
        Whether to inspect.
    arm : {"rule", "risk", "exploration"} or None
        What chose it; chance where chance would have chosen it in any case.
    propensity : float
        Probability with which it was chosen, fixed before the draw.
    reason : str
        `must_inspect`, `priority`, `drawn`, `not_reached` or `no_capacity`.
    """

    chosen: bool
    arm: LaneArm | None
    propensity: float
    reason: str


def decide(
    arrival: Arrival, shift: LaneShift, state: LaneState, draws: Draws
) -> tuple[LaneDecision, LaneState]:
    """Decide about one item, in constant time.

    Chance spreads the minutes left to it over the items still expected. Risk chooses above a
    threshold, with a probability that rises over a ramp around it, so that items near it have
    known odds either way. The threshold is the quantile of priorities at which the minutes left
    last for the shift: that of a normal distribution of log priorities, corrected from item to
    item by how often it is passed (stochastic approximation [1]_). Once the minutes of the shift
    are used, the propensity is 0 and is logged as that.

    Parameters
    ----------
    arrival : Arrival
        The item.
    shift : LaneShift
        What the lane can do.
    state : LaneState
        What has happened so far; `LaneState()` at the start.
    draws : Draws
        The draws of the shift.

    Returns
    -------
    tuple of LaneDecision and LaneState
        The decision, and the state for the next item.

    References
    ----------
    .. [1] Robbins and Monro (1951), Annals of Mathematical Statistics 22, 400-407.
    """
    state = _seen(arrival, shift, state)
    pace = _Pace(arrival, shift, state)
    by_chance, by_risk = pace.by_chance, pace.by_risk
    demanded = arrival.must_inspect and pace.can_choose
    propensity = 1.0 if demanded else 1 - (1 - by_chance) * (1 - by_risk)
    drawn = draws.uniform("chance", arrival.item_id) < by_chance
    wanted = draws.uniform("risk", arrival.item_id) < by_risk
    after = state._replace(offset=pace.next_offset)
    spent_by_chance = after._replace(minutes_by_chance=state.minutes_by_chance + arrival.minutes)
    spent_by_choice = after._replace(minutes_by_choice=state.minutes_by_choice + arrival.minutes)
    if drawn:
        return _choose("exploration", propensity, "drawn"), spent_by_chance
    if demanded:
        return _choose("rule", propensity, "must_inspect"), spent_by_choice
    if wanted:
        return _choose("risk", propensity, "priority"), spent_by_choice
    reason = "not_reached" if propensity > 0 else "no_capacity"
    return LaneDecision(chosen=False, arm=None, propensity=propensity, reason=reason), after


def _choose(arm: LaneArm, propensity: float, reason: str) -> LaneDecision:
    return LaneDecision(chosen=True, arm=arm, propensity=propensity, reason=reason)


def _log_priority(arrival: Arrival) -> float:
    priority = arrival.risk * arrival.severity / arrival.minutes
    return math.log(priority) if priority > 0 else _RAREST_LOG


def _seen(arrival: Arrival, shift: LaneShift, state: LaneState) -> LaneState:
    n, at = state.n_seen + 1, _log_priority(arrival)
    tilt: float = arrival.risk**shift.exponent
    mean_log = state.mean_log + (at - state.mean_log) / n
    return state._replace(
        n_seen=n,
        mean_log=mean_log,
        squares=state.squares + (at - state.mean_log) * (at - mean_log),
        mean_minutes=state.mean_minutes + (arrival.minutes - state.mean_minutes) / n,
        mean_tilt=state.mean_tilt + (tilt - state.mean_tilt) / n,
    )


class _Pace:
    def __init__(self, arrival: Arrival, shift: LaneShift, state: LaneState) -> None:
        self._arrival, self._shift, self._state = arrival, shift, state
        elapsed = (arrival.at - shift.starts_at) / (shift.ends_at - shift.starts_at)
        elapsed = min(1.0, max(0.0, elapsed))
        came = (state.n_seen + _PRIOR_ITEMS) / (shift.expected_items * elapsed + _PRIOR_ITEMS)
        items_left = max(1.0, shift.expected_items * (1 - elapsed) * came)
        self._exam_minutes_left = items_left * state.mean_minutes
        for_chance = shift.exploration_share * shift.capacity_minutes
        self._for_chance = for_chance - state.minutes_by_chance
        self._for_choice = shift.capacity_minutes - for_chance - state.minutes_by_choice
        self._open = state.minutes < shift.capacity_minutes
        wanted = max(0.0, self._for_choice) / self._exam_minutes_left
        self._wanted = min(_MOST_OFTEN, max(_LEAST_OFTEN, wanted))
        self._spread = math.sqrt(
            (state.squares + _PRIOR_WEIGHT * _PRIOR_SPREAD**2) / (state.n_seen + _PRIOR_WEIGHT)
        )
        places = _NORMAL.inv_cdf(1 - self._wanted) + state.offset
        above = _log_priority(arrival) - state.mean_log - places * self._spread
        self._above = min(1.0, max(0.0, 0.5 + above / shift.ramp))

    @property
    def can_choose(self) -> bool:
        return self._open and self._for_choice > 0

    @property
    def by_chance(self) -> float:
        if not self._open:
            return 0.0
        state, shift = self._state, self._shift
        rate = max(0.0, self._for_chance) / self._exam_minutes_left
        usual = state.mean_tilt or 1.0
        lean: float = min(_MOST_TILT, self._arrival.risk**shift.exponent / usual)
        mixed = rate * (shift.uniform_share + (1 - shift.uniform_share) * lean)
        return float(min(1.0, max(shift.floor, mixed)))

    @property
    def by_risk(self) -> float:
        return self._above if self.can_choose and not self._arrival.released else 0.0

    @property
    def next_offset(self) -> float:
        n = min(self._state.n_seen, _MEMORY_ITEMS) + _PRIOR_ITEMS
        # a tail of the normal distribution falls off by about its quantile per spread
        steepness = self._wanted * (1 + max(0.0, _NORMAL.inv_cdf(1 - self._wanted)))
        return self._state.offset + (self._above - self._wanted) / steepness / n
