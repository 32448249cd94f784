import numpy as np

from models.estimates.honesty import Trial, honesty
from models.estimates.intervals import Interval, clopper_pearson


def _trials(port: str, n: int, half_width: float) -> list[Trial]:
    rng = np.random.default_rng(7)
    middles = rng.normal(10, 1, n).tolist()
    return [
        Trial(port, Interval(middle - half_width, middle + half_width), 10) for middle in middles
    ]


def test_intervals_that_keep_their_word_are_found_honest() -> None:
    told = honesty(_trials("2304", 500, 1.96) + _trials("2402", 500, 1.96))
    assert told.pooled.n == 1000
    assert abs(told.pooled.share - 0.95) < 0.02
    assert told.dishonest_ports() == []


def test_a_port_with_intervals_that_are_too_narrow_is_named() -> None:
    told = honesty(_trials("2304", 500, 1.96) + _trials("2402", 500, 1.6))
    assert told.dishonest_ports() == ["2402"]


def test_it_counts_on_which_side_the_truth_was_missed() -> None:
    told = honesty([Trial("2304", Interval(0, 1), 2), Trial("2304", Interval(3, 4), 2)])
    assert (told.pooled.n_too_low, told.pooled.n_too_high, told.pooled.n_covered) == (1, 1, 0)


def test_textbook_intervals_are_found_out_where_finds_are_rare() -> None:
    rng = np.random.default_rng(1)
    normal, exact = [], []
    for found in rng.binomial(200, 0.01, 400).tolist():
        share = found / 200
        half = 1.96 * (share * (1 - share) / 200) ** 0.5
        normal.append(Trial("2304", Interval(share - half, share + half), 0.01))
        exact.append(Trial("2304", clopper_pearson(found, 200), 0.01))
    assert honesty(normal).dishonest_ports() == ["2304"]
    assert honesty(exact).dishonest_ports() == []
