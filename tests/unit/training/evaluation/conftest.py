from datetime import date
from pathlib import Path

import polars as pl
import pytest

from training.evaluation.entrants import entrants
from training.evaluation.exam import Exam, set_exam
from training.evaluation.policy import Policy
from training.evaluation.quality import judge
from training.evaluation.worlds import Simulated, run_world
from training.simulation.run import simulate
from training.simulation.setting import Setting
from training.simulation.world import load_world


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a simulated world, small enough for every test of proofs."""
    folder = tmp_path_factory.mktemp("proofs") / "world"
    simulate(load_world("demo"), seed=3, weeks=4, scale=0.1, out=folder)
    return folder


@pytest.fixture(scope="session")
def world() -> Simulated:
    return run_world(Setting(load_world("demo"), 3, date(2025, 1, 6), 0.1), 10)


@pytest.fixture(scope="session")
def exam(world: Simulated) -> Exam:
    return set_exam(world)


@pytest.fixture(scope="session")
def policies(exam: Exam) -> list[tuple[str, Policy]]:
    return list(entrants(exam))


@pytest.fixture(scope="session")
def rows(exam: Exam, policies: list[tuple[str, Policy]]) -> pl.DataFrame:
    return judge(exam, policies)
