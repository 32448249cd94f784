"""Taking turns at a store with one writer: first come, first served."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from service.store.file import StoreUnavailable


class Turns:
    """A lock that goes to whoever has waited longest.

    SQLite lets writers poll for its one lock, so that a busy one can keep the others out for
    seconds; within one process they queue up here instead.

    Parameters
    ----------
    most_seconds : float
        How long a writer waits.
    """

    def __init__(self, most_seconds: float) -> None:
        self._most_seconds = most_seconds
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn, and pass it on at the end of the block.

        Yields
        ------
        None
            Nobody else has the turn meanwhile.

        Raises
        ------
        StoreUnavailable
            If it did not come in time.
        """
        self._wait()
        try:
            yield
        finally:
            self._pass_on()

    def _wait(self) -> None:
        called = threading.Event()
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(called)
        if called.wait(self._most_seconds):
            return
        with self._guard:
            # the turn may have come between the two locks
            if called.is_set():
                return
            self._waiting.remove(called)
        raise StoreUnavailable(
            "the store is busy with other writes; send it again",
            reason=f"no turn to write within {self._most_seconds:g} seconds",
        )

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
