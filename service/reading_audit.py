"""Use case: looking into the audit."""

from datetime import datetime

import orjson
from sqlalchemy import Connection

from service.acting import Deed, Done
from service.auth import PortForbidden, Principal
from service.store.chain import Wanted, page
from service.store.types import from_microseconds


def look_up(principal: Principal, wanted: Wanted) -> Deed:
    """Make the act of reading rows of the audit.

    Parameters
    ----------
    principal : Principal
        Who reads.
    wanted : Wanted
        Which rows.

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
            for link in page(connection, wanted)
        ]
        of = {} if wanted.actor is None else {"by": wanted.actor}
        did = principal.did("audit.read", wanted.subject, after=wanted.after, n=len(rows), **of)
        return Done({"rows": rows}, [did])

    return deed
