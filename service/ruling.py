"""The rulebook in force: whatever the store says, read anew when it has moved."""

import threading
from datetime import datetime
from typing import cast

import structlog
from sqlalchemy import Connection

from features.encoding import microseconds
from features.errors import WeirError
from models.predicates.faults import InvalidPredicate
from models.predicates.parse import parse
from models.rulebook import FOREVER, Lookout, LookoutAction, Rule, Rulebook, Suppression
from service.clock import Clock
from service.store.engine import Store
from service.store.rules import StoredRule, last_move, rules_in_force
from service.store.watches import LOOKOUT_TABLE, SUPPRESSION_TABLE, Watch, watches_in_force

MOST_WATCHES = 100_000
"""Lookouts, and suppressions, that are read at most; those that expire first come first."""

_NEVER_READ = -1


def open_book(connection: Connection, now: datetime) -> Rulebook:
    """Compile what is in force.

    A rule whose predicate this version of Weir cannot read, for want of a feature that was
    dropped, is left out and logged: the others stay in force.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    Rulebook
        Rules, lookouts and suppressions; entities are tokens.
    """
    rules = [_rule(stored) for stored in rules_in_force(connection)]
    lookouts = watches_in_force(connection, LOOKOUT_TABLE, now, None, MOST_WATCHES)
    silent = watches_in_force(connection, SUPPRESSION_TABLE, now, None, MOST_WATCHES)
    return Rulebook(
        [rule for rule in rules if rule is not None],
        [_lookout(watch) for watch in lookouts],
        [_suppression(watch) for watch in silent],
    )


def _rule(stored: StoredRule) -> Rule | None:
    try:
        predicate = parse(stored.predicate)
    except InvalidPredicate as refused:
        structlog.get_logger().error(
            "rule_not_loaded",
            rule_id=stored.rule_id,
            version=stored.version,
            detail=refused.detail,
        )
        return None
    return Rule(
        stored.rule_id,
        stored.version,
        stored.agency,
        stored.text,
        stored.action,
        None if stored.ports is None else frozenset(stored.ports),
        FOREVER if stored.expires_at is None else microseconds(stored.expires_at),
        predicate,
    )


def _lookout(watch: Watch) -> Lookout:
    return Lookout(
        watch.watch_id,
        watch.entity.entity_kind,
        watch.entity.token,
        watch.agency,
        watch.words["text"],
        cast("LookoutAction", watch.words["action"]),
        microseconds(watch.expires_at),
    )


def _suppression(watch: Watch) -> Suppression:
    return Suppression(watch.entity.entity_kind, watch.entity.token, microseconds(watch.expires_at))


class RuleKeeper:
    """Keeps the rulebook that answers, and reads it anew when the store's has moved.

    Parameters
    ----------
    store : Store
        Holds rules, lookouts and suppressions.
    clock : callable
        Tells the time.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._move = _NEVER_READ
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.book = Rulebook()

    def refresh(self) -> None:
        """Look whether anything has moved, and read the book if so.

        If the store cannot be read, that is logged and the last book stays in force.
        """
        try:
            with self._store.read() as connection:
                move = last_move(connection)
                if move == self._move:
                    return
                self.book, self._move = open_book(connection, self._clock()), move
        except WeirError as failed:
            structlog.get_logger().error("rulebook_not_read", detail=failed.detail)
        else:
            structlog.get_logger().info("rulebook_read", move=move, n_rules=self.book.n_rules)

    def watch(self, every_seconds: float) -> None:
        """Look again and again, in a thread of its own.

        Parameters
        ----------
        every_seconds : float
            Time between two looks.
        """

        def look() -> None:
            while not self._stop.wait(every_seconds):
                self.refresh()

        self._thread = threading.Thread(target=look, name="weir-rulebook", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
