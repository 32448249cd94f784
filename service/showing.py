"""Use case: looking at one item, which is an act like any other."""

from datetime import datetime

from sqlalchemy import Connection

from service.accepting import Answer, answer_from
from service.acting import Deed, Done
from service.auth import Principal
from service.reach import unknown_item
from service.roles import SEES_IDENTIFIERS
from service.store.items import identifiers_of, versions_of
from service.store.scores import scores_of


def show(
    connection: Connection, principal: Principal, item_id: str, *, identifiers: bool
) -> Answer:
    """Show one item: its latest version, the answer given for it, and its earlier versions.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    principal : Principal
        The caller.
    item_id : str
        The item.
    identifiers : bool
        Whether plates and parties are shown in clear, as far as they are still kept, or as
        tokens.

    Returns
    -------
    Answer
        `item`, `version`, `received_at`, `leaves_at`, `versions` and `score`.

    Raises
    ------
    UnknownItem
        If there is no such item, or its port is out of reach; does not tell which.
    """
    versions = versions_of(connection, item_id)
    if not versions or not principal.reaches(versions[0].port):
        raise unknown_item(item_id)
    latest = versions[0]
    key = (item_id, latest.version)
    clear = identifiers_of(connection, [key])[key] if identifiers else {}
    given = scores_of(connection, [key]).get(key)
    return {
        "item": latest.body | clear,
        "version": latest.version,
        "received_at": latest.received_at,
        "leaves_at": latest.leaves_at,
        "versions": [
            {"version": row.version, "supersedes": row.supersedes, "received_at": row.received_at}
            for row in versions
        ],
        "score": answer_from(given) if given else None,
    }


def look_at(principal: Principal, item_id: str) -> Deed:
    """Make the act of looking at an item's details, which is an act like any other.

    Parameters
    ----------
    principal : Principal
        Who looks.
    item_id : str
        The item.

    Returns
    -------
    callable
        The act. It raises `UnknownItem` out of reach.
    """
    identifiers = principal.role in SEES_IDENTIFIERS

    def deed(connection: Connection, now: datetime) -> Done:
        del now
        shown = show(connection, principal, item_id, identifiers=identifiers)
        did = principal.did("item.read", item_id, version=shown["version"], identifiers=identifiers)
        return Done(shown, [did])

    return deed
