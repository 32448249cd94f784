import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.foreign.keys import joint_keys, log_odds, smoothed, tally


def test_a_known_row_is_counted_without_its_own_block() -> None:
    key, y, block = np.array([0, 0, 0, 1]), np.array([1.0, 0, 1, 1]), np.array([0, 0, 1, 1])
    known = tally(key, y, block, 2, 2)
    seen = known.others(key, block)
    assert seen.n_rows.tolist() == [1, 1, 2, 0]
    assert seen.n_finds.tolist() == [1, 1, 1, 0]


def test_of_earlier_blocks_only_the_past_is_counted() -> None:
    key, y, block = np.zeros(3, np.int64), np.array([1.0, 0, 1]), np.array([0, 1, 2])
    seen = tally(key, y, block, 1, 3).earlier(key, block)
    assert seen.n_rows.tolist() == [0, 1, 2]
    assert seen.n_finds.tolist() == [0, 1, 1]


@given(st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_joint_keys_are_equal_where_all_codes_are_and_unknown_ones_share_the_last(
    n: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    known = [rng.integers(0, 4, n) for _ in range(3)]
    later = [rng.integers(0, 5, n) for _ in range(3)]
    key_known, key_later, n_keys = joint_keys(known, later)
    numbers = dict(zip(zip(*(one.tolist() for one in known), strict=True), key_known, strict=True))
    assert len(set(numbers.values())) == len(numbers)
    expected = [
        numbers.get(codes, n_keys - 1)
        for codes in zip(*(one.tolist() for one in later), strict=True)
    ]
    assert key_later.tolist() == expected
    assert key_known.max() < n_keys - 1


def test_a_key_that_nobody_knows_has_the_risk_expected_without_it() -> None:
    counts = tally(np.array([0]), np.array([1.0]), np.array([0]), 2, 1).all(np.array([0, 1]))
    assert smoothed(counts, 0.2, 4.0).tolist() == pytest.approx([1.8 / 5, 0.2])


def test_log_odds_of_certainty_are_finite() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 0.5, 1.0]))).all()
