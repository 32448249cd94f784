"""Whether a model met the targets that were put down before it was fitted, with intervals."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from models.errors import InvalidTargets
from models.targets import Measured, Targets
from training.metrics import (
    CAPACITIES,
    FEWEST_FINDS,
    Labels,
    Numbers,
    brier_score,
    capture,
    expected_calibration_error,
    percent,
)

N_RESAMPLES = 200
"""Bootstrap samples for an interval."""

Figure = Callable[[Numbers, Labels, Numbers], float]
"""Takes risk, y and weight."""


def _area(risk: Numbers, y: Labels, weight: Numbers) -> float:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - costs a second

    return float(roc_auc_score(y, risk, sample_weight=weight))


def _precision(risk: Numbers, y: Labels, weight: Numbers) -> float:
    from sklearn.metrics import average_precision_score  # noqa: PLC0415 - costs a second

    return float(average_precision_score(y, risk, sample_weight=weight))


def _observed_over_expected(risk: Numbers, y: Labels, weight: Numbers) -> float:
    return float((weight @ y) / (weight @ risk))


def _captured(capacity_share: float) -> Figure:
    return partial(capture, capacity_share=capacity_share)


RESAMPLED: Mapping[str, Figure] = MappingProxyType(
    {
        "auc": _area,
        "average_precision": _precision,
        "brier": brier_score,
        "ece": expected_calibration_error,
        "observed_over_expected": _observed_over_expected,
        **{f"capture_at_{percent(share)}": _captured(share) for share in CAPACITIES},
    }
)
"""Figures whose interval comes from resampling."""

COUNTS = frozenset({"n_inspected", "n_finds"})
EXACT = frozenset(f"hit_rate_at_{percent(share)}" for share in CAPACITIES)
"""Figures that come with an exact interval of their own."""


def require_known(targets: Targets) -> None:
    """Refuse, before the work of a fit, a target for a figure that no evaluation states.

    Parameters
    ----------
    targets : Targets
        As read.

    Raises
    ------
    InvalidTargets
        Names the figure and the ones there are.
    """
    there = RESAMPLED.keys() | COUNTS | EXACT
    for name in sorted(targets.figures.keys() - there):
        raise InvalidTargets(
            f"targets: {name} is no figure; choose from {', '.join(sorted(there))}", field=name
        )


def resampled_interval(
    figure: Figure, risk: Numbers, y: Labels, weight: Numbers, *, seed: int
) -> tuple[float, float]:
    """Give the 95 % interval of a figure by the percentile bootstrap over inspections.

    Samples that drew only one outcome say nothing of a ranking and are left out.

    Parameters
    ----------
    figure : callable
        Takes risk, y and weight.
    risk, y, weight : array, shape (n,)
        As for `training.metrics.figures`; some y are 0 and some 1.
    seed : int
        Decides the samples.

    Returns
    -------
    low, high : float
        Its ends.

    References
    ----------
    .. [1] Efron (1979), Annals of Statistics 7, 1-26.
    """
    generator = np.random.default_rng(seed)
    n_rows = len(y)
    values: list[float] = []
    for _ in range(N_RESAMPLES):
        drawn = np.bincount(generator.integers(n_rows, size=n_rows), minlength=n_rows)
        there = drawn > 0
        if np.unique(y[there]).size > 1:
            values.append(figure(risk[there], y[there], (weight * drawn)[there]))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def measure(  # noqa: PLR0913 - a ranking is three arrays
    targets: Targets,
    stated: Mapping[str, float],
    *,
    risk: Numbers,
    y: Labels,
    weight: Numbers,
    seed: int,
) -> dict[str, Measured]:
    """Put an interval beside every figure that a target speaks of.

    Parameters
    ----------
    targets : Targets
        What was asked for.
    stated : Mapping of str to float
        What `training.metrics.figures` gave for the same rows.
    risk, y, weight : array, shape (n,)
        The test window.
    seed : int
        Decides the samples of intervals.

    Returns
    -------
    dict of str to Measured
        Figure to value and interval; all None where fewer than `FEWEST_FINDS` finds say too
        little. A count has no interval.
    """
    counts: npt.NDArray[np.bool_] = weight > 0
    kept = risk[counts], y[counts], weight[counts]

    def one(name: str) -> Measured:
        value = stated.get(name)
        if value is not None and name in COUNTS:
            return Measured(value, None, None)
        if value is None or stated["n_finds"] < FEWEST_FINDS:
            return Measured(None, None, None)
        if name in EXACT:
            at = name.removeprefix("hit_rate")
            return Measured(value, stated[f"low{at}"], stated[f"high{at}"])
        return Measured(value, *resampled_interval(RESAMPLED[name], *kept, seed=seed))

    return {name: one(name) for name in targets.figures}
