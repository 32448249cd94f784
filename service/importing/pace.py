"""How many rows go into one transaction, so that nobody waits long for the store."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LONGEST_SECONDS = 0.3
"""Time that a transaction should take; on SQLite every other writer waits meanwhile."""

PAUSE_SECONDS = 0.12
"""SQLite's waiting writers look again every 0.1 seconds; a pause lets each of them in once."""

_FIRST_ROWS, _FEWEST_ROWS, _MOST_ROWS = 100, 10, 2_000
_MOST_GROWTH = 2.0


class Pace:
    """Learns from each transaction how many rows the next one may hold.

    Parameters
    ----------
    pause : float
        Seconds between two transactions.
    clock : callable
        Gives seconds that only grow.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(
        self,
        pause: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.n_rows = _FIRST_ROWS
        self._pause, self._clock, self._sleep = pause, clock, sleep
        self._ended_at = clock() - pause

    @contextmanager
    def transaction(self, n_rows: int) -> Iterator[None]:
        """Wait until others had their turn, then time what is done.

        Parameters
        ----------
        n_rows : int
            Rows that it holds.

        Yields
        ------
        None
            The block is one transaction.
        """
        rest = self._ended_at + self._pause - self._clock()
        if rest > 0:
            self._sleep(rest)
        started_at = self._clock()
        yield
        self._ended_at = self._clock()
        self._learn(n_rows, self._ended_at - started_at)

    def _learn(self, n_rows: int, seconds: float) -> None:
        fitting = n_rows * LONGEST_SECONDS / max(seconds, 1e-6)
        allowed = min(fitting, n_rows * _MOST_GROWTH, _MOST_ROWS)
        self.n_rows = max(_FEWEST_ROWS, int(allowed))
