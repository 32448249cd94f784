from datetime import date

import numpy as np
import polars as pl
import pytest

from training.evaluation.loop import Start, live, run_loop, scenarios, warm_up
from training.evaluation.memory import FEWEST_FINDS, Lines, Logbook, fit_model
from training.evaluation.request import InvalidRequest, Request
from training.evaluation.strategies import STRATEGIES
from training.evaluation.weekly import METHOD, Weekly, exam_budget
from training.simulation.setting import Setting
from training.simulation.world import load_world

BY_NAME = {each.name: each for each in STRATEGIES}


@pytest.fixture(scope="module")
def start() -> Start:
    return warm_up(Setting(load_world("demo"), 4, date(2025, 1, 6), 0.1))


def test_a_week_has_a_whole_number_of_exams_of_each_method() -> None:
    items = pl.DataFrame({"mode": ["pov"] * 100 + ["ocean"] * 3})
    budget = exam_budget(items, 0.02)
    assert set(budget) == {METHOD["pov"], METHOD["ocean"]}
    alone = exam_budget(items, 0.01)
    assert budget[METHOD["pov"]] == 2 * alone[METHOD["pov"]]
    assert budget[METHOD["ocean"]] == alone[METHOD["ocean"]] > 0


@pytest.mark.parametrize("name", ["random", "legacy", "explore 20%", "ceiling"])
def test_every_strategy_spends_the_same_and_a_second_life_is_the_same(
    start: Start, name: str
) -> None:
    first = live(start, BY_NAME[name], 2)
    assert first == live(start, BY_NAME[name], 2)
    spent = {week.n_exams for week in first}
    assert spent == {week.n_exams for week in live(start, BY_NAME["random"], 2)}


def test_propensities_are_those_of_the_plan_and_greedy_leaves_nothing_to_chance(
    start: Start,
) -> None:
    for name, left_to_chance in (("greedy", False), ("explore 20%", True)):
        weekly = Weekly(BY_NAME[name], start.logbook.copied(), start.capacity, 4)
        environment = warm_up(Setting(load_world("demo"), 4, date(2025, 1, 6), 0.1)).environment
        record = environment.advance(weekly)
        propensity = record.choices["propensity"].to_numpy()
        assert ((propensity > 0) & (propensity < 1)).any() == left_to_chance
        assert (record.choices.filter("chosen")["propensity"] > 0).all()


def test_features_are_remembered_for_what_was_opened_and_labels_come_when_recorded(
    start: Start,
) -> None:
    logbook = start.logbook
    assert len(logbook.opened) == len(logbook.items) == 13
    assert all(len(page.X) == len(page.item_id) for page in logbook.opened)
    carried = np.concatenate([page.y for page in logbook.truth])
    assert carried.sum() > FEWEST_FINDS
    assert (carried == 0).sum() > 1000


def test_too_few_finds_leave_the_ranking_to_the_rules() -> None:
    page = Lines(0, pl.Series(["a", "b"]), np.zeros((2, 1), np.float32), np.array([1, 0], np.int8))
    assert fit_model([page], None, "both", 4, 1) is None


def test_a_copied_logbook_goes_on_by_itself(start: Start) -> None:
    before = len(start.logbook.opened)
    copied = start.logbook.copied()
    copied.opened.append(copied.opened[0])
    assert len(start.logbook.opened) == before
    assert isinstance(copied, Logbook)


def test_networks_move_in_the_middle_of_the_year_after_the_warm_up() -> None:
    assert scenarios(52)["shifted"]["adaptation.shift_week"] == 39
    assert scenarios(52)["steady"] == {"adaptation.strength": 0.0}


def test_a_year_that_is_too_short_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="at least 24"):
        run_loop(Request("demo", (1,), 0.1, 12))
