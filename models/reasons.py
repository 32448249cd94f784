"""Reasons: what moved a risk, in an inspector's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from features.errors import UnknownCode

Direction = Literal["raises", "lowers"]
Strength = Literal["strong", "moderate", "slight"]

STRONG_LOG_ODDS = 1.0
"""From here a reason is strong: it multiplies the odds of a find by 2.7 or more."""

MODERATE_LOG_ODDS = 0.3
"""From here a reason is moderate: it multiplies the odds by 1.35 or more."""

_NOTHING = 1e-6


class Wording(Protocol):
    """The two sentences of a reason code."""

    @property
    def raises(self) -> str:
        """What to say when it raises the risk."""

    @property
    def lowers(self) -> str:
        """What to say when it lowers the risk."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a risk.

    Parameters
    ----------
    code : str
        Stable name of the reason.
    text : str
        What an inspector reads.
    direction : {"raises", "lowers"}
        Whether it speaks for a find or against.
    strength : {"strong", "moderate", "slight"}
        How far it moves the odds; the figure itself is not for inspectors.
    """

    code: str
    text: str
    direction: Direction
    strength: Strength


ABSENT = "absent"
"""Code of the reason that stands for everything an item does not have."""


class ReasonBook:
    """Turns contributions of features into reasons.

    Several features may share a code (counts over four windows are one reason); their
    contributions are added before anything is judged, so that a reason is neither split
    nor listed twice. A code whose features are all missing in a row says nothing of its own
    subject (a shipment has no plate): what such codes move is one reason, `ABSENT`.

    Parameters
    ----------
    codes : sequence of str
        The reason code of each column of X, in order.
    wordings : Mapping of str to Wording
        Reason code to its sentences, `ABSENT` included.

    Raises
    ------
    UnknownCode
        If a column's code has no wording.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> class Words(NamedTuple):
    ...     raises: str
    ...     lowers: str
    >>> words = {"hour": Words("unusual hour", "usual hour"), "value": Words("high", "low"),
    ...          "absent": Words("left out", "complete")}
    >>> book = ReasonBook(["hour", "value", "hour"], words)
    >>> row, contributions = np.array([[7.0, np.nan, 7.0]]), np.array([[0.7, -0.2, 0.4, -3.0]])
    >>> [reason.text for reason in book.explain(contributions, row)[0]]
    ['unusual hour', 'complete']
    """

    def __init__(self, codes: Sequence[str], wordings: Mapping[str, Wording]) -> None:
        own_codes = tuple(dict.fromkeys(codes))
        self._codes = (*own_codes, ABSENT)
        for code in self._codes:
            if code not in wordings:
                raise UnknownCode(f"reason {code!r} has no wording; add it", field=code)
        self._wordings = wordings
        self._groups = np.array([[code == own for own in own_codes] for code in codes], float)

    def explain(
        self, contributions: NDArray[np.float64], X: NDArray[np.floating], n: int = 5
    ) -> list[tuple[Reason, ...]]:
        """Give the reasons for each row, the strongest first.

        Parameters
        ----------
        contributions : ndarray of float64, shape (rows, f + 1)
            From `RiskModel.contributions`, log-odds; the last column (the base) is left out.
        X : ndarray of float, shape (rows, f)
            The rows themselves; NaN where a value is missing.
        n : int
            How many reasons to give at most.

        Returns
        -------
        list of tuple of Reason
            Per row; reasons that move nothing are left out, equal ones keep their columns' order.
        """
        own = contributions[:, :-1] @ self._groups
        given = ~np.isnan(X) @ self._groups > 0
        absent = np.where(given, 0.0, own).sum(axis=1, keepdims=True)
        grouped = np.hstack([np.where(given, own, 0.0), absent])
        order = np.argsort(-np.abs(grouped), axis=1, kind="stable")[:, :n]
        return [
            tuple(self._reason(k, row[k]) for k in best if abs(row[k]) > _NOTHING)
            for row, best in zip(grouped.tolist(), order.tolist(), strict=True)
        ]

    def _reason(self, group: int, log_odds: float) -> Reason:
        code = self._codes[group]
        wording = self._wordings[code]
        if log_odds > 0:
            return Reason(code, wording.raises, "raises", strength(log_odds))
        return Reason(code, wording.lowers, "lowers", strength(log_odds))


def strength(log_odds: float) -> Strength:
    """Name how far a contribution moves the odds.

    Parameters
    ----------
    log_odds : float
        The contribution, of either sign.

    Returns
    -------
    {"strong", "moderate", "slight"}
        Its band.

    Examples
    --------
    >>> strength(-1.2), strength(0.3), strength(0.1)
    ('strong', 'moderate', 'slight')
    """
    if abs(log_odds) >= STRONG_LOG_ODDS:
        return "strong"
    return "moderate" if abs(log_odds) >= MODERATE_LOG_ODDS else "slight"
