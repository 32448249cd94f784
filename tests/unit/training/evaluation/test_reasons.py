import numpy as np

from training.evaluation.reasons import Reasons, Shape, compare_reasons, draw_rows


def test_reasons_are_those_of_pred_contrib_missing_values_included() -> None:
    told: list[tuple[int, int]] = []
    found = compare_reasons(
        Shape(12, 15, 4),
        n_rows=400,
        n_rounds=9,
        seed=3,
        progress=lambda done, total: told.append((done, total)),
    )
    assert found.largest_difference <= 1e-9
    assert found.ours > found.theirs
    assert 0 < found.share < 1
    assert told == [(done, 9) for done in range(1, 10)]


def test_drawn_rows_have_missing_values_and_zeros() -> None:
    X = draw_rows(200, np.random.default_rng(1))
    assert X.dtype == np.float32
    assert 0.1 < np.isnan(X).mean() < 0.2
    assert (X[:, ::3] == 0).mean() > 0.1


def test_a_slow_or_a_different_answer_misses_the_target() -> None:
    good = Reasons(1, 6.0, 1.0, 0.16, 1e-12)
    assert good.met
    assert not good._replace(share=0.17).met
    assert not good._replace(largest_difference=2e-9).met
