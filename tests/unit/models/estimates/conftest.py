"""Small periods written down by hand."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from models.estimates.logged import Logged

Row = tuple[str, str, float, str]
"""Port, arm, propensity, and `find`, `clear` or `` for not examined."""


def logged(rows: Sequence[Row], risk: Sequence[float] | None = None) -> Logged:
    outcome = np.array([row[3] for row in rows])
    return Logged(
        item_id=np.array([f"item-{number}" for number in range(len(rows))]),
        port=np.array([row[0] for row in rows]),
        arm=np.array([row[1] for row in rows]),
        propensity=np.array([row[2] for row in rows]),
        examined=outcome != "",
        found=outcome == "find",
        detection=np.where(outcome != "", 0.5, 0.0),
        risk=np.full(len(rows), np.nan) if risk is None else np.array(risk),
    )


@pytest.fixture
def period() -> Callable[..., Logged]:
    return logged
