import polars as pl
import pytest

from features.records import TABLES
from training.simulation.exams import standing
from training.simulation.intelligence import signals_after
from training.simulation.run import count_finds

Tables = dict[str, pl.DataFrame]


@pytest.fixture
def corrected(tiny_tables: Tables) -> pl.DataFrame:
    """The inspections of which the first find was taken back the day after."""
    inspections = tiny_tables["inspections"]
    taken_back = inspections.filter(pl.col("outcome") == "find").head(1).with_columns(
        inspection_id=pl.lit("CORRECTION"),
        supersedes="inspection_id",
        outcome=pl.lit("clear"),
        recorded_at=pl.col("recorded_at") + pl.duration(days=1),
    )  # fmt: skip
    return TABLES["inspections"].check(pl.concat([inspections, taken_back]))


def test_a_correction_stands_in_the_place_of_what_it_corrects(
    tiny_tables: Tables, corrected: pl.DataFrame
) -> None:
    kept = standing(corrected)
    first = tiny_tables["inspections"].filter(pl.col("outcome") == "find")["inspection_id"][0]
    assert kept.height == tiny_tables["inspections"].height
    assert first not in kept["inspection_id"]
    assert "CORRECTION" in kept["inspection_id"]


def test_without_corrections_everything_stands(tiny_tables: Tables) -> None:
    assert standing(tiny_tables["inspections"]).equals(tiny_tables["inspections"])


def test_a_find_that_was_taken_back_is_not_counted(
    tiny_tables: Tables, corrected: pl.DataFrame
) -> None:
    as_made, as_corrected = (
        count_finds({"truth": tiny_tables["truth"], "inspections": inspections})
        for inspections in (tiny_tables["inspections"], corrected)
    )
    assert as_corrected["finds"] == as_made["finds"] - 1
    assert as_corrected["true_finds"] <= as_made["true_finds"]
    assert as_corrected["illicit"] == as_made["illicit"]


def test_a_find_that_was_taken_back_puts_nobody_on_lookout(
    tiny_tables: Tables, corrected: pl.DataFrame
) -> None:
    items = tiny_tables["items"]
    hidden = items.select(key=pl.col("item_id").str.to_integer(base=16, dtype=pl.UInt64))
    before = signals_after(items, hidden, tiny_tables["inspections"])
    after = signals_after(items, hidden, corrected)
    gone = set(before["signal_id"]) - set(after["signal_id"])
    assert 0 < len(gone) <= 4
    assert set(after["signal_id"]) < set(before["signal_id"])
