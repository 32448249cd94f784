"""Replies by idempotency key, so that what is sent twice is done once."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from service.store.finding_tables import REPLIES


class StoredReply(NamedTuple):
    """A digest of what was asked, and the reply that was given."""

    digest: str
    reply: dict[str, Any]


def find_reply(connection: Connection, key_id: str, idempotency_key: str) -> StoredReply | None:
    """Look up what a caller was replied.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    key_id : str
        The caller.
    idempotency_key : str
        What the caller named the request.

    Returns
    -------
    StoredReply or None
        None if the caller never used that name, or the reply was purged.
    """
    row = connection.execute(
        select(REPLIES.c.digest, REPLIES.c.reply).where(
            REPLIES.c.key_id == key_id, REPLIES.c.idempotency_key == idempotency_key
        )
    ).first()
    return StoredReply(*row) if row else None


def add_reply(
    connection: Connection, key_id: str, idempotency_key: str, stored: StoredReply, now: datetime
) -> None:
    """Keep a reply.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    key_id : str
        The caller.
    idempotency_key : str
        What the caller named the request.
    stored : StoredReply
        Digest and reply.
    now : datetime.datetime
        The present moment.
    """
    connection.execute(
        insert(REPLIES).values(
            key_id=key_id,
            idempotency_key=idempotency_key,
            digest=stored.digest,
            reply=stored.reply,
            replied_at=now,
        )
    )
