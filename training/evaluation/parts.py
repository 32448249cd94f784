"""Parts of the items that figures are stated for: modes, ports, and what is hard."""

import numpy as np
import numpy.typing as npt
import polars as pl

from training.evaluation.quality_figures import Truth

Flags = npt.NDArray[np.bool_]

ALL = "all"
FEWEST_EVENTS = 5
"""A part with fewer events in a world has no figures there."""

JUST_UNDER_USD = (2000.0, 2500.0)


def item_parts(items: pl.DataFrame, earlier: pl.DataFrame) -> dict[str, Flags]:
    """Divide items by what is on their face.

    Parameters
    ----------
    items : polars.DataFrame
        The n items to judge on.
    earlier : polars.DataFrame
        Items presented before the first of them.

    Returns
    -------
    dict of str to array of bool, shape (n,)
        `all`; `mode=` and `port=` for each; `first seen` (no earlier item has its plate, or its
        shipper); `value just under $2,500` (a line between 2,000 and 2,500 dollars).
    """
    parts: dict[str, Flags] = {ALL: np.ones(items.height, np.bool_)}
    for column in ("mode", "port"):
        for name in sorted(items[column].unique().to_list()):
            parts[f"{column}={name}"] = (items[column] == name).to_numpy()
    parts["first seen"] = _first_seen(items, earlier)
    value = pl.element().struct.field("value_usd")
    under = pl.col("lines").list.eval((value >= JUST_UNDER_USD[0]) & (value < JUST_UNDER_USD[1]))
    parts["value just under $2,500"] = (
        items.select(under.list.any().fill_null(value=False)).to_series().to_numpy()
    )
    return parts


_WHO = pl.coalesce(
    pl.concat_str(pl.lit("plate:"), pl.col("plate_state").fill_null(""), pl.col("plate")),
    pl.concat_str(pl.lit("shipper:"), pl.col("shipper")),
)


def _first_seen(items: pl.DataFrame, earlier: pl.DataFrame) -> Flags:
    known = earlier.select(_WHO.alias("who")).to_series().unique().implode()
    return items.select(~_WHO.is_in(known)).to_series().fill_null(value=True).to_numpy()


def split_events(truth: Truth) -> Flags:
    """Tell which items are part of an event that was split over several.

    Parameters
    ----------
    truth : Truth
        Of n items.

    Returns
    -------
    array of bool, shape (n,)
        True for the items of events of two items or more.
    """
    counts = np.bincount(truth.event[truth.event >= 0], minlength=1)
    return (truth.event >= 0) & (counts[np.maximum(truth.event, 0)] > 1)
