"""Worlds at full proportions reproduce what sources say, and lawful worlds find nothing true."""

import logging
from pathlib import Path

import polars as pl
import pytest

from training.simulation.check import DAYS_PER_YEAR, FULL_PROPORTIONS, check_world
from training.simulation.facts import targets
from training.simulation.run import simulate
from training.simulation.world import load_world

pytestmark = pytest.mark.slow
log = logging.getLogger(__name__)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_ten_checks_lie_in_their_ranges_at_full_proportions(seed: int) -> None:
    report = check_world(load_world("full", FULL_PROPORTIONS), seed=seed, weeks=52)
    outside = [(c.target.name, c.value, c.error) for c in report.checks if not c.passed]
    assert outside == []


def test_a_run_of_a_few_weeks_is_said_to_be_too_short() -> None:
    report = check_world(load_world("full"), seed=1, weeks=8, scale=0.1)
    verdicts = {c.target.name: c.verdict for c in report.checks}
    assert verdicts["C-parts"] == verdicts["C-latam-sea"] == "not enough weeks"


def test_volumes_by_port_and_month_are_within_two_per_cent_of_the_published_counts() -> None:
    report = check_world(load_world("full", {"volume.fraction": 0.05}), seed=1, weeks=9)
    assert len(report.volumes) > 150
    assert [row for row in report.volumes if not row.within] == []


def test_in_a_lawful_world_only_false_finds_are_made_at_the_stated_rate(tmp_path: Path) -> None:
    world = load_world("lawful", {"past.coverage.pov": 0.2, "past.false_find_share": 0.002})
    summary = simulate(world, seed=31, weeks=20, out=tmp_path / "lawful")
    rows = summary["rows"]
    assert rows["illicit"] == rows["true_finds"] == rows["leakage"] == 0
    rate = rows["finds"] / rows["inspections"]
    log.info("%d finds, all false, of %d exams: %.5f", rows["finds"], rows["inspections"], rate)
    assert rate == pytest.approx(0.002, rel=0.3)
    inspections = pl.read_parquet(tmp_path / "lawful" / "inspections.parquet")
    finds = inspections.filter(pl.col("outcome") == "find")
    assert finds["n_firearms"].sum() == 0


def test_in_a_full_world_false_finds_do_not_outnumber_true_ones(tmp_path: Path) -> None:
    share, weeks = 0.02, 8
    world = load_world("full", {"volume.fraction": share})
    rows = simulate(world, seed=31, weeks=weeks, out=tmp_path / "full")["rows"]
    exams_a_year = rows["inspections"] / share * DAYS_PER_YEAR / (7 * weeks)
    false_finds = exams_a_year * world.past.false_find_share
    log.info("%d exams; %.1f false finds a national year", rows["inspections"], false_finds)
    assert false_finds < targets()["C-events"].low


@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_of_the_small_world_has_enough_labels(seed: int, tmp_path: Path) -> None:
    rows = simulate(load_world("small"), seed=seed, weeks=52, out=tmp_path / "small")["rows"]
    assert 1.0e6 < rows["items"] < 1.25e6
    assert rows["finds"] >= 150


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5, 6, 7, 8])
def test_twelve_weeks_of_the_demonstration_have_two_hundred_finds(
    seed: int, tmp_path: Path
) -> None:
    rows = simulate(load_world("demo"), seed=seed, weeks=12, out=tmp_path / "demo")["rows"]
    assert rows["finds"] >= 200
