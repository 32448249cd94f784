"""Reasons: what moved a risk, in an inspector's words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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

OTHER = "other"
"""Code of what moves the risk and has no words that would be true."""

_NOTHING = 1e-6


class Wording(Protocol):
    """The sentences of a reason code, and of which items they are true."""

    @property
    def raises(self) -> str:
        """What to say when it raises the risk."""

    @property
    def lowers(self) -> str:
        """What to say when it lowers the risk."""

    @property
    def kinds(self) -> Collection[str]:
        """Kinds of items that have its subject at all."""

    @property
    def evidence(self) -> Collection[str]:
        """Columns of which one must be above 0 for the sentences to hold; may be none."""

    @property
    def empty(self) -> str | None:
        """The code that speaks instead where the evidence is missing."""

    @property
    def field(self) -> str | None:
        """The optional field that it speaks of."""


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


class ReasonBook:
    """Turns contributions of features into reasons that are true of the row they are given for.

    Several features may share a code (counts over four windows are one reason); their
    contributions are added before anything is judged, so that a reason is neither split
    nor listed twice. What a code moves is said in its own words only where they hold:

    - where the evidence that they ask for is missing, the code `empty` speaks instead;
    - where the item lacks the field, `no_` and the field's name does;
    - where the item is of a kind that has no such thing, `is_` and its kind does;
    - what is missing for any other reason (history that could not be read) goes to `OTHER`,
      which is counted and never said.

    Parameters
    ----------
    columns : Mapping of str to str
        Each column of X to its reason code, in order.
    wordings : Mapping of str to Wording
        Reason code to its sentences, those that speak instead included.

    Raises
    ------
    UnknownCode
        If a code has no wording, or evidence is no column.

    Examples
    --------
    >>> from typing import NamedTuple
    >>> class Words(NamedTuple):
    ...     raises: str
    ...     lowers: str
    ...     kinds: tuple[str, ...] = ("van", "box")
    ...     evidence: tuple[str, ...] = ()
    ...     empty: str | None = None
    ...     field: str | None = None
    >>> words = {"hour": Words("unusual hour", "usual hour"),
    ...          "plate": Words("seen at odd times", "seen as usual", ("van",)),
    ...          "is_van": Words("is a van", "is a van"), "is_box": Words("is a box", "is a box")}
    >>> book = ReasonBook({"hour": "hour", "day": "hour", "n_seen": "plate"}, words)
    >>> row, moved = np.array([[7.0, 1.0, np.nan]]), np.array([[0.7, 0.2, -0.4, -3.0]])
    >>> [reason.text for reason in book.explain(moved, row, ["box"], [[]])[0]]
    ['unusual hour', 'is a box']
    """

    def __init__(self, columns: Mapping[str, str], wordings: Mapping[str, Wording]) -> None:
        own = list(dict.fromkeys(columns.values()))
        words = [_worded(code, wordings) for code in own]
        kinds = list(dict.fromkeys(kind for each in words for kind in each.kinds))
        instead = [each.empty for each in words if each.empty is not None]
        lacking = [f"no_{each.field}" for each in words if each.field is not None]
        self._codes = list(dict.fromkeys([*own, *instead, *lacking, *map(_is, kinds), OTHER]))
        self._wordings = {code: _worded(code, wordings) for code in self._codes[:-1]}
        self._at = {code: place for place, code in enumerate(self._codes)}
        self._own = len(own)
        self._groups = _links(columns.values(), own)
        self._evidence = _links_of_evidence(list(columns), words)
        self._asks = self._evidence.any(axis=0)
        self._of_kind = {kind: np.array([kind in each.kinds for each in words]) for kind in kinds}
        self._empty = _links([each.empty or OTHER for each in words], self._codes)
        self._no_field = _links([f"no_{each.field}" for each in words], self._codes)
        self._fields = {
            each.field: np.array([other.field == each.field for other in words])
            for each in words
            if each.field is not None
        }

    @property
    def codes(self) -> Sequence[str]:
        """The codes of the columns of `sums`, `OTHER` last."""
        return tuple(self._codes)

    def sums(
        self,
        contributions: NDArray[np.float64],
        X: NDArray[np.floating],
        kinds: Sequence[str],
        missing: Sequence[Collection[str]],
    ) -> NDArray[np.float64]:
        """Add up what each code moves, every contribution under a code that is true of its row.

        Parameters
        ----------
        contributions : ndarray of float64, shape (rows, f + 1)
            From `RiskModel.contributions`, log-odds; the last column (the base) is left out.
        X : ndarray of float, shape (rows, f)
            The rows themselves; NaN where a value is missing.
        kinds : sequence of str
            Kind of the item of each row.
        missing : sequence of collection of str
            Optional fields that each item lacks.

        Returns
        -------
        ndarray of float64, shape (rows, c)
            Log-odds per code of `codes`; each row adds up to its contributions.
        """
        own = contributions[:, :-1] @ self._groups
        given = ~np.isnan(X) @ self._groups > 0
        empty = given & self._asks & ((X > 0) @ self._evidence == 0)
        fits = np.array([self._of_kind[kind] for kind in kinds], dtype=np.bool_).reshape(own.shape)
        lacks = ~given & fits & self._lacking(missing, own.shape)
        spoken = given & fits & ~empty
        silent = fits & empty
        sums = np.where(silent, own, 0.0) @ self._empty + np.where(lacks, own, 0.0) @ self._no_field
        sums[:, : self._own] += np.where(spoken, own, 0.0)
        foreign = np.where(~given & ~fits, own, 0.0).sum(axis=1)
        of_kind = np.array([self._at[_is(kind)] for kind in kinds], dtype=np.int64)
        sums[np.arange(len(own)), of_kind] += foreign
        sums[:, -1] += np.where(spoken | silent | lacks | (~given & ~fits), 0.0, own).sum(axis=1)
        return sums

    def explain(
        self,
        contributions: NDArray[np.float64],
        X: NDArray[np.floating],
        kinds: Sequence[str],
        missing: Sequence[Collection[str]],
        n: int = 5,
    ) -> list[tuple[Reason, ...]]:
        """Give the reasons for each row, the strongest first.

        Parameters
        ----------
        contributions, X, kinds, missing : see `sums`
            What moved the risk, and of what.
        n : int
            How many reasons to give at most.

        Returns
        -------
        list of tuple of Reason
            Per row; reasons that move nothing are left out, equal ones keep their columns' order.
        """
        said = self.sums(contributions, X, kinds, missing)[:, :-1]
        order = np.argsort(-np.abs(said), axis=1, kind="stable")[:, :n]
        best = np.take_along_axis(said, order, axis=1)
        return [
            tuple(
                self._reason(k, moved)
                for k, moved in zip(places, row, strict=True)
                if abs(moved) > _NOTHING
            )
            for row, places in zip(best.tolist(), order.tolist(), strict=True)
        ]

    def _lacking(
        self, missing: Sequence[Collection[str]], shape: tuple[int, ...]
    ) -> NDArray[np.bool_]:
        lacking = np.zeros(shape, dtype=np.bool_)
        for row, fields in enumerate(missing):
            for name in fields:
                if name in self._fields:
                    lacking[row] |= self._fields[name]
        return lacking

    def _reason(self, place: int, log_odds: float) -> Reason:
        code = self._codes[place]
        wording = self._wordings[code]
        if log_odds > 0:
            return Reason(code, wording.raises, "raises", strength(log_odds))
        return Reason(code, wording.lowers, "lowers", strength(log_odds))


def _is(kind: str) -> str:
    return f"is_{kind}"


def _worded(code: str, wordings: Mapping[str, Wording]) -> Wording:
    if code not in wordings:
        raise UnknownCode(f"reason {code!r} has no wording; add it", field=code)
    return wordings[code]


def _links(codes: Iterable[str], among: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[code == other for other in among] for code in codes], float)


def _links_of_evidence(names: Sequence[str], words: Sequence[Wording]) -> NDArray[np.float64]:
    for name in (name for each in words for name in each.evidence):
        if name not in names:
            raise UnknownCode(f"evidence {name!r} is no feature; name one", field=name)
    return np.array([[name in each.evidence for each in words] for name in names], float)


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
