"""Which items name an entity that some agency has a signal about."""

import polars as pl

_COLUMNS = {
    "plate": pl.concat_str(pl.col("plate_state").fill_null(""), pl.lit(":"), pl.col("plate")),
    "driver": pl.col("driver"),
    "shipper": pl.col("shipper"),
    "consignee": pl.col("consignee"),
    "forwarder": pl.col("forwarder"),
    "address": pl.col("consignee_address"),
    "phone": pl.col("phone"),
}
"""Expressions that give an item's entity of each kind, written as `features.entities` does."""


def entity_column(kind: str) -> pl.Expr:
    """Give an item's entity of one kind.

    Parameters
    ----------
    kind : str
        Kind of entity.

    Returns
    -------
    polars.Expr
        The identifier over the columns of the `items` table, null where there is none.
    """
    return _COLUMNS[kind]


def sightings(items: pl.DataFrame, signals: pl.DataFrame) -> pl.DataFrame:
    """Find every signal for targeting about an entity of an item, as of the item.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table.
    signals : polars.DataFrame
        The `signals` table.

    Returns
    -------
    polars.DataFrame
        `item_id, as_of, entity_kind, entity, kind, strength, known_at`, one row per item and
        signal that was known before the item and has not expired.
    """
    usable = signals.filter(pl.col("permitted_use") == "targeting")
    return pl.concat([_hits(items, usable, kind) for kind in _COLUMNS])


def _hits(items: pl.DataFrame, signals: pl.DataFrame, entity_kind: str) -> pl.DataFrame:
    about = signals.filter(pl.col("entity_kind") == entity_kind).select(
        "entity_kind", "entity", "kind", "strength", "known_at", "expires_at"
    )
    named = items.select(
        "item_id",
        pl.max_horizontal("presented_at", "received_at").alias("as_of"),
        entity_column(entity_kind).alias("entity"),
    )
    current = pl.col("expires_at").is_null() | (pl.col("expires_at") > pl.col("as_of"))
    return (
        named.join(about, on="entity", how="inner")
        .filter((pl.col("known_at") < pl.col("as_of")) & current)
        .select("item_id", "as_of", "entity_kind", "entity", "kind", "strength", "known_at")
    )


def strongest(items: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Keep the strongest signal of each item.

    Parameters
    ----------
    items : polars.DataFrame
        The columns of the `items` table.
    seen : polars.DataFrame
        From `sightings`.

    Returns
    -------
    polars.DataFrame
        `strength` (0 where there is none) and `kind`, one row per item in their order.
    """
    best = (
        seen.sort("strength", "kind", descending=[True, False])
        .unique("item_id", keep="first", maintain_order=True)
        .select("item_id", "strength", "kind")
    )
    joined = items.select("item_id").join(best, on="item_id", how="left", maintain_order="left")
    return joined.select(pl.col("strength").fill_null(0.0), "kind")
