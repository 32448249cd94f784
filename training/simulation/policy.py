"""What a policy is: it sees items and outcomes, says what to examine and how likely that was."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import polars as pl

from features.errors import WeirError

CHOICE_COLUMNS = pl.Schema(
    {
        "item_id": pl.String(),
        "chosen": pl.Boolean(),
        "arm": pl.String(),
        "reason": pl.String(),
        "propensity": pl.Float64(),
        "method": pl.String(),
    }
)
"""What a policy returns: one row per item of the week, in any order."""


class InvalidChoice(WeirError):  # noqa: N818 - named after the user's mistake
    """A policy's answer that does not cover the week's items or has impossible propensities."""


@dataclass(frozen=True)
class ObservedWeek:
    """What a policy may see of a week before anything in it is examined.

    Parameters
    ----------
    number : int
        Weeks since the world began.
    starts_at, ends_at : datetime.datetime
        The week in UTC, by the first and last local day.
    items : polars.DataFrame
        The columns of the `items` table, ordered by `presented_at`.
    staffed : polars.Series of Boolean
        Whether the port's lanes are staffed when the item is presented, item by item.
    capacity_minutes : polars.Series of Float64
        Officer minutes of the port's operation on that day, item by item.
    """

    number: int
    starts_at: datetime
    ends_at: datetime
    items: pl.DataFrame
    staffed: pl.Series
    capacity_minutes: pl.Series


@dataclass(frozen=True)
class ObservedHistory:
    """What is on record so far. A policy must itself respect `known_at` and `recorded_at`.

    Parameters
    ----------
    signals : polars.DataFrame
        The `signals` table, all that was sent so far and has not expired.
    inspections : polars.DataFrame
        The `inspections` table so far.
    """

    signals: pl.DataFrame
    inspections: pl.DataFrame


class Policy(Protocol):
    """Chooses what to examine, a week at a time."""

    policy_id: str

    def choose(self, week: ObservedWeek, history: ObservedHistory) -> pl.DataFrame:
        """Choose among the items of a week.

        Parameters
        ----------
        week : ObservedWeek
            The items, and what the port can do.
        history : ObservedHistory
            What is on record.

        Returns
        -------
        polars.DataFrame
            `CHOICE_COLUMNS` for every item of the week: whether it is chosen, by which arm,
            with what probability the policy itself would choose it (officers' picks, arm
            `officer`, come on top), and by which method.
        """
        ...


def check_choices(choices: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """Put a policy's choices in the order of the items, or say what is wrong with them.

    Parameters
    ----------
    choices : polars.DataFrame
        What the policy returned.
    items : polars.DataFrame
        The items of the week.

    Returns
    -------
    polars.DataFrame
        `CHOICE_COLUMNS`, one row per item, in the order of the items.

    Raises
    ------
    InvalidChoice
        If an item has no choice or two, or a chosen one has no method or propensity 0.
    """
    if choices.schema != CHOICE_COLUMNS:
        raise InvalidChoice(f"choices have {choices.schema}; return {CHOICE_COLUMNS}")
    if choices["item_id"].n_unique() != len(choices) or len(choices) != len(items):
        raise InvalidChoice("return exactly one row for each item of the week", field="item_id")
    joined = items.select("item_id").join(
        choices, on="item_id", how="left", maintain_order="left", validate="1:1"
    )
    if joined["chosen"].null_count():
        raise InvalidChoice("a row names an item that is not in the week", field="item_id")
    outside = joined.filter(~pl.col("propensity").is_between(0, 1) | pl.col("propensity").is_null())
    if len(outside):
        raise InvalidChoice("a propensity lies between 0 and 1", field="propensity")
    impossible = joined.filter(
        pl.col("chosen") & (pl.col("method").is_null() | (pl.col("propensity") <= 0))
    )
    if len(impossible):
        first = impossible["item_id"][0]
        raise InvalidChoice(f"{first} is chosen with propensity 0 or no method", field="propensity")
    return joined
