from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.foreign import document, small_customs, write_toml
from training.cli import app


class Fitted(NamedTuple):
    """A fitted table: its frame, files, what the command said, and the state folder."""

    frame: pl.DataFrame
    table: Path
    mapping: Path
    bundle: Path
    said: str
    state: Path


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    folder = tmp_path_factory.mktemp("foreign")
    frame = small_customs()
    table, bundle = folder / "customs.csv", folder / "bundle"
    frame.write_csv(table)
    mapping = write_toml(folder / "customs.toml", document(frame))
    words = ["fit", "--table", str(table), "--mapping", str(mapping), "--out", str(bundle)]
    state = folder / "state"
    done = CliRunner(env={"WEIR_STATE_DIR": str(state), "COLUMNS": "200"}).invoke(app, words)
    assert done.exit_code == 0, done.output
    return Fitted(frame, table, mapping, bundle, done.output, state)
