"""Signals in the store: what other sources know, about tokens instead of names."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from features.entities import signal_key
from features.records import Signal
from service.store.changes import note_change
from service.store.engine import insert_or_skip
from service.store.tables import SIGNALS
from service.store.tokens import Tokens


def add_signals(
    connection: Connection, signals: Sequence[Signal], tokens: Tokens, token_key: int
) -> None:
    """Store signals; one that is there already stays as it is.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    signals : sequence of Signal
        What to store.
    tokens : Tokens
        Makes the tokens that stand for identifiers.
    token_key : int
        Number of the key behind those tokens.
    """
    rows = [signal_row(signal, tokens) | {"token_key": token_key} for signal in signals]
    if rows:
        connection.execute(insert_or_skip(connection, SIGNALS), rows)
        note_change(connection, "signals")


def signal_row(signal: Signal, tokens: Tokens) -> dict[str, Any]:
    """Write a signal as the store keeps it.

    Parameters
    ----------
    signal : Signal
        What a source knows.
    tokens : Tokens
        Makes the token that stands for its entity.

    Returns
    -------
    dict of str to object
        Every column of `signals` but the number of the key.
    """
    token = tokens.token(signal.entity_kind, signal_key(signal.entity_kind, signal.entity))
    return signal.model_dump(exclude={"entity"}) | {"token": token}
