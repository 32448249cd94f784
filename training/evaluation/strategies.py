"""What is compared over a year: how much is left to chance, and what is learned from."""

from dataclasses import dataclass
from typing import Literal

from models.policy.plan import Settings

Sees = Literal["nothing", "rules", "findings", "truth"]
Memory = Literal["all", "recent", "both"]

LEAST_SHARE, MOST_SHARE = 0.05, 0.20
_FALL, _GROWTH, _DECAY = 0.6, 2.0, 0.8


@dataclass(frozen=True)
class Strategy:
    """One way of spending the same minutes.

    Parameters
    ----------
    name : str
        What the tables call it.
    exploration_share : float
        Share of the minutes that chance draws with.
    sees : {"nothing", "rules", "findings", "truth"}
        What the ranking comes from: nothing, the rules and lookouts of the legacy policy, a model
        of what exams found, or a model of what every item carried.
    memory : {"all", "recent", "both"}
        Weeks that the model is fitted on; `both` averages the log-odds of the two.
    adapts : bool
        Whether the share of chance follows how the choice by risk fares.
    """

    name: str
    exploration_share: float
    sees: Sees
    memory: Memory = "both"
    adapts: bool = False

    def settings(self, share: float) -> Settings:
        """Say how a plan divides its minutes.

        Parameters
        ----------
        share : float
            Share for chance now.

        Returns
        -------
        Settings
            Without a floor: shares are what is compared.
        """
        uniform = 1.0 if self.sees == "nothing" else 0.5
        return Settings(exploration_share=share, floor=0.0, uniform_share=uniform)


def adapted_share(share: float, recent: float, usual: float) -> float:
    """Move the share of chance by how the choice by risk fares.

    Parameters
    ----------
    share : float
        Share now.
    recent, usual : float
        Hit rate of the choice by risk over the last four weeks, and over the sixteen before.

    Returns
    -------
    float
        Twice the share if the hit rate fell below 0.6 of what was usual, 0.8 of it if not;
        between `LEAST_SHARE` and `MOST_SHARE`.

    Examples
    --------
    >>> adapted_share(0.1, 0.01, 0.04), adapted_share(0.1, 0.04, 0.04)
    (0.2, 0.08)
    """
    factor = _GROWTH if recent < _FALL * usual else _DECAY
    return round(min(MOST_SHARE, max(LEAST_SHARE, share * factor)), 12)


RANDOM, LEGACY, GREEDY, CEILING = "random", "legacy", "greedy", "ceiling"

STRATEGIES = (
    Strategy(RANDOM, 1.0, "nothing"),
    Strategy(LEGACY, 0.0, "rules"),
    Strategy(GREEDY, 0.0, "findings"),
    Strategy("explore 5%", 0.05, "findings"),
    Strategy("explore 10%", 0.10, "findings"),
    Strategy("explore 20%", 0.20, "findings"),
    Strategy("adaptive", 0.10, "findings", adapts=True),
    Strategy("explore 10%, all history", 0.10, "findings", "all"),
    Strategy("explore 10%, recent weeks", 0.10, "findings", "recent"),
    Strategy(CEILING, 0.0, "truth"),
)
"""All; legacy ranks by rule score, the ceiling is the same learner with every label."""
