"""Doing once what may be sent more than once."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from features.errors import WeirError
from service.acting import Done
from service.store.replies import StoredReply, add_reply, find_reply

HEADER = "Idempotency-Key"


class KeyReused(WeirError):  # noqa: N818 - what the caller sees
    """An idempotency key that came with another request before."""


class Asked(NamedTuple):
    """One request, as its caller named it.

    Parameters
    ----------
    key_id : str
        The caller.
    idempotency_key : str
        What the caller named the request.
    digest : str
        Keyed digest of what is asked.
    """

    key_id: str
    idempotency_key: str
    digest: str


def once(connection: Connection, asked: Asked, now: datetime, do: Callable[[], Done]) -> Done:
    """Do what is asked, or give the reply of the time before.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    asked : Asked
        The request.
    now : datetime.datetime
        The present moment.
    do : callable
        Does it, if it was not done before.

    Returns
    -------
    Done
        Without rows for the audit where nothing was done.

    Raises
    ------
    KeyReused
        If the key came with another body before.
    """
    before = find_reply(connection, asked.key_id, asked.idempotency_key)
    if before is None:
        done = do()
        stored = StoredReply(asked.digest, done.reply)
        add_reply(connection, asked.key_id, asked.idempotency_key, stored, now)
        return done
    if before.digest != asked.digest:
        raise KeyReused(
            "this key came with another body before; make a new key for a new record",
            field=HEADER,
        )
    return Done(before.reply)
