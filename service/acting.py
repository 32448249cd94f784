"""Acts of people and agencies: several share one commit, each is done whole or not at all."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from itertools import count
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

from features.errors import WeirError
from service.batching import Batcher
from service.clock import Clock
from service.store.chain import Act, append, lock_chain
from service.store.engine import Store, StoreConflict, StoreUnavailable, savepoint
from service.store.probe import Writes

MOST_WAITING = 1_000
"""Acts that may wait in one lane."""

MOST_TRIES = 4
"""How often a run is tried when other writers are faster."""

Reply = dict[str, Any]


class Done(NamedTuple):
    """What an act replies, and the rows that it adds to the audit."""

    reply: Reply
    acts: Sequence[Act] = ()


Deed = Callable[[Connection, datetime], Done]
"""Does one act in a transaction as of a moment; raises a `WeirError` where it must not be done."""


def together(deeds: Mapping[str, Deed]) -> Deed:
    """Make one act of several.

    Parameters
    ----------
    deeds : mapping of str to callable
        What to do, in order, each under a name.

    Returns
    -------
    callable
        The act; its reply holds each reply under its name. If one must not be done, none is.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        done = {name: each(connection, now) for name, each in deeds.items()}
        acts = [act for each in done.values() for act in each.acts]
        return Done({name: each.reply for name, each in done.items()}, acts)

    return deed


def perform(store: Store, deeds: Sequence[Deed], clock: Clock) -> list[Reply | WeirError]:
    """Do acts one after the other in one transaction, with one commit.

    All writers of the audit wait for each other, so that no two acts race, whichever worker
    they came to.

    Parameters
    ----------
    store : Store
        The store.
    deeds : sequence of callable
        What to do.
    clock : callable
        Tells the time, asked once it is our turn.

    Returns
    -------
    list of (Reply or WeirError)
        Per deed its reply, or why it was not done; all of it is durable.

    Raises
    ------
    StoreConflict, StoreUnavailable
        If nothing was done.
    """
    with store.write() as connection:
        lock_chain(connection)
        now = clock()
        replies: list[Reply | WeirError] = []
        acts: list[Act] = []
        for deed in deeds:
            try:
                with savepoint(connection):
                    done = deed(connection, now)
            except WeirError as refused:
                replies.append(refused)
            else:
                replies.append(done.reply)
                acts += done.acts
        append(connection, acts, now)
    return replies


class Acting:
    """Takes acts in and does those together that came together.

    Parameters
    ----------
    store : Store
        The store.
    clock : callable
        Tells the time.
    writes : Writes
        Remembers whether the store took the last writes.
    """

    def __init__(self, store: Store, clock: Clock, writes: Writes) -> None:
        self._store = store
        self._clock = clock
        self._writes = writes
        self._number = count()
        self.batcher: Batcher[Deed, Reply] = Batcher(self._run, MOST_WAITING)

    def start(self) -> None:
        """Begin to act."""
        self.batcher.start()

    def close(self) -> None:
        """Refuse new acts, do those that wait, and stop."""
        self.batcher.close()

    def submit(self, deed: Deed) -> "Future[Reply]":
        """Queue an act.

        Parameters
        ----------
        deed : callable
            What to do.

        Returns
        -------
        concurrent.futures.Future
            Its reply once it is durable, or why it was not done.

        Raises
        ------
        Overloaded
            If too many acts are waiting, or the server is stopping.
        """
        return self.batcher.submit(deed, frozenset({str(next(self._number))}))

    def _run(self, deeds: Sequence[Deed]) -> Sequence[Reply | WeirError]:
        try:
            replies = self._try(deeds)
        except StoreUnavailable:
            self._writes.failing = True
            raise
        self._writes.failing = False
        return replies

    def _try(self, deeds: Sequence[Deed]) -> Sequence[Reply | WeirError]:
        for _ in range(MOST_TRIES - 1):
            try:
                return perform(self._store, deeds, self._clock)
            except StoreConflict as lost:
                structlog.get_logger().warning("store_conflict", detail=lost.detail)
        return perform(self._store, deeds, self._clock)
