"""What a foreign table's model is worth: against tuned LightGBM on integer codes, on our own table.

Slow: 54,000 rows, a fit of every part, and ten fits of LightGBM beside it.
"""

from pathlib import Path

import numpy as np
import pytest

from tests.customs import SHAPES, customs_table
from tests.foreign import mapping
from training.foreign.judging import judge
from training.foreign.learning import learn
from training.foreign.windows import read_windows

pytestmark = pytest.mark.slow


def _judged(
    tmp_path: Path, n_rows: int, seed: int, n_trials: int, shape: str = "habits"
) -> dict[str, dict[str, float]]:
    frame = customs_table(n_rows, seed, SHAPES[shape]).frame
    frame.write_csv(tmp_path / "t.csv")
    windows = read_windows(tmp_path / "t.csv", mapping(frame), tmp_path / "m.toml")
    learned = learn(windows, salt=b"salt", seed=1, n_jobs=2, progress=lambda *_: None)
    return judge(windows, learned, 1, n_trials)


def test_on_a_customs_table_the_model_beats_tuned_lightgbm_on_integer_codes(
    tmp_path: Path,
) -> None:
    stated = _judged(tmp_path, 54_000, 14, 10)
    for rows in ("", ", unseen"):
        model, codes = stated[f"model{rows}"], stated[f"codes{rows}"]
        assert model["average_precision"] > codes["average_precision"] + 0.02
    assert stated["model"]["ece"] <= 0.03


@pytest.mark.parametrize(("shape", "seed"), [("triples", 17), ("repeats", 18), ("drift", 19)])
def test_wherever_the_label_hides_the_model_beats_tuned_lightgbm(
    tmp_path: Path, shape: str, seed: int
) -> None:
    stated = _judged(tmp_path, 12_000, seed, 10, shape)
    model, codes = stated["model"], stated["codes"]
    assert model["average_precision"] > codes["average_precision"] + 0.01
    assert model["ece"] < codes["ece"] + 0.01


def test_labels_that_say_nothing_are_not_learned(tmp_path: Path) -> None:
    table = customs_table(8_000, 2).frame
    rng = np.random.default_rng(1)
    shuffled = table.with_columns(table["Fraud"].gather(rng.permutation(len(table))))
    shuffled.write_csv(tmp_path / "t.csv")
    windows = read_windows(tmp_path / "t.csv", mapping(shuffled), tmp_path / "m.toml")
    learned = learn(windows, salt=b"salt", seed=1, n_jobs=2, progress=lambda *_: None)
    assert 0.46 < judge(windows, learned, 1)["model"]["auc"] < 0.54
