"""Use case: looking into the audit."""

from datetime import datetime

import orjson
from sqlalchemy import Connection

from service.acting import Deed, Done
from service.auth import PortForbidden, Principal
from service.store.chain import page
from service.store.types import from_microseconds


def look_up(principal: Principal, after: int, subject: str | None, limit: int) -> Deed:
    """Make the act of reading rows of the audit.

    Parameters
    ----------
    principal : Principal
        Who reads.
    after : int
        Position after which to begin.
    subject : str or None
        Only acts on this id.
    limit : int
        Most rows.

    Returns
    -------
    callable
        The act. It raises `PortForbidden` for a key that does not reach every port, since acts
        have no port.
    """
    if principal.ports is not None:
        raise PortForbidden("the audit is about every port; this key does not reach them all")

    def deed(connection: Connection, now: datetime) -> Done:
        del now
        rows = [
            {
                "seq": link.seq,
                "at": from_microseconds(link.at),
                "actor": link.actor,
                "role": link.role,
                "act": link.act,
                "subject": link.subject,
                "payload": None if link.payload is None else orjson.loads(link.payload),
                "digest": link.digest,
            }
            for link in page(connection, after, subject, limit)
        ]
        return Done(
            {"rows": rows}, [principal.did("audit.read", subject, after=after, n=len(rows))]
        )

    return deed
