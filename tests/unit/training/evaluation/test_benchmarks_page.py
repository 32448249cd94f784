"""The example of the page on benchmarks does what the page says."""

import re
from pathlib import Path

import polars as pl

from training.evaluation.benches import BENCHES
from training.evaluation.exam import set_exam
from training.evaluation.own import read_policy
from training.evaluation.policy import check_choices
from training.evaluation.quality import judge
from training.evaluation.request import Request
from training.evaluation.scored import Random
from training.evaluation.worlds import run_world

PAGE = Path(__file__).parents[4] / "docs" / "benchmarks.md"


def test_the_example_of_thirty_lines_enters_the_tables(tmp_path: Path) -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(code.splitlines()) <= 32
    path = tmp_path / "mine.py"
    path.write_text(code)
    mine = read_policy(f"{path}:Mine")
    exam = set_exam(run_world(Request("demo", (3,), 0.1, 8).setting(3), 8))
    for n_choices in (1, 20, exam.situation.items.height // 2):
        choices = mine.choose(exam.situation, n_choices)
        propensity = check_choices(choices, exam.situation.items, n_choices, mine.name)
        assert choices["chosen"].sum() == n_choices
        assert abs(propensity.sum() - n_choices) < 1e-6
    told = judge(exam, [("random", Random()), ("ceiling", Random()), (mine.name, mine)])
    lift = told.filter(pl.col("policy") == mine.name, figure="lift", part="all")
    assert lift.height == 4


def test_the_page_has_a_place_for_the_results_of_every_benchmark() -> None:
    text = PAGE.read_text()
    for name in BENCHES:
        assert text.count(f"<!-- results: {name} -->") == 1
        assert f"weir-train bench {name} " in text
