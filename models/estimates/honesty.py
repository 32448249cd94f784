"""Do intervals contain the hidden truth as often as they say? Counted, not believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from scipy.stats import binom

from models.estimates.intervals import LEVEL, Interval, clopper_pearson, holm


class Trial(NamedTuple):
    """One interval for one port, and the truth that it should contain.

    Parameters
    ----------
    port : str
        The port.
    interval : Interval
        What was stated.
    truth : float
        What was hidden, in the same unit.
    """

    port: str
    interval: Interval
    truth: float

    @property
    def covered(self) -> bool:
        """Whether the interval contains the truth, up to rounding."""
        slack = 1e-9 * max(1.0, abs(self.truth))
        return bool(self.interval.low - slack <= self.truth <= self.interval.high + slack)


@dataclass(frozen=True)
class Coverage:
    """How often intervals contained the truth.

    Parameters
    ----------
    n, n_covered : int
        Trials, and those whose interval contained the truth.
    n_too_low, n_too_high : int
        Trials whose interval lay wholly below the truth, and wholly above it.
    interval : Interval
        Clopper and Pearson's interval of the share that is covered.
    """

    n: int
    n_covered: int
    n_too_low: int
    n_too_high: int
    interval: Interval

    @property
    def share(self) -> float:
        """Share of trials that are covered."""
        return self.n_covered / self.n if self.n else float("nan")


@dataclass(frozen=True)
class Honesty:
    """Coverage over all ports and in each.

    Parameters
    ----------
    level : float
        Confidence that the intervals claim.
    pooled : Coverage
        All trials.
    ports : dict of str to Coverage
        By port.
    p_values : dict of str to float
        How surprising a port's count would be if its intervals covered at the level or more
        (exact binomial test), after Holm's correction over ports.
    """

    level: float
    pooled: Coverage
    ports: dict[str, Coverage]
    p_values: dict[str, float]

    def dishonest_ports(self, significance: float = 0.05) -> list[str]:
        """List the ports whose intervals cover less often than they claim.

        Parameters
        ----------
        significance : float
            Share of honest sets of intervals in which some port may be listed by accident.

        Returns
        -------
        list of str
            Ports with a corrected p-value below the significance.
        """
        return [port for port, p_value in self.p_values.items() if p_value < significance]


def honesty(trials: Iterable[Trial], level: float = LEVEL) -> Honesty:
    """Count how often stated intervals contain the truth.

    Parameters
    ----------
    trials : iterable of Trial
        Independent trials; of one port as many as there are worlds.
    level : float
        Confidence that the intervals claim, 0 to 1.

    Returns
    -------
    Honesty
        Counts over all and by port.

    Examples
    --------
    >>> told = honesty([Trial("2304", Interval(1, 3), 2), Trial("2304", Interval(1, 3), 4)])
    >>> told.pooled.n_covered, told.pooled.n_too_low
    (1, 1)
    """
    by_port: dict[str, list[Trial]] = {}
    for trial in trials:
        by_port.setdefault(trial.port, []).append(trial)
    ports = {port: _coverage(by_port[port]) for port in sorted(by_port)}
    surprise = [float(binom.cdf(each.n_covered, each.n, level)) for each in ports.values()]
    return Honesty(
        level=level,
        pooled=_coverage([trial for each in by_port.values() for trial in each]),
        ports=ports,
        p_values=dict(zip(ports, holm(surprise), strict=True)),
    )


def _coverage(trials: list[Trial]) -> Coverage:
    n_covered = sum(1 for trial in trials if trial.covered)
    n_too_low = sum(
        1 for trial in trials if not trial.covered and trial.interval.high < trial.truth
    )
    return Coverage(
        n=len(trials),
        n_covered=n_covered,
        n_too_low=n_too_low,
        n_too_high=len(trials) - n_covered - n_too_low,
        interval=clopper_pearson(n_covered, len(trials)),
    )
