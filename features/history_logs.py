"""History as arrays: logs of keys, and the questions put to them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from features.encoding import Integers

Codes = npt.NDArray[np.int32]


class Bounds(NamedTuple):
    """Where the entries of each of k keys lie in a log.

    Parameters
    ----------
    first, end : array of int, shape (k,)
        Entries `[first, end)`, oldest first.
    """

    first: Integers
    end: Integers


class ItemLog(NamedTuple):
    """Past items of keys of one kind, ordered by key, then `(known_at, item_id)`.

    Parameters
    ----------
    bounds : Bounds
        Where each key's entries lie.
    known_at, value_cents : array of int, shape (m,)
        Microseconds since the epoch, US cents.
    just_under, port : array of int, shape (m,)
        1 if the item declared a value just under the threshold; code of the port.
    partner : array of int, shape (m,)
        Code of the partner, -1 for none.
    item : array of int, shape (m,)
        Code of the item.
    """

    bounds: Bounds
    known_at: Integers
    value_cents: Integers
    just_under: Codes
    port: Codes
    partner: Codes
    item: Codes


class ResultLog(NamedTuple):
    """Past results of keys of one kind, ordered by key, then `(recorded_at, inspection_id)`.

    Parameters
    ----------
    bounds : Bounds
        Where each key's entries lie.
    recorded_at : array of int, shape (m,)
        Microseconds since the epoch.
    find, clear, skip, item : array of int, shape (m,)
        What each adds to the counts, and the code of its item.
    """

    bounds: Bounds
    recorded_at: Integers
    find: Codes
    clear: Codes
    skip: Codes
    item: Codes


class SignalLog(NamedTuple):
    """Signals about keys of one kind, ordered by key, then `(known_at, signal_id)`.

    Parameters
    ----------
    bounds : Bounds
        Where each key's entries lie.
    known_at, expires_at : array of int, shape (m,)
        Microseconds since the epoch; `NEVER` for a signal that does not expire.
    strength : array of int, shape (m,)
        Millionths.
    kind, agency, detail : array of int, shape (m,)
        Codes; -1 for no detail.
    """

    bounds: Bounds
    known_at: Integers
    expires_at: Integers
    strength: Integers
    kind: Codes
    agency: Codes
    detail: Codes


NEVER = np.iinfo(np.int64).max


class Asked(NamedTuple):
    """Questions about n keys, each as of an item.

    Parameters
    ----------
    row : array of int, shape (n,)
        Row of the matrix that each is asked for.
    kind : array of int, shape (n,)
        Position in `features.history.KINDS`.
    key : array of int, shape (n,)
        Position of the key in the bounds of the log.
    as_of : array of int, shape (n,)
        Microseconds since the epoch.
    item, port : array of int, shape (n,)
        Code of the item, which is not part of its own history, and of its port.
    """

    row: Integers
    kind: Codes
    key: Integers
    as_of: Integers
    item: Codes
    port: Codes

    def chosen(self, which: npt.NDArray[np.bool_]) -> "Asked":
        """Keep some of the questions.

        Parameters
        ----------
        which : array of bool, shape (n,)
            Those to keep.

        Returns
        -------
        Asked
            In the same order.
        """
        return Asked(
            self.row[which],
            self.kind[which],
            self.key[which],
            self.as_of[which],
            self.item[which],
            self.port[which],
        )


@dataclass(frozen=True)
class KindLogs:
    """All that is known of keys of one kind, or of several kinds whose keys are numbered through.

    Parameters
    ----------
    items : ItemLog
        Past items.
    results : ResultLog
        Past results; empty for pairs and filing keys.
    signals : SignalLog
        Signals; empty for pairs and filing keys.
    """

    items: ItemLog
    results: ResultLog
    signals: SignalLog
