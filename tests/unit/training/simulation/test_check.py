import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.unit.training.simulation.settings import small_world
from training.simulation.check import Checked, WorldReport, check_world
from training.simulation.facts import Target, targets
from training.simulation.report import report_values, write_report
from training.simulation.rhythm import epoch_day
from training.simulation.volumes import VolumeRow, VolumeTally
from training.simulation.world import load_world


@pytest.fixture(scope="module")
def report() -> WorldReport:
    return check_world(small_world(), seed=3, weeks=6)


def test_all_ten_checks_are_answered(report: WorldReport) -> None:
    assert [check.target.name for check in report.checks] == list(targets())
    assert all(check.value == check.value for check in report.checks)


def test_shares_lie_between_nothing_and_all(report: WorldReport) -> None:
    shares = [c.value for c in report.checks if c.target.name not in ("C-events", "C-parts")]
    assert all(0 <= share <= 1 for share in shares)


def test_counts_are_scaled_to_a_national_year(report: WorldReport) -> None:
    assert report.national_factor == pytest.approx(365 / 42 / (0.001 * 40))


def test_the_same_seed_gives_the_same_values(report: WorldReport) -> None:
    again = check_world(small_world(), seed=3, weeks=6)
    assert again == report


def test_more_exams_seize_more(report: WorldReport) -> None:
    keen = check_world(small_world(past__hours_on_per_day=24), seed=3, weeks=6)
    lax = check_world(small_world(past__random_share=1.0, past__officer_share=0.0), seed=3, weeks=6)
    assert keen.n_events > 0
    seized = {c.target.name: c.value for c in lax.checks}
    usual = {c.target.name: c.value for c in report.checks}
    assert seized["C-interdiction"] < usual["C-interdiction"]


def test_a_value_at_the_end_of_the_range_passes() -> None:
    target = Target("C-x", "x", 0.1, 0.2, "y")
    assert Checked(target, 0.2, 0.01).verdict == "pass"
    assert Checked(target, 0.21, 0.01).verdict == "fail"
    assert not Checked(target, float("nan"), 0.01).passed


@pytest.mark.parametrize("value", [0.15, 0.3])
@pytest.mark.parametrize("error", [0.0, 0.051, float("nan")])
def test_a_run_too_short_to_say_is_neither_passed_nor_failed(value: float, error: float) -> None:
    checked = Checked(Target("C-x", "x", 0.1, 0.2, "y"), value, error)
    assert checked.verdict == "not enough weeks"
    assert not checked.passed


def test_what_lies_far_outside_fails_however_short_the_run() -> None:
    target = Target("C-x", "x", 0.1, 0.2, "y")
    assert Checked(target, 0.9, 0.3).verdict == "fail"
    assert Checked(target, -0.9, 0.3).verdict == "fail"
    assert Checked(target, 0.9, 0.4).verdict == "not enough weeks"


def test_a_week_of_a_small_world_is_not_enough() -> None:
    week = check_world(small_world(), seed=3, weeks=1)
    verdicts = {check.target.name: check.verdict for check in week.checks}
    assert verdicts["C-latam-sea"] == verdicts["C-parts"] == "not enough weeks"


def test_a_world_without_trafficking_has_nothing_to_seize() -> None:
    empty = check_world(small_world(trafficking__oversample=0), seed=1, weeks=1)
    values = {check.target.name: check.value for check in empty.checks}
    assert empty.n_events == 0
    assert values["C-events"] == 0
    assert not empty.passed


def test_a_report_is_written_with_its_plots(report: WorldReport, tmp_path: Path) -> None:
    paths = write_report(report, tmp_path / "report")
    values = json.loads(paths[0].read_text())
    assert values == json.loads(json.dumps(report_values(report)))
    assert "does not certify" in values["caveat"]
    for plot in paths[1:]:
        assert plot.read_text().startswith("<svg")


def items(rows: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["port", "mode"], orient="row")


def test_volumes_are_counted_by_local_month() -> None:
    volume = load_world("full").volume
    last, first = epoch_day(date(2025, 1, 31)), epoch_day(date(2025, 2, 1))
    tally = VolumeTally()
    week = items([("2304", "pov")] * 3 + [("8000", "mail")])
    tally.add(week, pl.Series([last, last, first, first]), range(last, first + 1))
    rows = {(row.port, row.mode, row.month): row for row in tally.rows(volume, 1.0)}
    assert rows["2304", "pov", 1].n_items == 2
    assert rows["2304", "pov", 2].n_items == 1
    assert ("8000", "mail", 2) not in rows
    assert 5_000 < rows["2304", "pov", 1].expected < 20_000


@pytest.mark.parametrize(("n_items", "expected", "within"), [
    (102, 100.0, True), (103, 100.0, False), (1020, 1000.0, True), (1021, 1000.0, False),
    (3, 1.4, True), (4, 1.4, False),
])  # fmt: skip
def test_two_per_cent_or_two_items_is_near_enough(
    n_items: int, expected: float, *, within: bool
) -> None:
    assert VolumeRow("2304", "pov", 2025, 1, n_items, expected).within is within


def test_a_lawful_world_follows_the_published_counts() -> None:
    report = check_world(
        load_world("lawful", {"volume.fraction": 0.003}), seed=2, weeks=9, start=date(2025, 1, 1)
    )
    assert len(report.volumes) > 100
    assert [row for row in report.volumes if not row.within] == []


def test_couriers_are_among_the_published_counts() -> None:
    report = check_world(load_world("small"), seed=4, weeks=6)
    counted = [row for row in report.volumes if row.mode in ("pov", "truck")]
    assert len(counted) > 90
    assert [row for row in counted if not row.within] == []
