import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.errors import InvalidTable
from training.evaluation.report import write_report
from training.evaluation.request import Answer, InvalidRequest, Request, over_seeds, parse_seeds
from training.evaluation.result import Timings, make_result, read_result, write_result
from training.evaluation.summary import ROW
from training.evaluation.tables import Column, compare, lay, tell
from training.evaluation.worlds import Progress

REQUEST = Request("demo", (1, 2), 0.5, 12)
TIMINGS = Timings(datetime(2026, 1, 2, tzinfo=UTC), 3.0, 4.0)


def row(policy: str, seed: int, value: float, figure: str = "N") -> tuple[Any, ...]:
    return figure, policy, "all", "1.0%", seed, value


def result(gap: float = 0.0) -> dict[str, Any]:
    rows = [row("model", 1, 0.5), row("model", 2, 0.7 + gap), row("random", 1, 0.0)]
    frame = pl.DataFrame(rows, schema=ROW, orient="row")
    return make_result("quality", REQUEST, Answer(frame, {"depth": 3}, ["a < b"]), TIMINGS)


def test_seeds_are_numbers_and_ranges() -> None:
    assert parse_seeds("51-53, 7,7") == (51, 52, 53, 7)


@pytest.mark.parametrize("text", ["", "a", "1-", "-3", "3-1", "1-100000", "1.5"])
def test_what_is_no_list_of_seeds_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest, match="--seeds"):
        parse_seeds(text)


def _count(request: Request, progress: Progress | None) -> pl.DataFrame:
    assert progress is None or callable(progress)
    return pl.DataFrame([row("model", request.seeds[0], 1.0)], schema=ROW, orient="row")


def test_worlds_run_side_by_side_come_back_in_the_order_of_the_seeds() -> None:
    told: list[tuple[str, int, int]] = []
    request = Request("demo", (5, 3), 1.0, 12, jobs=2)
    rows = over_seeds(_count, request, lambda *step: told.append(step))
    assert rows["seed"].to_list() == [5, 3]
    assert told == [("Worlds", 1, 2), ("Worlds", 2, 2)]


def test_a_result_says_what_was_run_on_what_and_reads_back(tmp_path: Path) -> None:
    made = result()
    write_result(made, tmp_path)
    assert read_result(tmp_path) == made
    assert made["parameters"] == {
        "world": "demo",
        "seeds": [1, 2],
        "scale": 0.5,
        "weeks": 12,
        "depth": 3,
    }
    assert {"weir", "lightgbm", "python", "catalogue"} <= set(made["versions"])
    assert set(made["machine"]) == {"processor", "cores", "memory_gb", "system"}
    assert made["figures"][0]["median"] == 0.6


def test_two_runs_of_the_same_differ_in_timings_alone() -> None:
    again = result()
    again["timings"] = None
    assert again == result() | {"timings": None}


@pytest.mark.parametrize("text", ["{", "[]", '{"format": "other"}'])
def test_what_is_no_result_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text)
    with pytest.raises(InvalidTable, match=r"result\.json"):
        read_result(tmp_path)


def test_a_result_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidTable, match="cannot be written"):
        write_result(result(), tmp_path / "file")


def test_a_table_has_a_line_for_each_policy_and_a_dash_for_what_is_not_known() -> None:
    columns = [Column("N", "N", at="1.0%"), Column("w", "N", at="1.0%", worst=True)]
    laid = lay("N", result()["figures"], columns)
    assert laid.rows == [["model", "0.6 (0.5 to 0.7)", "0.5"], ["random", "0", "0"]]
    short = lay("N", result()["figures"], columns, short=True)
    assert short.rows == [["model", "0.6", "0.5"], ["random", "0", "0"]]
    assert laid.to_markdown().splitlines()[0] == "| policy | N | w |"
    assert lay("N", result()["figures"], [Column("N", "other")]).rows == []
    assert tell(None) == "-"


def test_two_results_are_compared_seed_by_seed_and_differences_of_the_run_are_named() -> None:
    second = result(0.2)
    second["parameters"]["scale"] = 1.0
    laid, warnings = compare(result(), second)
    assert laid.rows[0] == ["N", "model", "1.0%", "0.6", "0.7", "0.1", "1 of 2"]
    assert warnings == ["parameters: scale is 0.5 and 1.0"]


def test_results_of_different_benchmarks_or_without_a_common_figure_are_not_compared() -> None:
    with pytest.raises(InvalidTable, match="of quality, the other of loop"):
        compare(result(), result() | {"bench": "loop"})
    with pytest.raises(InvalidTable, match="no lift in common"):
        compare(result(), result(), figure="lift")


def test_the_page_holds_tables_notes_plots_and_the_caution_and_no_script(tmp_path: Path) -> None:
    made = result()
    laid = lay("Capture", made["figures"], [Column("N", "N", at="1.0%")])
    page, plot = write_report(made, [laid], {"quality": "<svg>drawn</svg>"}, tmp_path)
    text = page.read_text()
    for part in ("0.6 (0.5 to 0.7)", "a &lt; b", "<svg>drawn</svg>", made["caution"], "scale"):
        assert part in text
    assert "<script" not in text
    assert "http" not in text
    assert plot.read_text() == "<svg>drawn</svg>"


def test_a_page_without_plots_says_how_to_get_them(tmp_path: Path) -> None:
    (page,) = write_report(result(), [], {}, tmp_path)
    assert "install weir[report]" in page.read_text()


def test_a_result_is_json_without_infinities(tmp_path: Path) -> None:
    write_result(result(), tmp_path)
    text = (tmp_path / "result.json").read_text()
    assert "NaN" not in text
    assert json.loads(text)["format"] == "weir-bench-1"
