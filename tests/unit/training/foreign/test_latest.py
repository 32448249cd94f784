import numpy as np
import numpy.typing as npt

from training.foreign.latest import FEW, latest_rows


def _one_by_one(
    key: npt.NDArray[np.int64], y: npt.NDArray[np.float64], asked: int, now: int
) -> list[float]:
    before = np.flatnonzero(key[:now] == asked)
    if not len(before):
        return [np.nan] * 3
    return [y[before[-1]], y[before[-FEW:]].mean(), np.log(now - before[-1])]


def test_latest_rows_are_those_that_a_search_row_by_row_finds() -> None:
    rng = np.random.default_rng(1)
    key, y = rng.integers(0, 12, 200), (rng.random(200) < 0.4).astype(np.float64)
    asked = rng.integers(0, 15, 60)
    later = np.array([_one_by_one(key, y, one, len(key)) for one in asked])
    own = np.array([_one_by_one(key, y, one, place) for place, one in enumerate(key)])
    np.testing.assert_allclose(np.transpose(latest_rows(key, y, asked)), later, atol=1e-12)
    np.testing.assert_allclose(np.transpose(latest_rows(key, y, None)), own, atol=1e-12)
    assert np.isnan(later).any()


def test_a_label_is_seen_by_later_rows_alone() -> None:
    key, y = np.tile(np.arange(5), 20), np.zeros(100)
    changed = y.copy()
    changed[50:] = 1
    before, after = (np.transpose(latest_rows(key, each, None)) for each in (y, changed))
    np.testing.assert_array_equal(before[:51], after[:51])
    assert not np.array_equal(before[51:], after[51:], equal_nan=True)
