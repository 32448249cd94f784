import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.errors import WeirError
from training.cli import app
from training.evaluation.learning import WorldOfLearning, measure
from training.evaluation.learning_report import (
    COLUMNS,
    curve_rows,
    parse_seeds,
    summary,
    table_rows,
    write_learning,
)
from training.simulation.setting import Setting
from training.simulation.world import load_world


@pytest.fixture(scope="module")
def measured() -> WorldOfLearning:
    setting = Setting(load_world("demo"), 1, date(2025, 1, 6), 0.2)
    return measure(setting, 12, lambda _: None)


def test_the_model_lies_between_a_random_order_and_the_ceiling(measured: WorldOfLearning) -> None:
    assert measured.n_illicit > 0
    assert measured.ceiling["0.02"] > measured.model["0.02"] > 0.02
    assert 0 < measured.n_model["0.02"] < 1
    assert measured.calibrated.n_exams == measured.n_later
    assert 0.3 < measured.permuted_auc < 0.7


def test_the_curve_ends_at_the_finds_that_there_are(measured: WorldOfLearning) -> None:
    assert [int(n) for n in measured.curve] == sorted(int(n) for n in measured.curve)
    assert max(int(n) for n in measured.curve) <= measured.n_finds


def test_median_and_worst_are_over_worlds_with_a_ceiling(measured: WorldOfLearning) -> None:
    worlds = [
        replace(measured, n_model={"0.01": value, "0.02": value}) for value in (0.9, 0.5, 0.7)
    ]
    lawful = replace(measured, n_model={}, n_rules={}, ceiling={}, curve={})
    assert summary([*worlds, lawful], "0.01") == {"median": 0.7, "worst": 0.5}
    assert summary([lawful], "0.01") == {}
    assert list(curve_rows([lawful])) == []
    assert {len(row) for row in table_rows([*worlds, lawful])} == {len(COLUMNS)}


def test_what_is_written_is_json_that_any_reader_takes(
    measured: WorldOfLearning, tmp_path: Path
) -> None:
    odd = replace(measured, lift=float("nan"))
    place = write_learning(tmp_path, [odd], world="demo", weeks=8, scale=0.3, left_out={"2": "few"})
    text = place.read_text()
    assert "NaN" not in text
    written = json.loads(text)
    assert written["worlds"][0]["lift"] is None
    assert written["worlds"][0]["seed"] == 1
    assert written["left_out"] == {"2": "few"}
    assert "does not certify" in written["caution"]


def test_a_world_with_too_few_finds_is_left_out_and_named(
    measured: WorldOfLearning, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_fails(setting: Setting, _weeks: int, _told: object) -> WorldOfLearning:
        if setting.seed == 2:
            raise WeirError("8 finds are too few")
        return replace(measured, seed=setting.seed)

    monkeypatch.setattr("training.evaluation.learning.measure", one_fails)
    command = ["bench", "learning", "--world", "demo", "--out", str(tmp_path / "out"), "--seeds"]
    told = CliRunner().invoke(app, [*command, "1-3"])
    assert told.exit_code == 0, told.output
    assert "seed 2 left out: 8 finds are too few" in told.stdout
    written = json.loads((tmp_path / "out" / "learning.json").read_text())
    assert [each["seed"] for each in written["worlds"]] == [1, 3]
    assert CliRunner().invoke(app, [*command, "2"]).exit_code == 1


@pytest.mark.parametrize("text", ["", "a", "3-", "-3", "1,,2", "5-3"])
def test_seeds_that_are_no_list_are_refused(text: str) -> None:
    with pytest.raises(WeirError, match="seeds"):
        parse_seeds(text)
