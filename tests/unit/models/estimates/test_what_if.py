from collections.abc import Callable

import polars as pl
import pytest

from models.errors import NoOverlap
from models.estimates.logged import Logged
from models.estimates.what_if import best_by_risk, what_if

Period = Callable[..., Logged]

_ROWS = [("2304", "exploration", 0.5, "find")] * 10 + [("2304", "exploration", 0.5, "clear")] * 10
_LEFT = [("2304", "", 0.5, "")] * 20


def _target(shares: dict[int, float]) -> pl.DataFrame:
    ids, probability = [f"item-{number}" for number in shares], list(shares.values())
    return pl.DataFrame({"item_id": ids, "probability": probability})


def test_a_policy_that_chooses_all_would_find_the_estimated_total(period: Period) -> None:
    told = what_if(period(_ROWS + _LEFT), _target(dict.fromkeys(range(40), 1.0)))
    assert told.finds.value == pytest.approx(20)
    assert told.n_exams == 40
    assert told.hit_rate.value == pytest.approx(0.5)
    assert told.n_known_finds == 10
    assert told.finds.low is not None
    assert told.finds.high is not None
    assert 10 <= told.finds.low < 20 < told.finds.high <= 40


def test_probabilities_of_the_other_policy_count_in_proportion(period: Period) -> None:
    whole = what_if(period(_ROWS + _LEFT), _target(dict.fromkeys(range(40), 1.0)))
    half = what_if(period(_ROWS + _LEFT), _target(dict.fromkeys(range(40), 0.5)))
    assert whole.finds.value is not None
    assert half.finds.value == pytest.approx(whole.finds.value / 2)


def test_a_policy_that_repeats_what_was_certain_is_known_exactly(period: Period) -> None:
    rows = [("2304", "risk", 1.0, "find")] * 6 + [("2304", "risk", 1.0, "clear")] * 4 + _ROWS
    told = what_if(period(rows), _target(dict.fromkeys(range(10), 1.0)))
    assert (told.finds.value, told.finds.low, told.finds.high) == (6, 6, 6)


def test_it_is_refused_where_the_first_policy_could_not_have_chosen(period: Period) -> None:
    rows = [*_ROWS, ("2304", "", 0.0, "")]
    with pytest.raises(NoOverlap, match=r"1 of 2 items .* 'item-20' first"):
        what_if(period(rows), _target({20: 1.0, 0: 1.0}))
    with pytest.raises(NoOverlap, match="'item-99' first"):
        what_if(period(rows), _target({99: 0.5}))


def test_few_finds_are_not_enough_and_bounded_by_the_exams(period: Period) -> None:
    told = what_if(period(_ROWS + _LEFT), _target({0: 1.0, 30: 1.0}))
    assert not told.finds.enough
    assert told.finds.low is None
    assert told.finds.high == 2


def test_nothing_known_of_its_items_leaves_everything_possible(period: Period) -> None:
    told = what_if(period(_ROWS + _LEFT), _target({30: 1.0, 31: 1.0}))
    assert (told.finds.value, told.finds.high) == (0, 2)


def test_the_best_by_risk_fits_each_shifts_minutes() -> None:
    items = pl.DataFrame(
        {
            "item_id": ["a", "b", "c", "d"],
            "shift_id": ["1", "1", "2", "3"],
            "risk": [0.1, 0.2, 0.1, 0.5],
            "severity": [1.0] * 4,
            "minutes": [10.0] * 4,
        }
    )
    capacity = pl.DataFrame({"shift_id": ["1", "2"], "capacity_minutes": [10.0, 10.0]})
    chosen = best_by_risk(items, capacity)
    assert dict(chosen.iter_rows()) == {"a": 0.0, "b": 1.0, "c": 1.0, "d": 0.0}
