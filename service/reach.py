"""Whether an item is within a caller's reach."""

from sqlalchemy import Connection

from features.errors import WeirError
from service.auth import Principal
from service.store.standing import Standing, standing


class UnknownItem(WeirError):  # noqa: N818 - what the caller sees
    """No such item within the caller's reach."""


def unknown_item(item_id: str, field: str = "item_id") -> UnknownItem:
    """Make the error for an item that is not there, or must look as if it were not.

    Parameters
    ----------
    item_id : str
        The item.
    field : str
        Where the caller wrote it.

    Returns
    -------
    UnknownItem
        Does not tell which of the two it is.
    """
    return UnknownItem(f"no item {item_id!r}", field=field)


def item_in_reach(
    connection: Connection, principal: Principal, item_id: str, field: str = "item_id"
) -> Standing:
    """Find an item, and keep others from amending it until the transaction ends.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    principal : Principal
        The caller.
    item_id : str
        The item.
    field : str
        Where the caller wrote it.

    Returns
    -------
    Standing
        Its latest version.

    Raises
    ------
    UnknownItem
        If there is no such item, or its port is out of reach; does not tell which.
    """
    found = standing(connection, item_id)
    if found is None or not principal.reaches(found.port):
        raise unknown_item(item_id, field)
    return found
