from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from training.simulation.run import simulate
from training.simulation.world import World, load_world

TABLES = ("items", "signals", "decisions", "inspections", "truth", "leakage")


def tiny(overrides: Mapping[str, str | float] | None = None) -> World:
    """The demonstration at a quarter of its size."""
    return load_world("demo", {"volume.fraction": 0.001, **(overrides or {})})


def read(folder: Path) -> dict[str, pl.DataFrame]:
    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("worlds") / "tiny"
    simulate(tiny(), seed=11, weeks=4, out=out)
    return out


@pytest.fixture(scope="session")
def tiny_tables(tiny_folder: Path) -> dict[str, pl.DataFrame]:
    return read(tiny_folder)
