from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.errors import InvalidTable
from training.evaluation.page import FRONT, block, command, headlines, replace_block, write_page
from training.evaluation.request import Answer, Request
from training.evaluation.result import Timings, make_result, write_result
from training.evaluation.summary import ROW

REQUEST = Request("small", (51, 52, 53, 60), 0.25, 26)
TIMINGS = Timings(datetime(2026, 1, 2, tzinfo=UTC), 30.0, 40.0)


def result(value: float = 0.5) -> dict[str, Any]:
    frame = pl.DataFrame([("N", "model", "all", "1.0%", 51, value)], schema=ROW, orient="row")
    return make_result("quality", REQUEST, Answer(frame, {}, ["a note"]), TIMINGS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_result(result(), tmp_path / "quality")
    (tmp_path / "quality" / "quality.svg").write_text("<svg/>")
    return tmp_path / "quality"


def test_a_result_says_the_command_that_makes_it_again() -> None:
    assert command(result()) == (
        "weir-train bench quality --world small --seeds 51-53,60 --scale 0.25 --weeks 26"
        " --out quality"
    )
    brief = Request("small", (1,), 0.1, 24, brief=True)
    made = make_result("loop", brief, Answer(pl.DataFrame(schema=ROW)), TIMINGS)
    assert "loop --quick --world small" in command(made)


def test_a_block_has_date_machine_command_tables_plots_and_notes() -> None:
    text = block(result(), ["benchmarks-quality.svg"])
    for part in (
        "2026-01-02, ",
        " cores, ",
        "```sh\nweir-train bench quality",
        "![benchmarks-quality](benchmarks-quality.svg)",
        "| model | - | - | - | 0.5 |",
        "- a note",
    ):
        assert part in text


def test_a_block_takes_the_place_of_the_earlier_one_and_of_nothing_else() -> None:
    page = "before\n\n<!-- results: loop -->\nold\n<!-- end -->\n\nafter\n"
    fresh = replace_block(page, "results: loop", "new")
    assert fresh == "before\n\n<!-- results: loop -->\n\nnew\n\n<!-- end -->\n\nafter\n"
    assert replace_block(fresh, "results: loop", "new") == fresh
    assert replace_block("text\n", "x", "y").endswith("text\n\n<!-- x -->\n\ny\n\n<!-- end -->\n")


def test_the_front_page_has_at_most_ten_figures_each_with_its_command() -> None:
    assert len(FRONT) <= 10
    told = headlines({"quality": result()}).splitlines()
    assert "| N at 1 % capacity | model | 0.5 | 1 | `weir-train bench quality --world" in told[2]
    assert len(told) == 3


def test_a_page_is_written_with_its_plots_beside_it_and_headlines_apart(
    folder: Path, tmp_path: Path
) -> None:
    page, front = tmp_path / "benchmarks.md", tmp_path / "front.md"
    page.write_text("# Benchmarks\n\n<!-- results: quality -->\nold\n<!-- end -->\n")
    written = write_page([folder], page, front)
    assert [path.name for path in written] == ["benchmarks-quality.svg", page.name, front.name]
    text = page.read_text()
    assert text.startswith("# Benchmarks\n\n<!-- results: quality -->\n\n2026-01-02")
    assert "old" not in text
    assert "N at 1 % capacity" in front.read_text()


def test_a_page_in_no_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidTable, match="cannot be written"):
        write_page([folder], tmp_path / "absent" / "page.md")
