"""Micro-batches: requests that arrive together share one run, and one commit."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, NamedTuple, TypeVar

from features.errors import WeirError

MOST_ITEMS = 500
"""Items in one run, unless a single job holds more."""

Job = TypeVar("Job")
Answer = TypeVar("Answer")


class Overloaded(WeirError):  # noqa: N818 - what the caller sees
    """More is waiting than will be answered in good time; nothing of the request was kept."""


class _Waiting(NamedTuple, Generic[Job, Answer]):
    job: Job
    keys: frozenset[str]
    future: "Future[Answer] | asyncio.Future[Answer]"

    def begins(self) -> bool:
        """Tell whether anybody still waits; from now on nobody can cancel it."""
        if isinstance(self.future, asyncio.Future):
            return not self.future.cancelled()
        return self.future.set_running_or_notify_cancel()


class _Landed(NamedTuple, Generic[Answer]):
    future: "Future[Answer] | asyncio.Future[Answer]"
    answer: Answer | Exception


def _settle(landed: "Sequence[_Landed[Answer]]") -> None:
    for future, answer in landed:
        if future.cancelled():
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


class Batcher(Generic[Job, Answer]):
    """Gathers jobs while the previous run is busy, and runs them together.

    Nothing waits on a timer: an idle server runs a single job at once, a busy one runs
    whatever has queued up meanwhile.

    Parameters
    ----------
    run : callable
        Takes the jobs of one run and gives an answer or an error for each, in order. What
        it raises goes to all of them.
    most_waiting : int
        Items that may wait; more are refused.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Job]], Sequence[Answer | WeirError]],
        most_waiting: int,
    ) -> None:
        self._run = run
        self._most_waiting = most_waiting
        self._waiting: deque[_Waiting[Job, Answer]] = deque()
        self._n_items = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="weir-batches", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def submit(self, job: Job, keys: frozenset[str]) -> "Future[Answer]":
        """Queue a job.

        Parameters
        ----------
        job : Job
            What to run.
        keys : frozenset of str
            Items that it touches; jobs that share one never share a run.

        Returns
        -------
        concurrent.futures.Future
            Its answer, or its error.

        Raises
        ------
        Overloaded
            If too much is waiting, or the server is stopping.
        """
        future: Future[Answer] = Future()
        self._queue(_Waiting(job, keys, future))
        return future

    async def answer(self, job: Job, keys: frozenset[str]) -> Answer:
        """Queue a job and wait for its answer, in an event loop.

        The loop is woken once for all answers of a run, not once for each.

        Parameters
        ----------
        job : Job
            What to run.
        keys : frozenset of str
            Items that it touches.

        Returns
        -------
        Answer
            What the run gave.

        Raises
        ------
        Overloaded
            If too much is waiting, or the server is stopping.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue(_Waiting(job, keys, future))
        return await future

    def _queue(self, waiting: _Waiting[Job, Answer]) -> None:
        n_items = len(waiting.keys)
        with self._changed:
            if self._closed:
                raise Overloaded("the server is stopping; send it again to another one")
            if self._n_items + n_items > self._most_waiting:
                raise Overloaded("too many items are waiting; send it again in a moment")
            self._waiting.append(waiting)
            self._n_items += n_items
            self._changed.notify()

    def close(self) -> None:
        """Refuse new jobs, answer those that wait, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join()

    def _take(self) -> list[_Waiting[Job, Answer]]:
        taken: list[_Waiting[Job, Answer]] = []
        seen: set[str] = set()
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            while self._waiting:
                keys = self._waiting[0].keys
                if taken and (len(seen) + len(keys) > MOST_ITEMS or seen & keys):
                    break
                taken.append(self._waiting.popleft())
                seen |= keys
                self._n_items -= len(keys)
        return [each for each in taken if each.begins()]

    def _work(self) -> None:
        while True:
            taken = self._take()
            if taken:
                self._answer(taken)
            elif self._closed and not self._waiting:
                return

    def _answer(self, taken: Sequence[_Waiting[Job, Answer]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = self._run([each.job for each in taken])
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits, not swallowed
            answers = [error] * len(taken)
        loops: dict[asyncio.AbstractEventLoop | None, list[_Landed[Answer]]] = {}
        for each, answer in zip(taken, answers, strict=True):
            future = each.future
            loop = future.get_loop() if isinstance(future, asyncio.Future) else None
            loops.setdefault(loop, []).append(_Landed(future, answer))
        for loop, landed in loops.items():
            if loop is None:
                _settle(landed)
            elif not loop.is_closed():
                loop.call_soon_threadsafe(_settle, landed)
