"""Places in memory for the entries of many keys, as the sums over history read them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from features.encoding import Integers
from features.history_logs import Bounds
from features.history_sums import stop_before

Column = npt.NDArray[np.int64] | npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@compiled
def _enough(  # noqa: PLR0913, PLR0917 - compiled code takes plain arguments
    first: Integers, end: Integers, moments: Integers, as_of: Integers, whole: Flags, most: int
) -> Flags:
    enough = np.empty(len(first), np.bool_)
    for n in range(len(first)):
        before = stop_before(moments, first[n], end[n], as_of[n]) - first[n]
        enough[n] = whole[n] or before >= most
    return enough


class Stretches:
    """Columns in which each of some keys has a stretch of places, and room behind for others.

    Parameters
    ----------
    n_keys : int
        Keys that have a stretch.
    width : int
        Entries of each.
    types : sequence of type
        Of the columns; the first are the moments, ascending in a stretch.
    """

    def __init__(self, n_keys: int, width: int, types: Sequence[type]) -> None:
        self._width, self._behind = width, n_keys * width
        # untouched pages of zeros take no memory
        self.columns: tuple[Column, ...] = tuple(np.zeros(self._behind, each) for each in types)
        self._n = np.zeros(n_keys, np.int64)
        self._whole = np.zeros(n_keys, np.bool_)

    def put(
        self, slot: int, columns: Sequence[Column], first: int, end: int, *, whole: bool
    ) -> None:
        """Fill a stretch.

        Parameters
        ----------
        slot : int
            Which.
        columns : sequence of array
            Where the entries are, ascending.
        first, end : int
            Entries `[first, end)`, at most `width`.
        whole : bool
            Whether these are all that the key has.
        """
        base, n = slot * self._width, end - first
        if n:
            for mine, theirs in zip(self.columns, columns, strict=True):
                mine[base : base + n] = theirs[first:end]
        self._n[slot], self._whole[slot] = n, whole

    def is_full(self, slot: int) -> bool:
        """Tell whether a stretch has no place left.

        Parameters
        ----------
        slot : int
            Which.

        Returns
        -------
        bool
            Whether `place` moves its entries.
        """
        return bool(self._n[slot] == self._width)

    def place(self, slot: int, keep: int) -> int:
        """Make a place for one entry more, the latest.

        Parameters
        ----------
        slot : int
            Which stretch.
        keep : int
            Entries that stay where it is full; they move, so that all must be written before.

        Returns
        -------
        int
            The place, for `write`.
        """
        base, n = slot * self._width, int(self._n[slot])
        if n == self._width:
            for column in self.columns:
                column[base : base + keep] = column[base + n - keep : base + n].copy()
            self._whole[slot], n = False, keep
        self._n[slot] = n + 1
        return base + n

    def write(self, places: Sequence[int], entries: Sequence[Sequence[int]]) -> None:
        """Write entries.

        Parameters
        ----------
        places : sequence of int
            From `place`, one for each.
        entries : sequence of sequence of int
            A value per column.
        """
        if places:
            values = np.array(entries, dtype=np.int64)
            for column, added in zip(self.columns, values.T, strict=True):
                column[places] = added

    def bounds(self, slots: Integers) -> Bounds:
        """Say where stretches lie.

        Parameters
        ----------
        slots : array of int, shape (k,)
            Which; a negative one is an empty stretch.

        Returns
        -------
        Bounds
            One for each.
        """
        first = np.maximum(slots, 0) * self._width
        return Bounds(first, first + np.where(slots >= 0, self._n[slots], 0))

    def enough(self, slots: Integers, as_of: Integers, most: int) -> Flags:
        """Tell which stretches answer a question in full.

        Parameters
        ----------
        slots : array of int, shape (k,)
            Which.
        as_of : array of int, shape (k,)
            Moments; what is not strictly before does not count.
        most : int
            Entries that are asked for.

        Returns
        -------
        array of bool, shape (k,)
            Whether all entries before the moment, or the latest `most` of them, are there.
        """
        first, end = self.bounds(slots)
        moments = self.columns[0].astype(np.int64, copy=False)
        return _enough(first, end, moments, as_of, self._whole[slots], most)

    def lay_behind(self, columns: Sequence[Column], bounds: Bounds, used: int) -> Bounds:
        """Put entries of other keys behind the stretches, over what was put there before.

        Parameters
        ----------
        columns : sequence of array, shape (m,)
            The entries.
        bounds : Bounds
            Where each key's lie in them.
        used : int
            Places behind that are still needed.

        Returns
        -------
        Bounds
            Where they lie now.
        """
        n, base = len(columns[0]), self._behind + used
        short = base + n - len(self.columns[0])
        if short > 0:
            self.columns = tuple(
                np.concatenate([each, np.zeros(2 * short, each.dtype)]) for each in self.columns
            )
        for mine, theirs in zip(self.columns, columns, strict=True):
            mine[base : base + n] = theirs
        return Bounds(bounds.first + base, bounds.end + base)
