import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from training.cli import app, main

SMALL = ["--world", "demo", "--scale", "0.1", "--weeks", "10", "--seeds", "3"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bench") / "quality"
    told = CliRunner().invoke(app, ["bench", "quality", *SMALL, "--out", str(out)])
    assert told.exit_code == 0, told.output
    assert "A good result in the simulator does not certify" in told.output
    return out


def test_a_benchmark_writes_figures_a_page_and_a_plot(written: Path) -> None:
    result = json.loads((written / "result.json").read_text())
    assert result["parameters"]["seeds"] == [3]
    assert {"N", "lift", "ece"} <= {figure["figure"] for figure in result["figures"]}
    assert "<svg" in (written / "report.html").read_text()
    assert (written / "quality.svg").read_text().startswith("<svg")


def test_a_second_run_of_the_same_seeds_differs_in_timings_alone(
    written: Path, tmp_path: Path
) -> None:
    again = CliRunner().invoke(app, ["bench", "quality", *SMALL, "--out", str(tmp_path)])
    assert again.exit_code == 0, again.output
    first, second = (
        json.loads((folder / "result.json").read_text()) for folder in (written, tmp_path)
    )
    assert first.pop("timings").keys() == second.pop("timings").keys()
    assert first == second


def test_a_result_is_written_into_a_page_with_its_plot(written: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    told = CliRunner().invoke(app, ["bench", "page", str(written), "--page", str(page)])
    assert told.exit_code == 0, told.output
    assert "weir-train bench quality --world demo --seeds 3" in page.read_text()
    assert (tmp_path / "page-quality.svg").is_file()


def test_a_result_compared_with_itself_differs_in_nothing(written: Path) -> None:
    told = CliRunner().invoke(
        app, ["bench", "compare", str(written), str(written), "--figure", "N"]
    )
    assert told.exit_code == 0, told.output
    assert "0 of 1" in told.output
    assert "Differs" not in told.output


def test_scores_that_lack_items_end_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = tmp_path / "mine.parquet"
    pl.DataFrame({"item_id": ["X"], "risk": [0.5]}).write_parquet(scores)
    out = str(tmp_path / "out")
    arguments = ["weir-train", "bench", "quality", *SMALL, "--scores", str(scores), "--out", out]
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "score every item of the test weeks" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
