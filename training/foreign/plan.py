"""What X is made of, and the rows that it is made by."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from training.foreign.views import Codes, View

Numbers = npt.NDArray[np.float64]
Key = tuple[int, ...]

MOST_LATEST_KEYS = 4
"""Pairs, and triples, whose latest rows are looked up."""


class Plan(BaseModel):
    """What X is made of.

    Parameters
    ----------
    views : tuple of View
        Codes.
    columns : tuple of str
        Numbers.
    keys : tuple of tuple of int
        Combinations of two or more views whose risk is a feature.
    risks : bool
        Whether the risk of each code by itself, and how often it is known, are features.
    norm_views : tuple of int
        Views whose norm the numbers are held against.
    nearest_views : tuple of int
        Views by which rows are alike.
    nearest_worth : tuple of float
        How much each of those counts, 1 on average.
    latest : bool
        Whether what became of the latest rows with a key is a feature; rows without a time have
        no latest.
    scheme : {"others", "earlier"}
        What a known row may see of its keys and of the rows most like it: other blocks dealt by
        chance, or earlier blocks of time.
    strength : float
        For how many rows the expected risk of a key counts.
    n_blocks : int
        Blocks of known rows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    views: tuple[View, ...]
    columns: tuple[str, ...]
    keys: tuple[Key, ...] = ()
    risks: bool = True
    norm_views: tuple[int, ...] = ()
    nearest_views: tuple[int, ...] = ()
    nearest_worth: tuple[float, ...] = ()
    latest: bool = False
    scheme: Literal["others", "earlier"] = "others"
    strength: float = 5.0
    n_blocks: int = 10

    def latest_keys(self) -> tuple[Key, ...]:
        """Give the keys whose latest rows are looked up.

        Returns
        -------
        tuple of tuple of int
            The views with most values, then the pairs and triples that foretell most.
        """
        if not self.latest:
            return ()
        alone = tuple((view,) for view in self.norm_views)
        by_length = [[key for key in self.keys if len(key) == length] for length in (2, 3)]
        return alone + tuple(key for keys in by_length for key in keys[:MOST_LATEST_KEYS])


@dataclass(frozen=True)
class Table:
    """Codes and numbers of rows.

    Parameters
    ----------
    codes : array of int32, shape (v, n)
        By view.
    numbers : array of float, shape (m, n)
        By column.
    """

    codes: Codes
    numbers: Numbers

    def take(self, chosen: npt.NDArray[np.int64]) -> "Table":
        """Keep some rows."""
        return Table(self.codes[:, chosen], self.numbers[:, chosen])


@dataclass(frozen=True)
class Known:
    """The rows that were fitted, in order of time.

    Parameters
    ----------
    table : Table
        Codes and numbers of the n rows.
    y : array of float, shape (n,)
        1 for a find.
    block : array of int, shape (n,)
        The block of each row.
    """

    table: Table
    y: Numbers
    block: npt.NDArray[np.int64]


def blocks(n_rows: int, plan: Plan, seed: int) -> npt.NDArray[np.int64]:
    """Deal known rows to blocks: by chance, or by time where only earlier ones may be seen.

    Parameters
    ----------
    n_rows : int
        Rows, in order of time.
    plan : Plan
        Scheme and number of blocks.
    seed : int
        Of the deal.

    Returns
    -------
    array of int, shape (n,)
        Blocks.
    """
    in_order = np.arange(n_rows, dtype=np.int64) * plan.n_blocks // max(n_rows, 1)
    return (
        in_order if plan.scheme == "earlier" else np.random.default_rng(seed).permutation(in_order)
    )
