import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidPlan
from models.policy.candidates import NEVER, Candidates
from models.policy.draws import Draws
from models.policy.plan import Plan, Settings, plan
from tests.unit.models.policy.strategies import candidates

_AT = 100
_KEY = b"a key for tests only"


def _plan(given_items: Candidates, minutes: float, occasion: str = "s/1", **how: float) -> Plan:
    settings = Settings(**how)  # type: ignore[arg-type]  # numbers alone are varied here
    capacity = {"canine": minutes, "nii_pov": minutes / 2}
    return plan(given_items, capacity, settings, Draws(_KEY, occasion), _AT)


def _items(n: int, **columns: object) -> Candidates:
    values: dict[str, object] = {
        "item_id": [f"I{number}" for number in range(n)],
        "risk": np.linspace(0.1, 0.01, n),
        "severity": np.ones(n),
        "method": np.full(n, "canine"),
        "minutes": np.full(n, 2.0),
        "departs_at": np.full(n, NEVER),
        "must_inspect": np.zeros(n, np.bool_),
        "released": np.zeros(n, np.bool_),
        "n_rule_hits": np.zeros(n, np.int64),
        "cluster": [f"own-{number}" for number in range(n)],
        "prior": np.zeros(n),
        "settled": np.zeros(n, np.bool_),
    }
    return Candidates(**(values | columns))  # type: ignore[arg-type]  # columns by name


@given(candidates(), st.floats(0, 400), st.floats(0, 1), st.floats(0, 3))
def test_the_budget_of_each_method_is_exceeded_by_less_than_one_exam(
    given_items: Candidates, minutes: float, exploration_share: float, floor: float
) -> None:
    made = _plan(given_items, minutes, exploration_share=exploration_share, floor=floor)
    for method, budget in (("canine", minutes), ("nii_pov", minutes / 2)):
        used = made.chosen & (given_items.method == method)
        longest = given_items.minutes[used].max(initial=0.0)
        assert given_items.minutes[used].sum() < budget + longest + 1e-9 or not used.any()
    assert made.minutes == pytest.approx(
        given_items.minutes[made.chosen & ~given_items.settled].sum()
    )


@given(candidates(), st.floats(0, 400))
def test_what_has_left_or_was_certain_or_has_no_capacity_is_never_chosen(
    given_items: Candidates, minutes: float
) -> None:
    made = _plan(given_items, minutes)
    barred = (
        (given_items.departs_at <= _AT) | (given_items.prior >= 1) | (given_items.method == "none")
    )
    assert not made.chosen[barred].any()
    assert (made.now[barred] == 0).all()
    assert made.propensity[barred] == pytest.approx(given_items.prior[barred])


@given(candidates(), st.floats(0, 400))
def test_every_candidate_has_a_propensity_and_what_is_chosen_a_positive_one(
    given_items: Candidates, minutes: float
) -> None:
    made = _plan(given_items, minutes)
    assert ((made.propensity >= 0) & (made.propensity <= 1)).all()
    assert (made.now[made.chosen] > 0).all()
    assert made.propensity == pytest.approx(1 - (1 - given_items.prior) * (1 - made.now))
    assert [arm is not None for arm in made.arm] == made.chosen.tolist()


@given(candidates(), st.floats(1, 400))
def test_no_weight_exceeds_twice_the_even_one(given_items: Candidates, minutes: float) -> None:
    made = _plan(given_items, minutes)
    for method in ("canine", "nii_pov"):
        left = np.array(
            [reason in {"drawn", "not_reached"} for reason in made.reason], np.bool_
        ) & (given_items.method == method)
        if left.any():
            assert made.now[left].min() >= made.now[left].mean() / 2 - 1e-12


@given(candidates(), st.floats(1, 400))
def test_a_cluster_takes_one_place_by_risk_and_a_released_item_none(
    given_items: Candidates, minutes: float
) -> None:
    made = _plan(given_items, minutes)
    by_risk = [at for at, arm in enumerate(made.arm) if arm == "risk"]
    places = [(given_items.cluster[at], str(given_items.method[at])) for at in by_risk]
    assert len(set(places)) == len(places)
    assert not given_items.released[by_risk].any()


def test_rules_come_first_then_risk_then_chance() -> None:
    must = np.arange(20) >= 18
    made = _plan(_items(20, must_inspect=must), 20.0, exploration_share=0.2)
    assert [made.arm[at] for at in (18, 19)] == ["rule", "rule"]
    assert [at for at, arm in enumerate(made.arm) if arm == "risk"] == [0, 1, 2, 3, 4, 5]
    assert made.arm.count("exploration") == 2
    assert made.to_frame()["chosen"].sum() == 10


def test_a_released_item_can_still_be_drawn() -> None:
    made = _plan(_items(20, released=np.ones(20, np.bool_)), 10.0)
    assert made.now == pytest.approx(made.propensity)
    assert made.now.min() > 0


def test_chance_can_lean_to_rule_hits_that_nobody_acted_on() -> None:
    hits = np.arange(20) // 10
    given_items = _items(20, n_rule_hits=hits, risk=np.full(20, 0.01))
    settings = Settings(exploration_share=1.0, tilt="rules")
    made = plan(given_items, {"canine": 8.0}, settings, Draws(_KEY, "s"), _AT)
    assert made.now[10:] == pytest.approx(3 * made.now[:10].mean())


def test_a_settled_item_uses_no_minutes_and_keeps_its_chance() -> None:
    fresh = _plan(_items(20), 10.0)
    settled = np.zeros(20, np.bool_)
    settled[[1, 15]] = True
    again = _plan(_items(20, settled=settled), 10.0)
    assert again.now == pytest.approx(fresh.now)
    assert again.minutes == pytest.approx(fresh.minutes - 2 * fresh.chosen[[1, 15]].sum())


def test_the_same_key_draws_the_same_plan_again_and_another_occasion_another() -> None:
    first, second = _plan(_items(60), 40.0), _plan(_items(60), 40.0)
    assert first.chosen.tolist() == second.chosen.tolist()
    other = _plan(_items(60), 40.0, "s/2")
    assert other.now == pytest.approx(first.now)
    assert other.chosen.tolist() != first.chosen.tolist()


@pytest.mark.parametrize("minutes", [-1.0, float("nan"), float("inf")])
def test_an_impossible_capacity_is_refused(minutes: float) -> None:
    with pytest.raises(InvalidPlan, match="capacity of canine"):
        plan(_items(2), {"canine": minutes}, Settings(), Draws(_KEY, "s"), _AT)


@pytest.mark.parametrize(
    "setting",
    [{"exploration_share": 1.1}, {"uniform_share": 0.4}, {"exponent": 0.4}, {"floor": -1.0}],
)
def test_settings_outside_their_range_are_refused(setting: dict[str, float]) -> None:
    with pytest.raises(InvalidPlan, match=next(iter(setting))):
        Settings(**setting)  # type: ignore[arg-type]  # numbers alone are varied here
