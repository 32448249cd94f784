"""What `weir import` says, and what it says when it stops."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from typer import Exit
from typer.testing import CliRunner

from features.records import SIGNALS
from service.cli import app
from service.cli.data import _bars
from service.cli.guard import one_line_errors
from tests.fakes import START, Received, items_table, vehicle


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("WEIR_SECRET", "a secret of forty characters, for tests.")
    monkeypatch.setenv("WEIR_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("WEIR_DATABASE_URL", raising=False)
    made = tmp_path / "history"
    made.mkdir()
    items_table([Received(vehicle(), 1, START)]).write_parquet(made / "items.parquet")
    return made


@pytest.fixture
def load(folder: Path) -> Callable[[], tuple[int, str, str]]:
    def run() -> tuple[int, str, str]:
        done = CliRunner().invoke(app, ["import", "--data", str(folder)])
        said = [line for line in done.stderr.splitlines() if line.strip()]
        return done.exit_code, done.stdout, "\n".join(said)

    return run


def test_what_is_loaded_is_counted_and_so_is_what_was_there(
    load: Callable[[], tuple[int, str, str]],
) -> None:
    code, said, _ = load()
    assert (code, said) == (0, "items: 1 rows\n")
    assert load() == (0, "items: 1 rows, 1 of them stored before\n", "")


def test_tables_without_rows_are_warned_about(
    load: Callable[[], tuple[int, str, str]], folder: Path
) -> None:
    (folder / "items.parquet").unlink()
    pl.DataFrame(schema=SIGNALS.schema).write_parquet(folder / "signals.parquet")
    code, said, warned = load()
    assert (code, said) == (0, "signals: 0 rows\n")
    assert warned.endswith(f"weir: warning: the tables in {folder} hold no rows")


def test_a_refused_folder_is_one_line_that_names_file_row_and_field(
    load: Callable[[], tuple[int, str, str]], folder: Path
) -> None:
    load()
    items_table([Received(vehicle(port="5201"), 1, START)]).write_parquet(folder / "items.parquet")
    message = (
        "weir: items.parquet row 1: port: item 'V1' version 1 is stored already with other "
        "content; give it the next version"
    )
    assert load() == (1, "", message)


def _stop(step: str) -> None:
    with one_line_errors(), _bars() as progress:
        progress("check", "items", 9, 9)
        if step == "load":
            progress("load", "items", 4, 9)
        raise KeyboardInterrupt


def test_an_interrupted_import_says_what_stays_and_how_to_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Exit, match="130"):
        _stop("load")
    said = capsys.readouterr().err
    assert "stopped; loaded: items 4 of 9 rows; the same command goes on from there" in said


def test_an_import_interrupted_while_it_checks_has_loaded_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Exit, match="130"):
        _stop("check")
    assert "loaded" not in capsys.readouterr().err
