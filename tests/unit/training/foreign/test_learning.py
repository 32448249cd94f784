from pathlib import Path

import polars as pl

from tests.foreign import document, small_customs
from training.foreign.judging import judge
from training.foreign.learning import learn
from training.foreign.mapping import Mapping
from training.foreign.windows import read_windows


def test_few_rows_with_an_empty_column_words_and_a_second_time_are_learned_from(
    tmp_path: Path,
) -> None:
    frame = small_customs(300)
    content = document(frame)
    content["columns"] |= {"Empty": "number", "Words": "text", "Other": "time"}
    words = pl.format("red {} boxes of {}", pl.col("Office"), pl.col("HS10"))
    frame.with_columns(
        pl.lit("").alias("Empty"), words.alias("Words"), pl.col("Date").alias("Other")
    ).write_csv(tmp_path / "t.csv")
    mapping = Mapping.model_validate(content)
    windows = read_windows(tmp_path / "t.csv", mapping, tmp_path / "m.toml")
    steps: list[tuple[str, int, int]] = []
    learned = learn(windows, salt=b"s", seed=1, n_jobs=1, progress=lambda *step: steps.append(step))
    assert "Empty" not in learned.encoder.plan.columns
    assert {"Other", "Item Price"} <= set(learned.encoder.plan.columns)
    assert {name for name, _, _ in steps} >= {"Choosing keys", "Tuning", "Boosting"}
    stated = judge(windows, learned, 1)
    assert stated["model"]["average_precision"] > stated["random"]["average_precision"]
    assert 0 < stated["model"]["value_captured_at_10"] <= 1
