import numpy as np

from training.foreign.choosing import choose_keys
from training.foreign.plan import Known, Plan, Table
from training.foreign.views import View


def test_the_pair_that_carries_the_label_is_chosen() -> None:
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 12, (6, 6_000)).astype(np.int32)
    y = ((codes[1] + codes[4]) % 2).astype(np.float64)
    table = Table(codes, np.empty((0, 6_000)))
    first, rest = np.arange(4_000), np.arange(4_000, 6_000)
    known = Known(table.take(first), y[first], np.zeros(4_000, np.int64))
    plan = Plan(views=tuple(View(column=f"c{n}") for n in range(6)), columns=())
    told: list[tuple[int, int]] = []
    keys = choose_keys(
        known, table.take(rest), y[rest], plan, lambda done, total: told.append((done, total))
    )
    assert keys[0] == (1, 4)
    assert told[-1][0] <= told[-1][1]


def test_views_of_one_column_are_not_combined() -> None:
    rng = np.random.default_rng(6)
    codes = rng.integers(0, 5, (3, 500)).astype(np.int32)
    y = rng.integers(0, 2, 500).astype(np.float64)
    table = Table(codes, np.empty((0, 500)))
    views = (View(column="a"), View(column="a", how="prefix", size=4), View(column="b"))
    keys = choose_keys(
        Known(table, y, np.zeros(500, np.int64)), table, y, Plan(views=views, columns=())
    )
    assert keys
    assert not any({0, 1} <= set(key) for key in keys)
