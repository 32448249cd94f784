"""Verifying the chain: every row, every payload that is still kept, every checkpoint."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from features.encoding import microseconds
from features.errors import WeirError
from models.errors import KeyRefused
from models.signing import TrustedKeys
from service.store.chain import (
    GENESIS,
    PURGED,
    Checkpoint,
    Head,
    Link,
    checkpoints,
    digest_payload,
    links,
)

START = Head(0, GENESIS)


class AuditBroken(WeirError):  # noqa: N818 - what was found
    """The audit is not what was written; names the row."""


class Verified(NamedTuple):
    """What was verified.

    Parameters
    ----------
    n_rows : int
        Rows of the chain.
    n_purged : int
        Rows among them whose payload was purged.
    n_checkpoints : int
        Signatures that were verified.
    n_unsigned : int
        Rows after the last checkpoint: they hang together, but could have been rewritten or
        cut off as a whole.
    head : Head
        Where the chain ends.
    """

    n_rows: int
    n_purged: int
    n_checkpoints: int
    n_unsigned: int
    head: Head


def verify(
    connection: Connection,
    trusted: TrustedKeys,
    copies: Iterable[Checkpoint] = (),
    *,
    start: Head = START,
) -> Verified:
    """Verify the chain from its beginning, or from a head that was verified before.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction: one consistent state.
    trusted : TrustedKeys
        Keys whose checkpoints count.
    copies : iterable of Checkpoint
        Checkpoints that are kept elsewhere and must agree.
    start : Head
        A head that was verified before; rows up to it are not read.

    Returns
    -------
    Verified
        What was verified.

    Raises
    ------
    AuditBroken
        At the first row, payload or checkpoint that was changed, added, moved or taken away.
    """
    stored = checkpoints(connection)
    signed = _signed(stored, copies, trusted)
    walk = _Walk(start)
    with closing(links(connection, start.seq)) as rows:
        for link in rows:
            walk.step(link)
            if signed.get(link.seq, link.digest) != link.digest:
                raise AuditBroken(f"audit row {link.seq} is not the one that was signed")
    last = max(signed, default=0)
    if last > walk.head.seq:
        raise AuditBroken(
            f"the audit ends at row {walk.head.seq}, and row {last} was signed: rows are missing"
        )
    walk.require_purged()
    return Verified(
        walk.head.seq - start.seq,
        walk.n_purged,
        len(signed),
        walk.head.seq - max(last, start.seq),
        walk.head,
    )


def _signed(
    stored: Sequence[Checkpoint], copies: Iterable[Checkpoint], trusted: TrustedKeys
) -> dict[int, str]:
    signed: dict[int, str] = {}
    for checkpoint in stored:
        try:
            signature = bytes.fromhex(checkpoint.signature)
            trusted.verify(checkpoint.signer, checkpoint.message(), signature)
        except (KeyRefused, ValueError) as refused:
            raise AuditBroken(
                f"the checkpoint at audit row {checkpoint.seq} is not genuine: {refused}"
            ) from None
        signed[checkpoint.seq] = checkpoint.digest
    for copy in copies:
        if copy not in stored:
            raise AuditBroken(
                f"the checkpoint at audit row {copy.seq} is not the one that was copied when it "
                "was signed"
            )
    return signed


class _Walk:
    """Goes along the chain, row by row."""

    def __init__(self, start: Head) -> None:
        self.head = start
        self.n_purged = 0
        self._purged_before = 0
        self._latest_gone = (-1, 0)

    def step(self, link: Link) -> None:
        seq, previous = self.head
        if link.seq != seq + 1:
            raise AuditBroken(f"audit row {seq + 1} is missing; the next one is {link.seq}")
        if link.previous != previous:
            raise AuditBroken(f"audit row {link.seq} does not follow the row before it")
        if link.computed() != link.digest:
            raise AuditBroken(f"audit row {link.seq} was changed")
        self._check_payload(link)
        self.head = Head(link.seq, link.digest)

    def _check_payload(self, link: Link) -> None:
        if link.payload is None or link.salt is None:
            if link.act == PURGED:
                raise AuditBroken(f"the payload of audit row {link.seq} is missing")
            self.n_purged += 1
            self._latest_gone = max(self._latest_gone, (link.at, link.seq))
        elif digest_payload(link.salt, link.payload) != link.payload_digest:
            raise AuditBroken(f"the payload of audit row {link.seq} was changed")
        elif link.act == PURGED:
            purge = orjson.loads(link.payload)
            if purge["class"] == "audit":
                cutoff = microseconds(datetime.fromisoformat(purge["before"]))
                self._purged_before = max(self._purged_before, cutoff)

    def require_purged(self) -> None:
        at, seq = self._latest_gone
        if seq and at >= self._purged_before:
            raise AuditBroken(
                f"the payload of audit row {seq} is missing, and no purge took it away"
            )
