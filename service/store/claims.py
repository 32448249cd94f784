"""Claims in the store: who has an item in hand."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from service.store.finding_tables import CLAIMS


class Claim(NamedTuple):
    """A claim on an item.

    Parameters
    ----------
    item_id : str
        The item.
    key_id : str
        Who has it.
    claimed_at, expires_at : datetime.datetime
        Since when, and until when.
    """

    item_id: str
    key_id: str
    claimed_at: datetime
    expires_at: datetime


def live_claim(connection: Connection, item_id: str, now: datetime) -> Claim | None:
    """Find the claim on an item.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    item_id : str
        The item.
    now : datetime.datetime
        The present moment.

    Returns
    -------
    Claim or None
        None if there is none, or it has expired.
    """
    query = select(CLAIMS).where(CLAIMS.c.item_id == item_id, CLAIMS.c.expires_at > now)
    row = connection.execute(query).first()
    return Claim(*row) if row else None


def put_claim(connection: Connection, claim: Claim) -> None:
    """Store a claim in place of whatever was there.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    claim : Claim
        The claim.
    """
    drop_claim(connection, claim.item_id)
    connection.execute(insert(CLAIMS).values(claim._asdict()))


def drop_claim(connection: Connection, item_id: str) -> None:
    """Take the claim on an item away, if there is one.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction in which no other act runs.
    item_id : str
        The item.
    """
    connection.execute(delete(CLAIMS).where(CLAIMS.c.item_id == item_id))
