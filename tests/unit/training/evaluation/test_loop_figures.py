import math

import numpy as np
import polars as pl
import pytest

from training.evaluation.loop_figures import (
    WeekCount,
    concentration,
    loop_rows,
    stopped_share,
    weeks_to_recover,
    windows,
)
from training.evaluation.strategies import (
    CEILING,
    GREEDY,
    LEGACY,
    RANDOM,
    STRATEGIES,
    adapted_share,
)
from training.evaluation.summary import ROW


def week(stopped: int, events: int = 10, **by_port: int) -> WeekCount:
    ports = by_port or {"2304": 3, "5201": 1}
    return WeekCount(events, stopped, sum(ports.values()), 100.0, ports, 0.1)


def test_the_share_stopped_is_over_all_events_of_the_weeks() -> None:
    assert stopped_share([week(1), week(5, events=20)]) == 0.2
    assert math.isnan(stopped_share([week(0, events=0)]))


def test_concentration_is_that_of_a_hand_count() -> None:
    even = concentration({"a": 2, "b": 2, "c": 2, "d": 2})
    assert even == pytest.approx({"port_hhi": 0.25, "port_gini": 0, "largest_port_share": 0.25})
    one = concentration({"a": 8, "b": 0, "c": 0, "d": 0})
    assert one == pytest.approx({"port_hhi": 1, "port_gini": 0.75, "largest_port_share": 1})
    assert all(math.isnan(value) for value in concentration({"a": 0}).values())


def test_gini_is_the_mean_difference_of_all_pairs() -> None:
    x = np.random.default_rng(1).integers(0, 50, 12)
    pairs = np.abs(x[:, None] - x[None, :]).sum() / (2 * len(x) ** 2 * x.mean())
    told = concentration({str(place): int(count) for place, count in enumerate(x)})
    assert told["port_gini"] == pytest.approx(pairs)


def test_weeks_to_recover_count_from_the_move_over_weeks_that_lie_after_it() -> None:
    n = np.array([0.5] * 10 + [0.1] * 5 + [0.45] * 5)
    assert weeks_to_recover(n, 10, 0.5) == 6
    assert weeks_to_recover(n, 10, 0.9) == 10
    assert math.isnan(weeks_to_recover(n, 10, 0.0))
    # the average over the weeks that straddle the move does not count
    assert weeks_to_recover(np.array([0.5] * 12 + [0.0] * 8), 10, 0.5) == 10


def test_windows_lie_around_the_middle_of_the_year() -> None:
    named = windows(26, 52)
    assert named["before the middle"] == slice(10, 26)
    assert named["weeks 9 to 16 after"] == slice(34, 42)
    assert windows(12, 24)["weeks 9 to 16 after"] == slice(20, 24)


def test_every_figure_of_a_year_is_that_of_a_hand_count() -> None:
    counts = {
        RANDOM: [week(1)] * 24,
        LEGACY: [week(2)] * 24,
        GREEDY: [week(5)] * 12 + [week(1)] * 12,
        CEILING: [week(6)] * 24,
    }
    rows = loop_rows(counts, "shifted", 3, 12)
    assert rows.schema == ROW
    assert set(rows["part"]) == {"shifted"}

    def told(figure: str, policy: str, at: str) -> float:
        return float(rows.filter(figure=figure, policy=policy, at=at)["value"][0])

    assert told("stopped", GREEDY, "whole year") == pytest.approx(0.3)
    assert told("N", GREEDY, "before the middle") == pytest.approx(0.8)
    assert told("N", GREEDY, "after the middle") == 0
    assert told("N_kept", GREEDY, "weeks 9 to 16 after") == 0
    assert told("weeks_to_recover", GREEDY, "") == 12
    assert told("times_legacy", GREEDY, "before the middle") == pytest.approx(2.5)
    assert told("of_ceiling", GREEDY, "before the middle") == pytest.approx(5 / 6)
    assert told("over_greedy", LEGACY, "after the middle") == pytest.approx(0.1)
    assert told("stopped_over_4_weeks", GREEDY, "week 14") == pytest.approx(0.3)
    assert told("stopped_per_100_exams", RANDOM, "whole year") == pytest.approx(25)
    assert told("port_hhi", RANDOM, "whole year") == pytest.approx(0.625)


def test_the_share_of_chance_follows_the_hit_rate_between_its_bounds() -> None:
    assert adapted_share(0.2, 0.0, 0.04) == 0.2
    assert adapted_share(0.05, 0.04, 0.04) == 0.05
    assert adapted_share(0.08, 0.01, 0.04) == 0.16


def test_strategies_are_those_that_the_tables_promise() -> None:
    names = [each.name for each in STRATEGIES]
    assert len(set(names)) == len(names)
    assert {RANDOM, LEGACY, GREEDY, CEILING} < set(names)
    assert [each.name for each in STRATEGIES if each.sees == "truth"] == [CEILING]


def test_rows_of_a_year_have_no_figure_twice() -> None:
    counts = {name: [week(1)] * 24 for name in (RANDOM, LEGACY, GREEDY, CEILING)}
    rows = loop_rows(counts, "steady", 1, 12)
    assert not rows.select(pl.struct(rows.columns[:5]).is_duplicated().any()).item()
