"""How much there was in all, from what was drawn with known probability."""

from dataclasses import dataclass

import numpy as np

from features.encoding import Numbers
from models.estimates.intervals import (
    LEVEL,
    Interval,
    Moments,
    clopper_pearson,
    gamma_interval,
    total_interval,
)
from models.estimates.logged import Counting, Flags, Logged, Words

CERTAIN = 1.0 - 1e-9
"""Propensities from here on count as certain: such items are not explored."""

FEWEST_EXAMS = 10
"""Ports with fewer exams by chance are weighed together."""

FEWEST_FINDS = 5
"""With fewer exploration finds the product says "not enough" and gives a bound."""


@dataclass(frozen=True)
class Sample:
    """The items that the policy drew and that were examined, weighed; arrays of length k.

    Parameters
    ----------
    item_id : array of str, shape (k,)
        The items.
    weight : array of float, shape (k,)
        How many items each stands for, itself included; 1 or more.
    found, explored : array of bool, shape (k,)
        Whether contraband was found on it, and whether it was drawn by chance.
    risk : array of float, shape (k,)
        Its risk, NaN without one.
    n_items, n_unreached : int
        Items that could have been drawn, and those among them for which no exam stands.
    """

    item_id: Words
    weight: Numbers
    found: Flags
    explored: Flags
    risk: Numbers
    n_items: int
    n_unreached: int

    @property
    def n_exams(self) -> int:
        """Exams of items that were drawn by chance."""
        return int(self.explored.sum())

    @property
    def n_finds(self) -> int:
        """Finds among the items that were drawn by chance."""
        return int((self.found & self.explored).sum())


def weigh(logged: Logged, counting: Counting = "found") -> Sample:
    """Weigh what was examined so that it stands for every item that could have been drawn.

    A weight is the inverse of the propensity, scaled within each port (ports with few exams
    together), apart for what was certain and what was left to chance, so that weights add up to
    the number of items there (Hajek [1]_). Exams that were not completed are thereby taken to
    be like those that were.

    Parameters
    ----------
    logged : Logged
        A period.
    counting : {"found", "carried"}
        `found` counts what such exams find. `carried` divides by the probability of detection
        of the method that was used, an assumption of the reference table.

    Returns
    -------
    Sample
        What was drawn by the policy and examined.

    References
    ----------
    .. [1] Hajek (1971), comment in Foundations of Statistical Inference, p. 236.
    """
    reachable = logged.of(logged.propensity > 0)
    certain = reachable.propensity >= CERTAIN
    drawn = reachable.by_policy & reachable.examined
    weight = np.where(drawn, 1 / reachable.propensity, 0.0)
    n_unreached = 0
    for stratum in (certain, ~certain):
        n_unreached += 0 if (stratum & drawn).any() else int(stratum.sum())
        for here in _strata(reachable.port, stratum, drawn):
            weight[here] *= here.sum() / weight[here].sum()
    weight = np.maximum(weight, 1.0)
    if counting == "carried":
        weight[drawn] /= reachable.detection[drawn]
    return Sample(
        item_id=reachable.item_id[drawn],
        weight=weight[drawn],
        found=reachable.found[drawn],
        explored=~certain[drawn],
        risk=reachable.risk[drawn],
        n_items=len(reachable),
        n_unreached=n_unreached,
    )


def _strata(port: Words, within: Flags, drawn: Flags) -> list[Flags]:
    names, place = np.unique(port, return_inverse=True)
    n_drawn = np.bincount(place, within & drawn, len(names))
    alone = n_drawn >= FEWEST_EXAMS
    if not n_drawn[~alone].any():
        # nothing stands for the ports that had no exam: let the others do so
        alone[:] = False
    apart = [within & (place == each) for each in np.flatnonzero(alone)]
    together = within & ~alone[place]
    return [*apart, together] if (together & drawn).any() else apart


def hajek_total(sample: Sample) -> float:
    """Estimate the items with contraband among those that could have been drawn.

    Parameters
    ----------
    sample : Sample
        What was drawn.

    Returns
    -------
    float
        The weights of the finds, summed.
    """
    return float(sample.weight[sample.found].sum())


def hajek_interval(sample: Sample, level: float = LEVEL) -> Interval:
    """Bound the items with contraband among those that could have been drawn.

    Exact binomial where the exams that chance drew all weigh the same and none was certain;
    otherwise gamma (`intervals.total_interval`). Where nothing was drawn, nothing is known of the
    items that could have been, and the upper end counts them all.

    Parameters
    ----------
    sample : Sample
        What was drawn.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    Interval
        Ends in items.
    """
    explored = sample.weight[sample.explored]
    finds = sample.weight[sample.found]
    if len(explored) == len(sample.weight) > 0 and np.allclose(explored, explored[0]):
        share = clopper_pearson(sample.n_finds, sample.n_exams, level)
        scale = sample.n_exams * float(explored[0])
        low, high = max(share.low * scale, float(len(finds))), share.high * scale
    else:
        low, high = total_interval(finds, float(sample.weight.max(initial=1.0)), level=level)
    return Interval(low, high + sample.n_unreached)


def doubly_robust(
    sample: Sample, logged: Logged, counting: Counting = "found", level: float = LEVEL
) -> tuple[float, Interval] | None:
    """Estimate the same total with a model's help: risks everywhere, corrected where examined.

    The total is sum m over all items + sum w (y - m) over those drawn [1]_. It is right on
    average whatever the risks m are worth, but how wide its interval is leans on them.

    Parameters
    ----------
    sample : Sample
        What was drawn, from `weigh` with the same `counting`.
    logged : Logged
        The period, for the risks of all its items.
    counting : {"found", "carried"}
        As for `weigh`; risks say how likely a find is and are left as they are.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    tuple of float and Interval, or None
        The estimate and its interval in items; None if an item has no risk or chance drew none.

    References
    ----------
    .. [1] Robins, Rotnitzky, Zhao (1994), JASA 89, 846-866; Saerndal, Swensson, Wretman (1992),
       Model Assisted Survey Sampling, section 6.3.
    """
    risk = logged.risk[logged.propensity > 0]
    if counting == "carried" or not sample.n_exams or np.isnan(risk).any():
        return None
    residual = sample.found - sample.risk
    excess = sample.weight - 1
    known = float(sample.found.sum())
    unseen = float(risk.sum() - sample.risk.sum() + (excess * residual).sum())
    variance = float((sample.weight * excess * residual**2).sum())
    largest = float(sample.weight.max())
    lower = Moments(max(unseen, 0.0) if sample.found.any() else 0.0, variance)
    upper = Moments(max(unseen, 0.0) + largest - 1, variance + largest * (largest - 1))
    bounds = gamma_interval(lower, upper, level)
    return max(known, known + unseen), Interval(known + bounds.low, known + bounds.high)


def plain_width(sample: Sample, total: float, level: float = LEVEL) -> float:
    """Give the width that a plain random sample with as many exams by chance would have had.

    Parameters
    ----------
    sample : Sample
        What was drawn.
    total : float
        The estimated total, which the plain sample would have met in proportion.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    float
        Width in items, for a draw of equal probability from all the items.
    """
    weight = max(1.0, sample.n_items / max(1, sample.n_exams))
    finds = total / weight
    lower = Moments(finds * (weight - 1), finds * weight * (weight - 1))
    upper = Moments((finds + 1) * (weight - 1), (finds + 1) * weight * (weight - 1))
    low, high = gamma_interval(lower, upper, level)
    return high - low
