from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from features.errors import InvalidTable
from training.evaluation.foreign import TABLES, compare, meets_target, write_public
from training.foreign.mapping import read_mapping
from training.foreign.windows import read_windows

NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("name", ["affairs", "doctor visits"])
def test_a_public_table_is_written_as_fit_takes_it(name: str, tmp_path: Path) -> None:
    pytest.importorskip("statsmodels")
    table = next(table for table in TABLES if table.name == name)
    path, mapping = write_public(table, tmp_path)
    windows = read_windows(path, mapping, path)
    assert len(windows.fit) > 1_000
    assert len(windows.test) > 1_000
    assert 0.05 < windows.test.y.mean() < 0.5
    assert set(windows.fit.ids).isdisjoint(windows.test.ids)


def test_the_target_is_no_less_precision_and_a_small_error() -> None:
    model = {"average_precision": 0.5, "ece": 0.02}
    codes = {"average_precision": 0.5}
    assert meets_target({"model": model, "codes": codes})
    assert not meets_target({"model": model | {"ece": 0.04}, "codes": codes})
    assert not meets_target({"model": model, "codes": {"average_precision": 0.51}})


def test_a_table_that_is_unknown_or_not_installed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*only: str) -> None:
        compare(
            tmp_path / "out",
            created_at=NOW,
            n_trials=1,
            n_jobs=1,
            progress=lambda *_: None,
            only=only,
        )

    with pytest.raises(InvalidTable, match="no table is called 'fares'; there are"):
        run("fares")
    absent = replace(TABLES[0], package="a_package_that_nobody_has")
    monkeypatch.setattr("training.evaluation.foreign.TABLES", (absent,))
    with pytest.raises(InvalidTable, match="install a_package_that_nobody_has"):
        run()
    assert not (tmp_path / "out").exists()


def test_mappings_are_written_beside_the_tables(tmp_path: Path) -> None:
    pytest.importorskip("statsmodels")
    _, mapping = write_public(TABLES[0], tmp_path)
    assert read_mapping(tmp_path / "affairs.toml") == mapping
