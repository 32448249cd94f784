import numpy as np
import polars as pl
import pytest

from training.simulation.jackknife import GROUPS, jackknife_error


def events(seized: list[float], copies: int = 1) -> pl.DataFrame:
    """Some events of each network, the same for all of them."""
    network = np.arange(1, len(seized) + 1, dtype=np.uint64)
    return pl.DataFrame(
        {"network": np.repeat(network, copies), "seized": np.repeat(seized, copies)}
    )


def total(frame: pl.DataFrame, factor: float) -> float:
    return float(frame["seized"].sum()) * factor


def test_the_error_of_a_sum_over_networks_is_that_of_the_textbook() -> None:
    random = np.random.default_rng(1)
    seized = random.gamma(0.5, 2.0, GROUPS).tolist()
    expected = np.sqrt(GROUPS * np.var(seized, ddof=1))
    assert jackknife_error(total, events(seized), 1.0) == pytest.approx(expected)
    assert jackknife_error(total, events(seized), 3.0) == pytest.approx(3 * expected)


def test_networks_are_left_out_whole() -> None:
    seized = np.random.default_rng(2).gamma(0.5, 2.0, GROUPS).tolist()
    once = jackknife_error(total, events(seized), 1.0)
    assert jackknife_error(total, events(seized, 4), 0.25) == pytest.approx(once)


def test_the_error_is_the_spread_over_worlds_of_other_networks() -> None:
    random = np.random.default_rng(3)
    worlds = [random.gamma(0.5, 2.0, 10 * GROUPS).tolist() for _ in range(300)]
    errors = [jackknife_error(total, events(seized), 1.0) for seized in worlds]
    spread = np.std([sum(seized) for seized in worlds], ddof=1)
    assert np.mean(errors) == pytest.approx(spread, rel=0.15)


def test_one_network_has_no_error_to_speak_of() -> None:
    assert np.isnan(jackknife_error(total, events([0.3], 5), 1.0))
    assert np.isnan(jackknife_error(total, events([]), 1.0))
