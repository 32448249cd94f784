from pathlib import Path

import pytest

from training.simulation.run import simulate
from training.simulation.world import load_world


@pytest.fixture(scope="session")
def world_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a simulated world, small enough for every test of proofs."""
    folder = tmp_path_factory.mktemp("proofs") / "world"
    simulate(load_world("demo"), seed=3, weeks=4, scale=0.1, out=folder)
    return folder
