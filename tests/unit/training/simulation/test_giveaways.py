from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from training.simulation.giveaways import (
    all_columns,
    column_features,
    flat_columns,
    held_out_auc,
    repeated_share,
    single_columns,
)

Tables = dict[str, pl.DataFrame]
Tamper = Callable[[pl.DataFrame, pl.Series], pl.DataFrame]
MODE = "mail"
HONEST_MOST = 0.75
"""On a few hundred shipments chance alone reaches this; the bound of 0.70 is for large worlds."""


@pytest.fixture
def mail(tiny_tables: Tables) -> tuple[pl.DataFrame, pl.Series]:
    """Parcels of which every eighth is said to be illicit, by a rule that no column shows."""
    items = tiny_tables["items"].filter(pl.col("mode") == MODE)
    random = np.random.default_rng(2)
    return items, pl.Series(random.random(items.height) < 0.125)


def auc_of(items: pl.DataFrame, illicit: pl.Series, column: str) -> float:
    (found,) = single_columns(items, illicit, [column])
    return found.auc


def with_words(items: pl.DataFrame, illicit: pl.Series) -> pl.DataFrame:
    line = pl.element().struct.with_fields(description=pl.lit("rifle parts in oil"))
    return items.with_columns(
        pl.when(illicit).then(pl.col("lines").list.eval(line)).otherwise("lines").alias("lines")
    )


def with_value(items: pl.DataFrame, illicit: pl.Series) -> pl.DataFrame:
    line = pl.element().struct.with_fields(value_usd=pl.lit("2499.99").cast(pl.Decimal(12, 2)))
    return items.with_columns(
        pl.when(illicit).then(pl.col("lines").list.eval(line)).otherwise("lines").alias("lines")
    )


def with_whole_seconds(items: pl.DataFrame, illicit: pl.Series) -> pl.DataFrame:
    minute = pl.col("presented_at").dt.truncate("1m")
    return items.with_columns(presented_at=pl.when(illicit).then(minute).otherwise("presented_at"))


def with_marked_ids(items: pl.DataFrame, illicit: pl.Series) -> pl.DataFrame:
    return items.with_columns(
        item_id=pl.when(illicit).then(pl.lit("ZZ") + pl.col("item_id")).otherwise("item_id")
    )


def with_gifts(items: pl.DataFrame, illicit: pl.Series) -> pl.DataFrame:
    return items.with_columns(content=pl.when(illicit).then(pl.lit("sample")).otherwise("content"))


@pytest.mark.parametrize(("tamper", "column"), [
    (with_words, "description"),
    (with_value, "value_usd_max"),
    (with_whole_seconds, "presented_second"),
    (with_marked_ids, "item_id"),
    (with_gifts, "content"),
])  # fmt: skip
def test_a_giveaway_that_is_put_back_is_found(
    mail: tuple[pl.DataFrame, pl.Series], tamper: Tamper, column: str
) -> None:
    items, illicit = mail
    assert auc_of(items, illicit, column) < HONEST_MOST
    assert auc_of(tamper(items, illicit), illicit, column) > 0.9


def test_a_giveaway_shows_among_all_columns(mail: tuple[pl.DataFrame, pl.Series]) -> None:
    items, illicit = mail
    (honest,), (tampered,) = (
        all_columns(items, illicit), all_columns(with_value(items, illicit), illicit)
    )  # fmt: skip
    assert honest.auc < HONEST_MOST
    assert tampered.auc > 0.9
    assert (tampered.mode, tampered.column) == (MODE, "*")
    assert tampered.n_positives > 0


def test_row_order_is_a_column_too(mail: tuple[pl.DataFrame, pl.Series]) -> None:
    items, _ = mail
    every_second_half = pl.Series((np.arange(items.height) // 8) % 2 == 0)
    assert "row_order" in flat_columns(items).columns
    assert auc_of(items, every_second_half, "row_order") < HONEST_MOST


def test_every_column_of_an_item_is_looked_at(mail: tuple[pl.DataFrame, pl.Series]) -> None:
    items, _ = mail
    flat = set(flat_columns(items).columns)
    scalars = set(items.columns) - {"version", "supersedes", "lines", "filing", "mode",
                                    "received_at", "presented_at", "departs_at"}  # fmt: skip
    assert scalars <= flat
    assert {"value_usd_sum", "quantity_max", "weight_kg_first", "schedule_b", "description",
            "itn", "exemption", "option", "presented_hour", "departs_lag_h"} <= flat  # fmt: skip


def test_codes_are_learned_from_earlier_weeks_only() -> None:
    column = pl.Series("content", ["gift", "gift", "sample"])
    features = column_features(column, np.array([True, True, False]))
    assert features.tolist() == [[1, 0], [1, 0], [0, 0]]


def test_the_better_of_two_learners_counts() -> None:
    x = np.linspace(-1, 1, 400)
    both_ends = np.abs(x) > 0.5
    train = np.arange(400) % 2 == 0
    assert held_out_auc(x[:, None], both_ends, train) > 0.95


def test_goods_hardly_ever_repeat_exactly(tiny_tables: Tables) -> None:
    items = tiny_tables["items"]
    assert repeated_share(items) < 0.05
    week = pl.duration(days=7)
    again = items.with_columns(presented_at=pl.col("presented_at") + week)
    assert repeated_share(pl.concat([items, again])) > 0.9
