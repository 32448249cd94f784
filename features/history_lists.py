"""History fetched key by key, as the service's store answers, laid out for the sums."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from features.encoding import PORTS, Integers
from features.history import (
    KINDS,
    SIGNAL_KINDS,
    EntityHistory,
    KeyedItem,
    PastItem,
    PastResult,
    PastSignal,
)
from features.history_logs import (
    NEVER,
    Asked,
    Bounds,
    Codes,
    ItemLog,
    KindLogs,
    ResultLog,
    SignalLog,
)

_SIGNAL_CODES = {kind: code for code, kind in enumerate(SIGNAL_KINDS)}
_KIND_CODES = {kind: code for code, kind in enumerate(KINDS)}
_OWN = -1
"""Code of the item in question; a source leaves it out, so no entry has it."""
_OTHER = 0


class Names:
    """Numbers names in the order in which they come; -1 for none."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {}
        self.spellings: list[str] = []

    def number(self, name: str) -> int:
        """Give the number of a name.

        Parameters
        ----------
        name : str
            The name.

        Returns
        -------
        int
            The same for the same name.
        """
        code = self.codes.setdefault(name, len(self.spellings))
        if code == len(self.spellings):
            self.spellings.append(name)
        return code

    def numbered(self, names: Iterable[str | None]) -> list[int]:
        """Give the numbers of names.

        Parameters
        ----------
        names : iterable of str or None
            The names, in order.

        Returns
        -------
        list of int
            One per name, the same for the same name; -1 for None.
        """
        return [-1 if name is None else self.number(name) for name in names]


def _bounds(widths: Sequence[int]) -> Bounds:
    edges = np.array([0, *accumulate(widths)], dtype=np.int64)
    return Bounds(edges[:-1], edges[1:])


def _columns(entries: Sequence[tuple[Any, ...]], width: int) -> Sequence[Sequence[Any]]:
    return list(zip(*entries, strict=True)) if entries else [()] * width


def _integers(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)


def _codes(values: Sequence[int]) -> Codes:
    return np.array(values, dtype=np.int32)


def _others(n_entries: int) -> Codes:
    return np.full(n_entries, _OTHER, dtype=np.int32)


def _item_log(answers: Sequence[EntityHistory], partners: Names) -> ItemLog:
    entries = [entry for answer in answers for entry in reversed(answer.items)]
    known_at, _, value, near, port, partner = _columns(entries, len(PastItem._fields))
    return ItemLog(
        _bounds([len(answer.items) for answer in answers]),
        _integers(known_at),
        _integers(value),
        _codes(near),
        _codes([PORTS[code] for code in port]),
        _codes(partners.numbered(partner)),
        _others(len(entries)),
    )


def _result_log(answers: Sequence[EntityHistory]) -> ResultLog:
    entries = [entry for answer in answers for entry in reversed(answer.results)]
    recorded_at, _, find, clear, skip = _columns(entries, len(PastResult._fields))
    return ResultLog(
        _bounds([len(answer.results) for answer in answers]),
        _integers(recorded_at),
        _codes(find),
        _codes(clear),
        _codes(skip),
        _others(len(entries)),
    )


def _signal_log(answers: Sequence[EntityHistory]) -> SignalLog:
    entries = [entry for answer in answers for entry in reversed(answer.signals)]
    known_at, _, kind, expires_at, strength, agency, detail = _columns(
        entries, len(PastSignal._fields)
    )
    return SignalLog(
        _bounds([len(answer.signals) for answer in answers]),
        _integers(known_at),
        _integers([NEVER if moment is None else moment for moment in expires_at]),
        _integers(strength),
        _codes([_SIGNAL_CODES[each] for each in kind]),
        _codes(Names().numbered(agency)),
        _codes(Names().numbered(detail)),
    )


def lay_out(answers: Sequence[EntityHistory], partners: Names) -> KindLogs:
    """Lay n answers out as logs of n keys.

    Parameters
    ----------
    answers : sequence of EntityHistory
        Newest first.
    partners : Names
        Numbers the partners that they name.

    Returns
    -------
    KindLogs
        Key number k holds answer number k, oldest first.
    """
    return KindLogs(_item_log(answers, partners), _result_log(answers), _signal_log(answers))


def questions(keyed: Sequence[Sequence[KeyedItem]]) -> Asked:
    """Ask for every key of every item, in order.

    Parameters
    ----------
    keyed : sequence of sequence of KeyedItem
        Per item of the matrix, its keys with what it adds to their history.

    Returns
    -------
    Asked
        Question number k is about key number k.
    """
    flat = [(row, each) for row, keys in enumerate(keyed) for each in keys]
    return Asked(
        _integers([row for row, _ in flat]),
        _codes([_KIND_CODES[each.kind] for _, each in flat]),
        np.arange(len(flat), dtype=np.int64),
        _integers([each.entry.known_at for _, each in flat]),
        np.full(len(flat), _OWN, dtype=np.int32),
        _codes([PORTS[each.entry.port] for _, each in flat]),
    )


def renumbered(linked: Integers) -> tuple[npt.NDArray[np.bool_], Integers]:
    """Give found parties numbers, in the order in which they are to be fetched.

    Parameters
    ----------
    linked : array of int, shape (n, MOST_LINKED)
        Codes of parties, -1 for none.

    Returns
    -------
    there : array of bool, shape (n, MOST_LINKED)
        Where there is one.
    positions : array of int, shape (n, MOST_LINKED)
        0, 1, 2 and so on where there is one, else -1.
    """
    there = linked >= 0
    positions = np.where(there, np.cumsum(there.ravel()).reshape(there.shape) - 1, -1)
    return there, positions.astype(np.int64)
