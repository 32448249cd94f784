"""The protocol of policies: they see items and outcomes, and return choices with propensities."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import WeirError
from training.tables import Tables

CHOICE_COLUMNS = pl.Schema(
    {"item_id": pl.String(), "chosen": pl.Boolean(), "propensity": pl.Float64()}
)
"""What a policy returns: one row for each of the items, in any order."""

_ROUNDING = 1e-6


class InvalidChoice(WeirError):  # noqa: N818 - named after the user's mistake
    """A policy's answer that breaks the protocol, or a scores file that lacks items."""


@dataclass(frozen=True)
class Situation:
    """What a policy may see.

    Parameters
    ----------
    items : polars.DataFrame
        The n items to choose from: the columns of the `items` table.
    past : Tables
        Items, inspections (the outcomes), decisions and signals that were on record before the
        first day of the items.
    """

    items: pl.DataFrame
    past: Tables


class Policy(Protocol):
    """Chooses what to inspect."""

    @property
    def name(self) -> str:
        """What the tables call it."""
        ...

    def choose(self, situation: Situation, n_choices: int) -> pl.DataFrame:
        """Choose among the items.

        Parameters
        ----------
        situation : Situation
            The items, and what was on record before them.
        n_choices : int
            Items that may be chosen, in expectation.

        Returns
        -------
        polars.DataFrame
            `CHOICE_COLUMNS` for every item: whether it is chosen, and the probability with
            which the policy chooses it. Figures are expectations over the propensities, so that
            a draw by chance is judged without the luck of the draw.
        """
        ...


def check_choices(
    choices: pl.DataFrame, items: pl.DataFrame, n_choices: int, name: str
) -> npt.NDArray[np.float64]:
    """Hold a policy's answer against the protocol.

    Parameters
    ----------
    choices : polars.DataFrame
        What the policy returned.
    items : polars.DataFrame
        The n items.
    n_choices : int
        How many it was allowed.
    name : str
        The policy.

    Returns
    -------
    array of float, shape (n,)
        Propensities in the order of the items.

    Raises
    ------
    InvalidChoice
        If an item has no row or two, a propensity is impossible, an item is chosen with
        propensity 0, or more is chosen in expectation than was allowed.
    """
    if dict(choices.schema) != dict(CHOICE_COLUMNS):
        raise InvalidChoice(f"{name} returned {choices.schema}; return {CHOICE_COLUMNS}")
    joined = items.select("item_id").join(choices, on="item_id", how="left", maintain_order="left")
    if joined.height != items.height or choices.height != items.height:
        raise InvalidChoice(
            f"{name} returned {choices.height} rows for {items.height} items; return one for each",
            field="item_id",
        )
    good = pl.col("propensity").is_between(0, 1) & ~(pl.col("chosen") & (pl.col("propensity") <= 0))
    wrong = joined.filter(~good.fill_null(value=False))
    if not wrong.is_empty():
        raise InvalidChoice(
            f"{name}: item {wrong['item_id'][0]!r} has no propensity between 0 and 1, or is chosen"
            " with propensity 0",
            field="propensity",
        )
    propensity = joined["propensity"].to_numpy()
    if propensity.sum() > n_choices + _ROUNDING * max(1, n_choices):
        raise InvalidChoice(
            f"{name} chooses {propensity.sum():.6g} items in expectation; {n_choices} are allowed",
            field="propensity",
        )
    return propensity
