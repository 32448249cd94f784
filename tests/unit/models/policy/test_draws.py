import numpy as np
import pytest
from scipy.stats import kstest

from models.errors import InvalidPlan
from models.policy.draws import Draws

_KEY = b"0123456789abcdef"


def test_the_same_key_item_and_occasion_give_the_same_draw() -> None:
    assert Draws(_KEY, "s").uniform("item", "V1") == Draws(_KEY, "s").uniform("item", "V1")


@pytest.mark.parametrize(
    "other",
    [
        Draws(b"another key, 16+", "s").uniform("item", "V1"),
        Draws(_KEY, "s2").uniform("item", "V1"),
        Draws(_KEY, "s").uniform("start", "V1"),
        Draws(_KEY, "s").uniform("item", "V2"),
        Draws(_KEY, "s").uniform("itemV", "1"),
        Draws(_KEY, "s").within("item").uniform("", "V1"),
    ],
)
def test_anything_else_gives_another(other: float) -> None:
    assert other != Draws(_KEY, "s").uniform("item", "V1")


def test_draws_are_uniform() -> None:
    drawn = Draws(_KEY, "s").uniforms("item", map(str, range(20_000)))
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert kstest(drawn, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 0.03


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InvalidPlan, match="16 to 64 bytes"):
        Draws(b"short", "s")
