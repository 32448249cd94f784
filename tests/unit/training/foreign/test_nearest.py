import numpy as np

from training.foreign.nearest import REACHES, nearest_rows, rareness, tellingness

WORTH = (0.5, 2.0, 1.0, 0.5)


def _plainly(
    known: np.ndarray[tuple[int, int], np.dtype[np.int32]],
    y: np.ndarray[tuple[int], np.dtype[np.float32]],
    asked: np.ndarray[tuple[int, int], np.dtype[np.int32]],
    prior: float,
) -> list[list[float]]:
    weights = rareness(known, WORTH)
    rows = []
    for row in asked.T:
        like = np.zeros(known.shape[1])
        for column, code in enumerate(row):
            if code < len(weights[column]) - 1:
                like += weights[column][code] * (known[column] == code)
        order = np.argsort(-like, kind="stable")
        best = like[order]
        said = [float(best[0])]
        for reach in REACHES:
            top = slice(0, reach)
            said.append(float((prior + best[top] @ y[order][top]) / (1 + best[top].sum())))
        rows.append(said)
    return rows


def test_the_nearest_rows_are_those_that_share_the_rarest_codes() -> None:
    rng = np.random.default_rng(1)
    known = rng.integers(0, 30, (4, 200)).astype(np.int32)
    asked = rng.integers(0, 33, (4, 25)).astype(np.int32)
    y = rng.integers(0, 2, 200).astype(np.float32)
    stranger = np.full(25, -1, np.int32)
    found = nearest_rows(known, y, np.zeros(200, np.int32), asked, stranger, 0.3, WORTH)
    np.testing.assert_allclose(found[:, 0], [row[0] for row in _plainly(known, y, asked, 0.3)])
    # ties among equals may fall either way beyond the first
    np.testing.assert_allclose(
        found[:, -1], [row[-1] for row in _plainly(known, y, asked, 0.3)], atol=0.15
    )


def test_a_row_does_not_see_its_own_block() -> None:
    known = np.array([[0, 0, 1]], np.int32)
    y = np.array([1, 0, 1], np.float32)
    block = np.array([0, 1, 1], np.int32)
    found = nearest_rows(known, y, block, known, block, 0.5, [1.0])
    like = np.log(3 / 2)
    np.testing.assert_allclose(found[0, 1], 0.5 / (1 + like), rtol=1e-6)
    np.testing.assert_allclose(found[2], [0, 0.5, 0.5, 0.5, 0.5])


def test_a_column_that_tells_nothing_of_the_label_is_worth_nothing_whatever_its_codes() -> None:
    rng = np.random.default_rng(1)
    y = (rng.random(2_000) < 0.3).astype(np.float64)
    says = np.where(rng.random(2_000) < 0.8, y, 1 - y).astype(np.int32)
    many = rng.integers(0, 900, 2_000).astype(np.int32)
    assert tellingness(says, y) > 0.2
    assert tellingness(many, y) < 0.05
    assert tellingness(np.arange(2_000, dtype=np.int32), y) == 0
