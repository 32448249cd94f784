"""Entities: the parties and things that come back, and how their identifiers are compared."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from features.items import Shipment, Vehicle
from features.records import EntityKind

IDENTIFIERS: Mapping[EntityKind, tuple[str, ...]] = {
    "plate": ("plate",),
    "driver": ("driver",),
    "shipper": ("shipper",),
    "consignee": ("consignee",),
    "forwarder": ("forwarder",),
    "address": ("consignee_address",),
    "phone": ("phone",),
    "container": ("container", "trailer"),
}
"""The item columns that name an entity of each kind; a vehicle's trailer is a container."""


_KEPT_IN_MIND = 65_536
"""Identifiers whose normalised form is remembered: an item names each several times."""


@lru_cache(_KEPT_IN_MIND)
def normalise(identifier: str) -> str:
    """Write an identifier so that spelling variants compare equal.

    Compatibility forms are folded (NFKC), letters become capitals, and everything that is
    neither a letter nor a digit goes.

    Parameters
    ----------
    identifier : str
        A plate, party, address, phone or container as somebody typed it.

    Returns
    -------
    str
        Capitals and digits only.

    Examples
    --------
    >>> normalise("abc-12 34")
    'ABC1234'
    """
    folded = unicodedata.normalize("NFKC", identifier).upper()
    kept = "".join(character for character in folded if character.isalnum())
    return unicodedata.normalize("NFKC", kept)


def plate_key(plate: str, plate_state: str | None) -> str:
    """Give the key of a plate: its state and its normalised letters and digits.

    Parameters
    ----------
    plate : str
        The plate as read.
    plate_state : str or None
        State or province that issued it, if known.

    Returns
    -------
    str
        `STATE:PLATE`, with an empty state where it is unknown.

    Examples
    --------
    >>> plate_key("abc 1234", "TX")
    'TX:ABC1234'
    """
    return f"{plate_state or ''}:{normalise(plate)}"


def entity_keys(item: Vehicle | Shipment) -> dict[EntityKind, str]:
    """List the entities of an item.

    Parameters
    ----------
    item : Vehicle or Shipment
        A validated item.

    Returns
    -------
    dict of str to str
        Entity kind to normalised identifier, only those that the item names.
    """
    if isinstance(item, Vehicle):
        keys: dict[EntityKind, str | None] = {
            "plate": plate_key(item.plate, item.plate_state),
            "driver": item.driver,
            "container": item.trailer,
        }
    else:
        keys = {
            "shipper": item.shipper,
            "consignee": item.consignee,
            "forwarder": item.forwarder,
            "address": item.consignee_address,
            "phone": item.phone,
            "container": item.container,
        }
    return {kind: key if kind == "plate" else normalise(key) for kind, key in keys.items() if key}


def signal_key(kind: EntityKind, entity: str) -> str:
    """Give the key of the entity that a signal names.

    Parameters
    ----------
    kind : str
        Kind of entity.
    entity : str
        Identifier as the agency spelled it; a plate may stand as `STATE:PLATE`.

    Returns
    -------
    str
        The key as `entity_keys` gives it.

    Examples
    --------
    >>> signal_key("plate", "tx:abc-1234"), signal_key("plate", "abc 1234")
    ('TX:ABC1234', ':ABC1234')
    """
    if kind != "plate":
        return normalise(entity)
    state, colon, plate = entity.partition(":")
    return f"{normalise(state)}:{normalise(plate)}" if colon else f":{normalise(entity)}"
