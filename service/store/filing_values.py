"""Declared value per filing key, over every shipment on the conveyance."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from features.filing import FilingKey, totals
from features.items import Shipment, Vehicle
from service.store.tables import FILING_VALUES
from service.store.tokens import Tokens


def _token(key: FilingKey, tokens: Tokens) -> str:
    return tokens.token("filing", "\0".join(str(part) for part in key))


def declare_values(
    connection: Connection, items: Sequence[Vehicle | Shipment], tokens: Tokens
) -> None:
    """Replace what each shipment declares; only its latest version counts.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    items : sequence of Vehicle or Shipment
        Latest versions, in the order in which they came; vehicles declare nothing, and what
        an earlier version declared goes with it.
    tokens : Tokens
        Makes the tokens that stand for filing keys.
    """
    latest = {item.item_id: item for item in items}
    connection.execute(delete(FILING_VALUES).where(FILING_VALUES.c.item_id.in_(sorted(latest))))
    rows = [
        {"item_id": item_id, "token": _token(key, tokens), "value_cents": cents}
        for item_id, item in sorted(latest.items())
        if isinstance(item, Shipment)
        for key, cents in totals([item]).items()
    ]
    if rows:
        connection.execute(insert(FILING_VALUES), rows)


def filing_totals(
    connection: Connection, items: Sequence[Vehicle | Shipment], tokens: Tokens
) -> dict[FilingKey, int]:
    """Add up what is declared so far for each filing key of some shipments.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction.
    items : sequence of Vehicle or Shipment
        Items whose keys are asked for.
    tokens : Tokens
        Makes the tokens that stand for filing keys.

    Returns
    -------
    dict of FilingKey to int
        US cents over all stored shipments with that key, those of `items` included.
    """
    shipments = [item for item in items if isinstance(item, Shipment)]
    keys = {_token(key, tokens): key for key in totals(shipments)}
    if not keys:
        return {}
    column = FILING_VALUES.c.token
    sums = connection.execute(
        select(column, func.sum(FILING_VALUES.c.value_cents))
        .where(column.in_(sorted(keys)))
        .group_by(column)
    )
    return {keys[token]: int(cents) for token, cents in sums}
