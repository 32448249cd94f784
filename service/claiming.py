"""Use cases: taking an item in hand, and letting it go."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from features.errors import WeirError
from service.acting import Deed, Done
from service.auth import Principal
from service.reach import item_in_reach
from service.store.claims import Claim, drop_claim, live_claim, put_claim


class ItemClaimed(WeirError):  # noqa: N818 - what the caller sees
    """Somebody else has the item in hand."""


def _require_free(claim: Claim | None, principal: Principal) -> None:
    if claim is not None and claim.key_id != principal.key_id:
        raise ItemClaimed(
            f"somebody else has this item in hand until {claim.expires_at:%H:%M:%S} UTC; "
            "take another one",
            field="item_id",
        )


def claim(principal: Principal, item_id: str, lasts: timedelta) -> Deed:
    """Make the act of claiming an item; claiming one's own again extends it.

    Parameters
    ----------
    principal : Principal
        Who claims.
    item_id : str
        The item.
    lasts : datetime.timedelta
        How long the claim holds.

    Returns
    -------
    callable
        The act. It raises `UnknownItem` out of reach, and `ItemClaimed` if another was first.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        item_in_reach(connection, principal, item_id)
        present = live_claim(connection, item_id, now)
        _require_free(present, principal)
        since = present.claimed_at if present else now
        mine = Claim(item_id, principal.key_id, since, now + lasts)
        put_claim(connection, mine)
        reply = {"item_id": item_id, "claimed_at": since, "expires_at": mine.expires_at}
        did = principal.did("item.claimed", item_id, expires_at=mine.expires_at)
        return Done(reply, [did])

    return deed


def look_who_has(principal: Principal, item_id: str) -> Deed:
    """Make the look at who has an item in hand.

    Parameters
    ----------
    principal : Principal
        Who looks.
    item_id : str
        The item.

    Returns
    -------
    callable
        The look, which is no act for the audit. It replies with `claim`, None where nobody has
        the item, and raises `UnknownItem` out of reach.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        item_in_reach(connection, principal, item_id)
        present = live_claim(connection, item_id, now)
        if present is None:
            return Done({"claim": None})
        mine = present.key_id == principal.key_id
        return Done(
            {"claim": {"mine": mine, "holder": present.key_id, "expires_at": present.expires_at}}
        )

    return deed


def release(principal: Principal, item_id: str) -> Deed:
    """Make the act of letting an item go; a supervisor may take it from somebody else.

    Parameters
    ----------
    principal : Principal
        Who lets it go.
    item_id : str
        The item.

    Returns
    -------
    callable
        The act. It raises `UnknownItem` out of reach, and `ItemClaimed` if it is another's;
        it does nothing where nobody has the item.
    """

    def deed(connection: Connection, now: datetime) -> Done:
        item_in_reach(connection, principal, item_id)
        present = live_claim(connection, item_id, now)
        if present is None:
            return Done({})
        if principal.role != "supervisor":
            _require_free(present, principal)
        drop_claim(connection, item_id)
        return Done({}, [principal.did("item.released", item_id, holder=present.key_id)])

    return deed
