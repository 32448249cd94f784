import numpy as np
import polars as pl
import pytest

from training.evaluation.summary import ROW, median_interval, summarise


def rows(*values: float, figure: str = "N") -> pl.DataFrame:
    return pl.DataFrame(
        [(figure, "model", "all", "1.0%", seed, value) for seed, value in enumerate(values, 1)],
        schema=ROW,
        orient="row",
    )


def test_the_interval_of_a_median_is_between_order_statistics() -> None:
    assert median_interval([1.0]) == (1.0, 1.0, 0.0)
    assert median_interval([3.0, 1.0, 2.0]) == (1.0, 3.0, 0.75)
    ten = median_interval(list(range(10)))
    assert (ten.low, ten.high) == (1, 8)
    assert ten.confidence == pytest.approx(1 - 2 * 11 / 1024)


def test_the_interval_of_a_median_holds_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    told = [median_interval(rng.exponential(1.0, 12).tolist()) for _ in range(2000)]
    held = np.mean([each.low <= np.log(2) <= each.high for each in told])
    assert held == pytest.approx(told[0].confidence, abs=0.015)


def test_a_summary_has_the_median_the_worst_and_every_seed() -> None:
    (told,) = summarise(rows(0.5, 0.9, 0.7))
    assert (told["median"], told["worst"], told["n_seeds"]) == (0.7, 0.5, 3)
    assert told["values"] == {"1": 0.5, "2": 0.9, "3": 0.7}
    assert (told["figure"], told["policy"], told["part"], told["at"]) == (
        "N",
        "model",
        "all",
        "1.0%",
    )


def test_of_an_error_the_highest_is_the_worst() -> None:
    (told,) = summarise(rows(0.5, 0.9, 0.7, figure="ece"))
    assert told["worst"] == 0.9


def test_worlds_with_nothing_to_measure_are_left_out_and_counted() -> None:
    (told,) = summarise(rows(0.5, float("nan"), 0.7))
    assert told["n_seeds"] == 2
    (none,) = summarise(rows(float("nan")))
    assert (none["n_seeds"], none["median"]) == (0, None)
