"""Doing once what may be sent more than once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from pydantic import BaseModel
from sqlalchemy import Connection

from features.errors import WeirError
from service.acting import Done, Reply
from service.store.replies import StoredReply, add_reply, find_reply
from service.store.tokens import Tokens

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


def asked_by(key_id: str, idempotency_key: str, body: BaseModel, tokens: Tokens) -> Asked:
    """Name a request, with a digest of its body.

    Parameters
    ----------
    key_id : str
        The caller.
    idempotency_key : str
        What the caller named it.
    body : pydantic.BaseModel
        What is asked.
    tokens : Tokens
        Makes digests.

    Returns
    -------
    Asked
        The same for the same content of the same kind of body, however it was written.
    """
    content = {type(body).__name__: body.model_dump(mode="json")}
    digest = tokens.digest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))
    return Asked(key_id, idempotency_key, digest)


def plain_json(reply: Reply) -> Reply:
    """Write a reply as JSON values, so that it is the same whenever it is given.

    Parameters
    ----------
    reply : dict
        With times and other values that JSON has no type for.

    Returns
    -------
    dict
        The same as `orjson` reads it back.
    """
    plain: dict[str, Any] = orjson.loads(orjson.dumps(reply, option=orjson.OPT_UTC_Z))
    return plain


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
