import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from features.catalogue import FEATURE_NAMES
from features.errors import WeirError
from tests.worlds import write_folder
from training.cli import app, main
from training.cli.options import parse_moment


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("WEIR_STATE_DIR", str(tmp_path / "state"))
    return CliRunner()


def test_a_day_is_its_midnight_and_a_time_keeps_its_moment() -> None:
    assert parse_moment("2026-11-24") == datetime(2026, 11, 24, tzinfo=UTC)
    assert parse_moment("2026-11-24T04:00:00-06:00") == datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-11-24T10:00:00", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter):
        parse_moment(text)


def test_fit_then_score_gives_a_risk_for_every_item_from_a_day(
    folder: Path, runner: CliRunner, tmp_path: Path
) -> None:
    bundle, out = tmp_path / "bundle", tmp_path / "scores.parquet"
    fitted = runner.invoke(app, ["fit", "--data", str(folder), "--out", str(bundle)])
    assert fitted.exit_code == 0, fitted.output
    assert "area under the ROC curve" in fitted.output
    assert fitted.output.count("\nTarget: ") == 4
    assert "Target: auc at least 0.55: " in fitted.output
    arguments = ["--bundle", str(bundle), "--data", str(folder), "--out", str(out)]
    scored = runner.invoke(app, ["score", *arguments, "--from", "2025-03-03"])
    assert scored.exit_code == 0, scored.output
    scores = pl.read_parquet(out)
    presented = pl.read_parquet(folder / "items.parquet", columns=["item_id", "presented_at"])
    since = pl.col("presented_at") >= datetime(2025, 3, 3, tzinfo=UTC)
    assert scores["item_id"].to_list() == presented.filter(since)["item_id"].to_list()
    assert scores["risk"].is_between(0, 1, closed="none").all()


def test_the_matrix_needs_no_bundle_and_is_the_same_when_tables_end_at_the_cut(
    folder: Path, runner: CliRunner, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole.parquet", tmp_path / "cut.parquet"
    arguments = ["matrix", "--data", str(folder), "--out"]
    assert runner.invoke(app, [*arguments, str(whole)]).exit_code == 0
    until = ["--until", "2025-03-02"]
    assert runner.invoke(app, [*arguments, str(cut), *until]).exit_code == 0
    early, full = pl.read_parquet(cut), pl.read_parquet(whole)
    assert full.columns == ["item_id", *FEATURE_NAMES]
    assert 0 < early.height < full.height
    assert early.equals(full.filter(pl.col("item_id").is_in(early["item_id"].implode())))


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "targets: "), ("[accuracy]\nat_least = 0.9\n", "accuracy is no figure; choose from")],
)
def test_targets_that_no_figure_can_meet_are_refused_before_the_tables_are_read(
    runner: CliRunner, tmp_path: Path, text: str, why: str
) -> None:
    (tmp_path / "t.toml").write_text(text)
    words = ["fit", "--data", "absent", "--out", str(tmp_path / "b"), "--targets"]
    with pytest.raises(WeirError, match=why):
        runner.invoke(app, [*words, str(tmp_path / "t.toml")], catch_exceptions=False)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--until", "2025-03-03"),
        ("--labels", "all"),
        ("--params", "params.json"),
        ("--cluster", "local"),
        ("--plots", "plots"),
        ("--targets", "targets.toml"),
    ],
)
def test_what_means_nothing_for_a_table_is_refused_before_it_is_read(
    runner: CliRunner, tmp_path: Path, option: str, value: str
) -> None:
    absent = ["--table", str(tmp_path / "t.csv"), "--mapping", str(tmp_path / "m.toml")]
    result = runner.invoke(app, ["fit", *absent, "--out", str(tmp_path / "b"), option, value])
    assert result.exit_code == 2
    assert f"{option} cannot be used with --table" in " ".join(result.output.split())


@pytest.mark.parametrize("place", ["taken", "absent/x.parquet"])
def test_a_place_for_no_file_is_refused_before_the_tables_are_read(
    runner: CliRunner, tmp_path: Path, place: str
) -> None:
    (tmp_path / "taken").mkdir()
    words = ["matrix", "--data", str(tmp_path / "absent"), "--out", str(tmp_path / place)]
    with pytest.raises(WeirError, match=r"cannot be written: .*; name a file in a folder"):
        runner.invoke(app, words, catch_exceptions=False)


def test_a_matrix_of_nothing_is_written_with_a_warning(
    folder: Path, runner: CliRunner, tmp_path: Path
) -> None:
    words = ["matrix", "--data", str(folder), "--out", str(tmp_path / "x.parquet")]
    done = runner.invoke(app, [*words, "--from", "2099-01-01"])
    assert done.exit_code == 0
    assert "warning: " in done.stderr
    assert "no rows were written; look at --from" in done.stderr
    assert pl.read_parquet(tmp_path / "x.parquet").height == 0
    assert runner.invoke(app, words).stderr == ""


def test_a_missing_folder_is_one_line_and_exit_code_2(
    runner: CliRunner,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del runner
    out = str(tmp_path / "b")
    monkeypatch.setattr(sys, "argv", ["weir-train", "fit", "--data", "absent", "--out", out])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "items.parquet is missing" in said
    assert "Traceback" not in said
    assert not (tmp_path / "b").exists()
    assert not list((tmp_path / "state").rglob("*.pem"))


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("taken", "something else than a bundle"),
        ("file/bundle", "it cannot be written .*file is no folder"),
        ("file", "it exists and is no folder"),
    ],
)
def test_a_place_for_no_bundle_is_refused_before_the_tables_are_read_and_leaves_no_key(
    runner: CliRunner, tmp_path: Path, place: str, message: str
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("dear")
    (tmp_path / "file").write_text("text")
    words = ["fit", "--data", str(tmp_path / "absent"), "--out", str(tmp_path / place)]
    with pytest.raises(WeirError, match=message):
        runner.invoke(app, words, catch_exceptions=False)
    assert not (tmp_path / "state").exists()


def test_a_fit_with_too_little_to_learn_from_leaves_neither_bundle_nor_key(
    folder: Path, runner: CliRunner, tmp_path: Path
) -> None:
    words = ["fit", "--data", str(folder), "--out", str(tmp_path / "b"), "--until", "2025-03-01"]
    with pytest.raises(WeirError, match="nothing to learn from"):
        runner.invoke(app, words, catch_exceptions=False)
    assert [path.name for path in tmp_path.iterdir()] == ["state"]
    assert list((tmp_path / "state").iterdir()) == []


def test_a_damaged_key_is_refused_before_the_fit(runner: CliRunner, tmp_path: Path) -> None:
    keys = tmp_path / "state" / "keys"
    keys.mkdir(parents=True)
    (keys / "fitter.pem").write_text("no key")
    words = ["fit", "--data", str(tmp_path / "absent"), "--out", str(tmp_path / "b")]
    with pytest.raises(WeirError, match=r"fitter\.pem"):
        runner.invoke(app, words, catch_exceptions=False)


def test_features_prints_the_catalogue_and_refuses_an_unknown_group(runner: CliRunner) -> None:
    shown = runner.invoke(app, ["features", "--group", "filing"], env={"COLUMNS": "200"})
    assert "gap_below_threshold_usd" in shown.output
    assert "plate_n_items_1d" not in shown.output
    refused = runner.invoke(app, ["features", "--group", "secret"])
    assert refused.exit_code == 2
    assert "not one of" in refused.output


def test_an_override_that_is_no_pair_is_refused(runner: CliRunner, tmp_path: Path) -> None:
    refused = runner.invoke(app, ["simulate", "--out", str(tmp_path / "w"), "--set", "factor"])
    assert refused.exit_code == 2
    assert not (tmp_path / "w").exists()


def test_help_does_not_load_what_learns() -> None:
    code = (
        "import sys; from training.cli import app; "
        "heavy = {'lightgbm', 'sklearn', 'polars', 'numpy'} & set(sys.modules); "
        "print(*sorted(heavy))"
    )
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "\n"
    assert done.stderr == ""


def test_help_is_quick() -> None:
    fastest = min(_seconds_of_help() for _ in range(5))
    assert fastest < 0.5


def _seconds_of_help() -> float:
    # of the processor: how busy the machine is with other things does not count
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "training.cli", "--help"], capture_output=True, check=True
    )
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_a_check_prints_every_figure_beside_its_range_and_writes_a_report(
    runner: CliRunner, tmp_path: Path
) -> None:
    arguments = ["simulate", "--check", "--world", "demo", "--weeks", "1", "--out", str(tmp_path)]
    done = runner.invoke(app, arguments, env={"COLUMNS": "200"})
    assert done.exit_code == 1, done.output
    assert done.output.count("C-") >= 10
    verdicts = [
        check["verdict"] for check in json.loads((tmp_path / "check.json").read_text())["checks"]
    ]
    assert {"fail", "not enough weeks"} <= set(verdicts)
    assert sum(done.output.count(f" {verdict} ") for verdict in set(verdicts)) >= len(verdicts)
    assert {"check.json", "checks.svg", "volumes.svg"} <= {path.name for path in tmp_path.iterdir()}
