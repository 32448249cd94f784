"""Tampering with the audit at random, to see that every edit is found out, and how fast."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Connection

from features.errors import WeirError
from service.audit.notary import Notary
from service.audit.verify import AuditBroken, verify
from service.clock import now
from service.proof.bench import Bench
from service.store.chain import Act, append, head
from service.store.tampering import WAYS

ROWS = 1_000
ROWS_AT_ONCE = 10_000
SIGNED_EVERY = 300

Progress = Callable[[str, int], None]
"""Told what is going on, and how far it is."""


class Found(NamedTuple):
    """What became of the edits.

    Parameters
    ----------
    n_edits : int
        Edits that were made, one at a time.
    missed : list of str
        Those after which the audit still verified.
    by_way : mapping of str to int
        Kind of edit to how many there were.
    """

    n_edits: int
    missed: list[str]
    by_way: Mapping[str, int]


class Pace(NamedTuple):
    """How fast a whole audit is verified."""

    n_rows: int
    seconds: float


def fill(bench: Bench, n_rows: int, progress: Progress) -> None:
    """Add rows to the audit until it has so many, and sign it now and then.

    Parameters
    ----------
    bench : Bench
        Whose store.
    n_rows : int
        Rows wanted.
    progress : callable
        Told the rows there are.
    """
    notary = Notary(bench.settings.state_dir)
    at_once = SIGNED_EVERY if n_rows <= ROWS else ROWS_AT_ONCE
    while True:
        with bench.store.read() as connection:
            there = head(connection).seq
        progress("filling", there)
        if there >= n_rows:
            return
        numbers = range(there, min(n_rows, there + at_once))
        acts = [
            Act(f"{number % 97:012x}", "inspector", "item.read", f"V{number}", {"version": 1})
            for number in numbers
        ]
        with bench.store.write() as connection:
            append(connection, acts, now())
        if there + at_once < n_rows:
            # the end stays unsigned, as between two looks of a server
            notary.sign(bench.store, now())


def tamper(bench: Bench, n_edits: int, seed: int, progress: Progress) -> Found:
    """Make random edits, one at a time, verify after each, and undo it.

    Parameters
    ----------
    bench : Bench
        Whose store; its audit has rows.
    n_edits : int
        How many.
    seed : int
        Decides which.
    progress : callable
        Told the edits made.

    Returns
    -------
    Found
        What became of them.
    """
    draw = random.Random(seed)  # noqa: S311 - decides what to edit, keeps no secret
    missed: list[str] = []
    ways: Counter[str] = Counter()
    require_whole(bench)
    for number in range(1, n_edits + 1):
        way = WAYS[draw.randrange(len(WAYS))]
        ways[way.__name__] += 1
        with bench.store.write() as connection:
            told = way(connection, draw)
            if not _is_found(bench, connection):
                missed.append(told)
            connection.rollback()
        progress("tampering", number)
    require_whole(bench)
    return Found(n_edits, missed, ways)


def _is_found(bench: Bench, connection: Connection) -> bool:
    notary = Notary(bench.settings.state_dir)
    try:
        verify(connection, notary.trusted(), notary.copies())
    except AuditBroken:
        return True
    return False


def require_whole(bench: Bench) -> Pace:
    """Verify the whole audit, which nothing was kept of that tampered with it.

    Parameters
    ----------
    bench : Bench
        Whose store.

    Returns
    -------
    Pace
        How long it took.

    Raises
    ------
    AuditBroken
        If it does not verify.
    """
    notary, started = Notary(bench.settings.state_dir), perf_counter()
    with bench.store.read() as connection:
        found = verify(connection, notary.trusted(), notary.copies())
    if not found.n_checkpoints:
        raise WeirError("the audit has no checkpoint to be verified")
    return Pace(found.n_rows, perf_counter() - started)
