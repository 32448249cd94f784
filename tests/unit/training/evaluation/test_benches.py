import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from tests.proofs import durability_rows, speed_rows
from training.evaluation.benches import BENCHES
from training.evaluation.durability import DurabilityRequest
from training.evaluation.honesty import by_port, honesty_rows
from training.evaluation.loop_figures import WeekCount, loop_rows
from training.evaluation.page import FRONT
from training.evaluation.plots import can_plot
from training.evaluation.request import Request
from training.evaluation.strategies import STRATEGIES
from training.evaluation.summary import summarise
from training.evaluation.tables import find
from training.evaluation.trials import periods
from training.evaluation.worlds import Simulated


@pytest.fixture(scope="module")
def figures(world: Simulated, rows: pl.DataFrame) -> Mapping[str, list[dict[str, Any]]]:
    week = WeekCount(10, 2, 4, 100.0, {"2304": 3, "5201": 1}, 0.1)
    better = week._replace(n_stopped=6)
    counts = {each.name: [week] * 32 for each in STRATEGIES} | {"ceiling": [better] * 32}
    scenarios = ("steady", "adapting", "shifted")
    told = [each for period in periods(world, 4) for each in by_port(period)]
    by_bench = {
        "quality": rows,
        "loop": pl.concat([loop_rows(counts, name, 1, 16) for name in scenarios]),
        "honesty": honesty_rows(told, "legacy", 1),
        "speed": speed_rows(),
        "durability": durability_rows(),
    }
    return {name: summarise(each) for name, each in by_bench.items()}


@pytest.mark.parametrize("name", BENCHES)
def test_every_table_shows_figures_that_the_benchmark_states(
    name: str, figures: Mapping[str, list[dict[str, Any]]]
) -> None:
    stated = {(each["figure"], each["at"]) for each in figures[name]}
    for laid, (_, columns) in zip(
        BENCHES[name].lay_out({"figures": figures[name]}), BENCHES[name].tables, strict=True
    ):
        assert laid.rows
        assert all(len(row) == len(laid.head) for row in laid.rows)
        known = {(each.figure, each.at) for each in columns}
        # what no world of this size has is stated in larger ones
        assert known - stated <= {("coverage", "prevalence, enough finds")}


@pytest.mark.parametrize("name", BENCHES)
def test_figures_are_json_of_finite_numbers(
    name: str, figures: Mapping[str, list[dict[str, Any]]]
) -> None:
    assert json.loads(json.dumps(figures[name], allow_nan=False)) == figures[name]


@pytest.mark.parametrize("name", BENCHES)
def test_every_benchmark_has_plots_that_need_nothing_else(
    name: str, figures: Mapping[str, list[dict[str, Any]]]
) -> None:
    assert can_plot()
    for svg in BENCHES[name].plots(figures[name]).values():
        assert svg.startswith("<svg")
        assert "<script" not in svg
        assert "<image" not in svg


def test_the_front_page_shows_figures_that_benchmarks_state(
    figures: Mapping[str, list[dict[str, Any]]],
) -> None:
    for bench, policy, column in FRONT:
        assert find(figures[bench], policy, column) is not None, column.title


def test_quick_runs_are_smaller_than_full_ones() -> None:
    for bench in BENCHES.values():
        sizes = []
        for asked in (bench.quick, bench.full):
            if isinstance(asked, DurabilityRequest):
                sizes.append(sum(vars(asked.counts).values()))
            else:
                assert isinstance(asked, Request)
                sizes.append(len(asked.seeds) * asked.scale * asked.weeks)
        assert sizes[0] * 5 < sizes[1]
