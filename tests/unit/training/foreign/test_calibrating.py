import numpy as np

from training.foreign.calibrating import calibrate
from training.foreign.judging import ece_by_chance


def _rows(n: int, seed: int, *, bent: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    lean = np.where(score > 0, 3.0, -3.0) if bent else score
    return score, (rng.random(n) < 1 / (1 + np.exp(-lean))).astype(np.float64)


def test_a_few_hundred_rows_that_follow_a_sigmoid_are_given_one() -> None:
    kinds = [calibrate(*_rows(500, seed, bent=False)).kind for seed in range(5)]
    assert kinds.count("sigmoid") >= 4


def test_many_rows_that_follow_none_are_bent() -> None:
    assert calibrate(*_rows(5_000, 1, bent=True)).kind == "isotonic"


def test_the_error_by_chance_falls_with_the_root_of_the_rows() -> None:
    few, many = (ece_by_chance(np.full(n, 0.3)) for n in (400, 40_000))
    assert 5 < few / many < 20
