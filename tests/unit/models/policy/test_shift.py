from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from models.errors import InvalidPlan
from models.policy.candidates import Candidates
from models.policy.draws import Draws
from models.policy.plan import Settings
from models.policy.shift import Due, Spent, allot, plan_shift
from tests.unit.models.policy.strategies import candidates

_KEY = b"a key for tests only"
_HOUR = 60


@dataclass
class _Day:
    """A shift of eight hours: items come and leave, and it is planned each hour."""

    seed: int
    total: float = 480.0
    exam: float = 15.0
    every: int = _HOUR

    def run(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Give propensities and choices of each item, and the minutes of exams to be done."""
        rng = np.random.default_rng(self.seed)
        n, end = 160, 480
        came = np.sort(rng.integers(0, end, n))
        leaves = came + rng.integers(30, 240, n)
        risk = rng.beta(1, 60, n)
        prior, settled = np.zeros(n), np.zeros(n, np.bool_)
        spent = Spent()
        for number, at in enumerate(range(0, end, self.every)):
            here = np.flatnonzero((came <= at) & (leaves > at))
            made = plan_shift(
                self._candidates(here, risk, leaves, prior, settled),
                Due(
                    {"partial_search": self.total},
                    min(1.0, (at + self.every) / end),
                    Settings(exploration_share=0.2, floor=1.0),
                    {"partial_search": spent},
                ),
                Draws(_KEY, f"{self.seed}/{number}"),
                at,
            )
            spent = spent.plus(made.spent.get("partial_search", Spent()))
            prior[here] = made.plan.propensity
            settled[here] |= made.plan.chosen
        return prior, settled, spent.used_minutes

    def _candidates(
        self,
        here: np.ndarray,
        risk: np.ndarray,
        leaves: np.ndarray,
        prior: np.ndarray,
        settled: np.ndarray,
    ) -> Candidates:
        n = len(here)
        return Candidates(
            item_id=[f"{self.seed}/{number}" for number in here.tolist()],
            risk=risk[here],
            severity=np.ones(n),
            method=np.full(n, "partial_search"),
            minutes=np.full(n, self.exam),
            departs_at=leaves[here],
            must_inspect=np.zeros(n, np.bool_),
            released=np.zeros(n, np.bool_),
            n_rule_hits=np.zeros(n, np.int64),
            cluster=[f"own-{number}" for number in here.tolist()],
            prior=prior[here],
            settled=settled[here],
        )


def test_over_many_plans_items_are_chosen_as_often_as_their_last_propensity_says() -> None:
    days = [_Day(seed).run() for seed in range(150)]
    propensity = np.concatenate([day[0] for day in days])
    chosen = np.concatenate([day[1] for day in days]).astype(np.float64)
    drawn = (propensity > 0) & (propensity < 1 - 1e-9)
    p, hit = propensity[drawn], chosen[drawn]
    bins = np.searchsorted(np.quantile(p, np.linspace(0, 1, 11)[1:-1]), p)
    expected, got = np.bincount(bins, p), np.bincount(bins, hit)
    variance = np.bincount(bins, p * (1 - p))
    assert chi2.sf(float(((got - expected) ** 2 / variance).sum()), len(expected)) > 0.001


@pytest.mark.parametrize("every", [15, _HOUR, 240])
def test_the_shift_is_exceeded_by_less_than_one_exam_however_often_it_is_planned(
    every: int,
) -> None:
    for seed in range(20):
        _, _, used = _Day(seed, every=every).run()
        assert used < 480 + 15


def test_a_shift_with_enough_items_is_used_but_for_an_exam_or_two() -> None:
    used = [_Day(seed).run()[2] for seed in range(20)]
    assert np.mean(used) > 480 - 2 * 15


def test_every_item_that_comes_before_a_plan_and_stays_has_some_chance() -> None:
    propensity, _, _ = _Day(3).run()
    assert (propensity > 0).mean() > 0.7


@given(
    st.floats(0, 1000),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.sampled_from([0.2, 2.0, 15.0]),
    st.floats(0, 3),
    st.floats(0, 900),
)
def test_an_allotment_is_never_negative_nor_beyond_what_is_left(
    total: float, shares: tuple[float, float], exam: float, floor: float, used: float
) -> None:
    due, exploration_share = shares
    settings = Settings(exploration_share=exploration_share, floor=floor)
    part = allot(total, due, exam, settings, Spent(used / 2, used / 2, used))
    assert part.choice_minutes >= 0
    assert part.chance_minutes >= 0
    assert part.minutes <= max(0.0, total - used) + 1e-5
    n_exams = part.choice_minutes / exam
    assert n_exams == pytest.approx(round(n_exams))


def test_the_floor_is_for_the_whole_shift_and_not_for_each_plan() -> None:
    settings = Settings(exploration_share=0.0, floor=1.0)
    quarter = allot(480.0, 0.25, 15.0, settings, Spent())
    assert quarter.chance_minutes == pytest.approx(15.0 / 4)
    again = allot(480.0, 0.25, 15.0, settings, Spent(quarter.choice_minutes, 15.0 / 4))
    assert again.minutes == 0


@given(candidates(), st.floats(0, 400))
def test_only_methods_with_capacity_choose(given_items: Candidates, minutes: float) -> None:
    due = Due({"canine": minutes}, 1.0, Settings(), {})
    made = plan_shift(given_items, due, Draws(_KEY, "s/1"), 100)
    assert set(given_items.method[made.plan.chosen].tolist()) <= {"canine"}
    to_do = made.plan.chosen & ~given_items.settled
    assert made.plan.minutes == pytest.approx(given_items.minutes[to_do].sum())


@pytest.mark.parametrize("minutes", [-1.0, float("inf"), float("nan")])
@given(candidates(most=3).filter(lambda drawn: "canine" in drawn.method))
def test_a_capacity_that_is_no_number_of_minutes_is_refused(
    minutes: float, given_items: Candidates
) -> None:
    due = Due({"canine": minutes}, 1.0, Settings(), {})
    with pytest.raises(InvalidPlan, match="capacity of canine"):
        plan_shift(given_items, due, Draws(_KEY, "s"), 0)
