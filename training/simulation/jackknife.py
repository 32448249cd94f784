"""How far a figure would be another one with other networks: errors by leaving groups out."""

import numpy as np
import polars as pl

from training.simulation.seizures import Figure

GROUPS = 20


def jackknife_error(figure: Figure, events: pl.DataFrame, factor: float) -> float:
    r"""Estimate the standard error of a figure over networks.

    Events of one network share people, ports and tips, so that networks are left out whole:
    with g groups and the figure :math:`t_i` without group i, the error is
    :math:`\sqrt{(g - 1) / g \sum_i (t_i - \bar t)^2}`.

    Parameters
    ----------
    figure : callable
        From `seizures.figures`.
    events : polars.DataFrame
        From `SeizureTally.events`.
    factor : float
        What counts are multiplied by to be national and yearly.

    Returns
    -------
    float
        Standard error in the unit of the figure; not a number with fewer than two networks, or
        where the figure cannot be formed without some group.

    References
    ----------
    .. [1] Shao, Tu (1995), The Jackknife and Bootstrap, section 2.3.
    """
    group = events["network"].rank("dense").to_numpy() % GROUPS
    present = np.unique(group)
    n = len(present)
    if n < 2:  # noqa: PLR2004 - one group has no spread
        return float("nan")
    rest = factor * n / (n - 1)
    without = np.array([figure(events.filter(group != left_out), rest) for left_out in present])
    return float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
