"""Declared value per filing key, over every shipment on the conveyance."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, func, select

from features.filing import FilingKey, totals
from features.history import FILING, filing_name
from features.items import Shipment, Vehicle
from service.store.bulk import BulkInsert
from service.store.tables import FILING_VALUES
from service.store.tokens import Tokens

_INSERT = BulkInsert(FILING_VALUES, ("item_id", "token", "value_cents"))


def _token(key: FilingKey, tokens: Tokens) -> str:
    return tokens.token(FILING, filing_name(key))


def declare_values(
    connection: Connection,
    items: Sequence[Vehicle | Shipment],
    amended: Collection[str],
    tokens: Tokens,
) -> None:
    """Replace what each shipment declares; only its latest version counts.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        A transaction that may write.
    items : sequence of Vehicle or Shipment
        Latest versions, in the order in which they came; vehicles declare nothing, and what
        an earlier version declared goes with it.
    amended : collection of str
        Those of them that have an earlier version.
    tokens : Tokens
        Makes the tokens that stand for filing keys.
    """
    if amended:
        connection.execute(delete(FILING_VALUES).where(FILING_VALUES.c.item_id.in_(amended)))
    latest = {item.item_id: item for item in items}
    rows = [
        (item_id, _token(key, tokens), cents)
        for item_id, item in sorted(latest.items())
        if isinstance(item, Shipment)
        for key, cents in totals([item]).items()
    ]
    _INSERT(connection, rows)


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
