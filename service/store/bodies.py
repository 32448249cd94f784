"""Item bodies as the store keeps them: tokens in place, identifiers in clear apart."""

from decimal import Decimal
from typing import Any, NamedTuple

import orjson

from features.entities import IDENTIFIERS, normalise, plate_key
from features.items import Shipment, Vehicle
from features.records import EntityKind
from models.rulebook import Entity
from service.store.tokens import Tokens

IDENTIFYING: dict[str, EntityKind] = {
    column: kind for kind, columns in IDENTIFIERS.items() for column in columns
}
"""Fields of an item that identify somebody or something, with the kind of entity."""


class Body(NamedTuple):
    """One version of an item, split for storage."""

    body: dict[str, Any]
    identifiers: dict[str, str]
    digest: str


def _plain(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)  # exact both ways: at most 12 digits
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def entity_key(field: str, identifier: str, plate_state: str | None) -> str:
    """Normalise the identifier in one field of an item.

    Parameters
    ----------
    field : str
        Name of the field, one of `IDENTIFYING`.
    identifier : str
        What the field holds.
    plate_state : str or None
        State of the plate, which tells plates apart.

    Returns
    -------
    str
        The entity's key, as `features.entities.entity_keys` gives it.
    """
    return plate_key(identifier, plate_state) if field == "plate" else normalise(identifier)


def split(item: Vehicle | Shipment, tokens: Tokens) -> Body:
    """Split an item into a body without identifiers and the identifiers themselves.

    Parameters
    ----------
    item : Vehicle or Shipment
        A validated item.
    tokens : Tokens
        Makes the tokens that take the identifiers' place.

    Returns
    -------
    Body
        JSON body, identifiers by field, and a digest of the whole content.
    """
    content = orjson.dumps(
        item.model_dump(exclude_none=True),
        default=_plain,
        option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z,
    )
    body: dict[str, Any] = orjson.loads(content)
    identifiers = {field: body[field] for field in IDENTIFYING if field in body}
    state = body.get("plate_state")
    for field, identifier in identifiers.items():
        kind = IDENTIFYING[field]
        body[field] = tokens.token(kind, entity_key(field, identifier, state))
    return Body(body, identifiers, tokens.digest(content))


def entities_of(body: Body) -> list[Entity]:
    """List the entities of an item as tokens.

    Parameters
    ----------
    body : Body
        The item, split.

    Returns
    -------
    list of Entity
        Kind and token.
    """
    return [(IDENTIFYING[field], body.body[field]) for field in body.identifiers]


def cluster_token(cluster: str | None, tokens: Tokens) -> str | None:
    """Name a cluster without the identifier that its items share.

    Parameters
    ----------
    cluster : str or None
        `{kind}:{key}`, as `features.matrix.Matrix` has it.
    tokens : Tokens
        Makes the token that takes the key's place.

    Returns
    -------
    str or None
        `{kind}:{token}`; None for an item of no cluster.
    """
    if cluster is None:
        return None
    kind, _, key = cluster.partition(":")
    return f"{kind}:{tokens.token(kind, key)}"
