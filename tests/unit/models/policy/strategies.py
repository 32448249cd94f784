"""Hypothesis strategies: candidates with everything that goes wrong in them."""

import numpy as np
from hypothesis import strategies as st

from models.policy.candidates import NEVER, Candidates


@st.composite
def candidates(draw: st.DrawFn, most: int = 40) -> Candidates:
    n = draw(st.integers(0, most))

    def column(each: st.SearchStrategy[object]) -> list[object]:
        return draw(st.lists(each, min_size=n, max_size=n))

    clusters = column(st.sampled_from(["a", "b", "c", ""]))
    return Candidates(
        item_id=[f"I{number}" for number in range(n)],
        risk=np.array(column(st.floats(0, 1)), np.float64),
        severity=np.array(column(st.floats(0, 50)), np.float64),
        method=np.array(column(st.sampled_from(["canine", "nii_pov", "none"])), np.str_),
        minutes=np.array(column(st.sampled_from([0.2, 0.417, 2.0, 15.0, 75.0])), np.float64),
        departs_at=np.array(column(st.sampled_from([0, 99, 100, 101, NEVER])), np.int64),
        must_inspect=np.array(column(st.booleans()), np.bool_),
        released=np.array(column(st.booleans()), np.bool_),
        n_rule_hits=np.array(column(st.integers(0, 3)), np.int64),
        cluster=[str(each) or f"own-{number}" for number, each in enumerate(clusters)],
        prior=np.array(column(st.sampled_from([0.0, 0.0, 0.2, 1.0])), np.float64),
        settled=np.array(column(st.booleans()), np.bool_),
    )
