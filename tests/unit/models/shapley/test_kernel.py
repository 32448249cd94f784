"""The compiled walk over the edges is the Python that it is written in."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.shapley import kernel
from models.shapley.program import compile_trees
from models.structure import bare_model, read_model
from tests.bundles import Fitted
from tests.unit.models.conftest import NAMES

INLINED = ("_take_in", "_ask", "_go_down", "_end", "_go_up")


@given(seed=st.integers(0, 2**32), n_rows=st.integers(1, 40))
@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize("lanes", [kernel.ALONE, kernel.BLOCK], ids=["alone", "block"])
def test_the_compiled_walk_gives_the_bits_of_the_plain_one(
    fitted: Fitted, seed: int, n_rows: int, lanes: kernel.Lanes
) -> None:
    text = bare_model(fitted.booster.model_to_string())
    program = compile_trees(read_model(text, NAMES))
    assert program is not None
    generator = np.random.default_rng(seed)
    X = fitted.X[generator.integers(len(fitted.X), size=n_rows)].copy()
    X[generator.random(X.shape) < 0.2] = np.nan
    X[generator.random(X.shape) < 0.1] = 0.0
    one, other = (np.zeros((n_rows, X.shape[1] + 1)) for _ in range(2))
    kernel.add_contributions(X, program, lanes, one)
    with pytest.MonkeyPatch.context() as plain:
        for name in INLINED:
            plain.setattr(kernel, name, getattr(kernel, name).py_func)
        kernel.add_contributions.py_func(X, program, lanes, other)  # type: ignore[attr-defined]  # numba's
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    assert np.abs(one[:, :-1]).sum() > 0
