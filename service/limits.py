"""How fast one key may call: a bucket of tokens each, in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from time import monotonic

from features.errors import WeirError

BURST_SECONDS = 10.0
"""How many seconds' worth of requests may come at once."""

MOST_BUCKETS = 10_000


class TooManyRequests(WeirError):  # noqa: N818 - what the caller sees
    """A key that calls faster than it may.

    Parameters
    ----------
    detail : str
        What is wrong and what to do.
    wait_seconds : int
        When to try again.
    """

    def __init__(self, detail: str, wait_seconds: int) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(wait_seconds)}


class Limits:
    """Token buckets of one process, the least recently used ones forgotten.

    Parameters
    ----------
    timer : callable, optional
        Gives seconds that never go back.
    """

    def __init__(self, timer: Callable[[], float] = monotonic) -> None:
        self._timer = timer
        self._guard = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, per_second: float) -> None:
        """Take one token.

        Parameters
        ----------
        name : str
            Whose bucket; a new one is full.
        per_second : float
            How fast it fills up, to at most `BURST_SECONDS` times that.

        Raises
        ------
        TooManyRequests
            If it is empty; says how long to wait.
        """
        most = per_second * BURST_SECONDS
        with self._guard:
            now = self._timer()
            left, since = self._buckets.pop(name, (most, now))
            left = min(most, left + (now - since) * per_second)
            allowed = left >= 1
            self._buckets[name] = (left - 1 if allowed else left, now)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
        if not allowed:
            raise TooManyRequests(
                f"this key may send {per_second:g} requests a second; slow down",
                ceil((1 - left) / per_second),
            )
