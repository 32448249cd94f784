"""Policies that rank by a score: the highest first, or all alike."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from features.errors import InvalidTable
from training.evaluation.policy import InvalidChoice, Situation


def highest(scores: npt.NDArray[np.float64], n_choices: int) -> npt.NDArray[np.float64]:
    """Give the propensities of choosing the highest scores, ties by lot.

    Parameters
    ----------
    scores : array of float, shape (n,)
        Any score that ranks.
    n_choices : int
        How many are chosen, at most n.

    Returns
    -------
    array of float, shape (n,)
        1 above the score at which capacity runs out, 0 below, and at it what is left over the
        number of items that share it.

    Examples
    --------
    >>> highest(np.array([3.0, 1.0, 1.0, 0.0]), 2)
    array([1. , 0.5, 0.5, 0. ])
    """
    if n_choices <= 0 or not len(scores):
        return np.zeros(len(scores))
    edge = np.sort(scores)[max(0, len(scores) - n_choices)]
    above, tied = scores > edge, scores == edge
    return np.where(above, 1.0, np.where(tied, (n_choices - above.sum()) / tied.sum(), 0.0))


@dataclass(frozen=True)
class Scored:
    """A policy that takes the items with the highest scores.

    Parameters
    ----------
    name : str
        What the tables call it.
    scores : polars.DataFrame
        `item_id` and `score`, one row per item.
    is_probability : bool
        Whether a score claims to be the probability of a find, so that its calibration counts.
    """

    name: str
    scores: pl.DataFrame
    is_probability: bool = False

    def of(self, items: pl.DataFrame) -> npt.NDArray[np.float64]:
        """Give the scores of some items.

        Parameters
        ----------
        items : polars.DataFrame
            With `item_id`.

        Returns
        -------
        array of float, shape (n,)
            In the order of the items.

        Raises
        ------
        InvalidChoice
            If an item has no score; the error names it.
        """
        joined = items.select("item_id").join(
            self.scores, on="item_id", how="left", maintain_order="left"
        )
        missing = joined.filter(pl.col("score").is_null() | pl.col("score").is_nan())
        if not missing.is_empty():
            raise InvalidChoice(
                f"{self.name}: {missing.height} of {joined.height} items have no score,"
                f" {missing['item_id'][0]!r} first; score every item of the test weeks",
                field="item_id",
            )
        return joined["score"].to_numpy()

    def choose(self, situation: Situation, n_choices: int) -> pl.DataFrame:
        """Choose the highest scores; see `Policy`.

        Parameters
        ----------
        situation : Situation
            The items.
        n_choices : int
            How many.

        Returns
        -------
        polars.DataFrame
            `CHOICE_COLUMNS`; of items tied at the edge those with the first ids are chosen,
            each with its share as propensity.
        """
        items = situation.items.select("item_id")
        score = self.of(items)
        rank = items.with_columns(score=-pl.Series(score)).select(
            pl.struct("score", "item_id").rank("ordinal")
        )
        return items.with_columns(
            chosen=rank.to_series() <= n_choices, propensity=pl.Series(highest(score, n_choices))
        )


@dataclass(frozen=True)
class Random:
    """Every item with the same probability; the drawing is left to whoever needs it."""

    name: str = "random"

    def choose(self, situation: Situation, n_choices: int) -> pl.DataFrame:
        """Give every item the same propensity; see `Policy`.

        Parameters
        ----------
        situation : Situation
            The items.
        n_choices : int
            How many.

        Returns
        -------
        polars.DataFrame
            `CHOICE_COLUMNS`; the first items stand for the draw.
        """
        items = situation.items.select("item_id")
        share = min(1.0, n_choices / max(1, items.height))
        return items.with_row_index("place").select(
            "item_id", chosen=pl.col("place") < n_choices, propensity=pl.lit(share)
        )


def read_scores(path: Path, seed: int, *, one_seed: bool) -> Scored:
    """Read somebody's scores as a policy.

    Parameters
    ----------
    path : Path
        Parquet with `item_id` and `risk`, or `score`, and with `seed` if there are several.
    seed : int
        The world whose items are wanted.
    one_seed : bool
        Whether there is only this world, so that the file needs no column for it.

    Returns
    -------
    Scored
        Named after the file; a `risk` is judged as a probability, a `score` only as a ranking.

    Raises
    ------
    InvalidTable
        If the file cannot be read or lacks a column; the error names it.
    InvalidChoice
        If an item has two scores.
    """
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidTable(f"{path} cannot be read as parquet: {error}", field=str(path)) from error
    column = "risk" if "risk" in frame.columns else "score"
    needed = {"item_id", column} | (set() if one_seed else {"seed"})
    if lacking := sorted(needed - set(frame.columns)):
        raise InvalidTable(
            f"{path} has no column {lacking[0]}; give item_id, risk (or score)"
            f"{'' if one_seed else ', and seed, since there is more than one world'}",
            field=f"{path.name}: {lacking[0]}",
        )
    if "seed" in frame.columns:
        frame = frame.filter(pl.col("seed") == seed)
    scores = frame.select("item_id", score=pl.col(column).cast(pl.Float64))
    twice = scores.filter(pl.col("item_id").is_duplicated())
    if not twice.is_empty():
        raise InvalidChoice(
            f"{path}: item {twice['item_id'][0]!r} has more than one score; give one",
            field=path.name,
        )
    return Scored(path.stem, scores, is_probability=column == "risk")
