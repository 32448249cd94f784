"""What a period left on record, item by item: who chose it, how likely that was, what was found."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from features.encoding import Numbers
from features.errors import InvalidTable
from features.reference.tables import exam_methods

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.str_]
Counting = Literal["found", "carried"]

NOT_CHOSEN = ""
"""Stands for the arm of an item that nobody chose."""


@dataclass(frozen=True)
class Logged:
    """The items about which a policy decided in a period; arrays of equal length n.

    Parameters
    ----------
    item_id, port : array of str, shape (n,)
        The item and the Schedule D code of its port of exit.
    arm : array of str, shape (n,)
        The arm that chose it; `officer` only where the policy did not choose it as well;
        `NOT_CHOSEN` where nobody did.
    propensity : array of float, shape (n,)
        Probability that the policy chose it by the time it left.
    examined, found : array of bool, shape (n,)
        Whether an examination was completed, and whether it found contraband.
    detection : array of float, shape (n,)
        Probability that the examination finds what is there, by the reference table of exam
        methods; 0 where none was completed.
    risk : array of float, shape (n,)
        Risk it was scored with; NaN where there is none.
    """

    item_id: Words
    port: Words
    arm: Words
    propensity: Numbers
    examined: Flags
    found: Flags
    detection: Numbers
    risk: Numbers

    def __len__(self) -> int:
        return len(self.item_id)

    @property
    def by_policy(self) -> Flags:
        """Whether the policy chose it, rather than an officer or nobody."""
        return ~np.isin(self.arm, [NOT_CHOSEN, "officer"])

    def of(self, where: Flags) -> "Logged":
        """Keep some of the items.

        Parameters
        ----------
        where : array of bool, shape (n,)
            The items to keep.

        Returns
        -------
        Logged
            Those items, in their order.
        """
        return Logged(**{name: getattr(self, name)[where] for name in self.__dataclass_fields__})

    def with_risk(self, scores: pl.DataFrame) -> "Logged":
        """Put other risks in the place of those that were used.

        Parameters
        ----------
        scores : polars.DataFrame
            `item_id` and `risk`, one row per item.

        Returns
        -------
        Logged
            The same items; NaN where the table has no risk.
        """
        return replace(self, risk=_risks(pl.DataFrame({"item_id": self.item_id}), scores))


def read_logged(
    items: pl.DataFrame,
    decisions: pl.DataFrame,
    inspections: pl.DataFrame,
    scores: pl.DataFrame | None = None,
) -> Logged:
    """Read a period off the tables of the contract.

    Of several decisions about an item the last one holds its compounded propensity, and the
    item was chosen if any of them chose it. Of inspections those that were corrected are left
    out; an item was found on if any completed one found something.

    Parameters
    ----------
    items : polars.DataFrame
        `item_id`, `version` and `port`, as in the `items` table.
    decisions : polars.DataFrame
        The `decisions` table. Items without a decision are not part of what is estimated.
    inspections : polars.DataFrame
        The `inspections` table.
    scores : polars.DataFrame, optional
        `item_id` and `risk`, one row per item, known before the outcome; only figures that lean
        on a model use them.

    Returns
    -------
    Logged
        One entry per item with a decision, by item id.

    Raises
    ------
    InvalidTable
        If a decision names an item that is not in `items`, or a propensity is not between 0
        and 1, or an item was chosen by the policy with propensity 0; the error names the item.
    """
    decided = _decided(decisions)
    ports = items.sort("version").group_by("item_id").agg(pl.col("port").last())
    joined = decided.join(ports, on="item_id", how="left").join(
        current_exams(inspections), on="item_id", how="left"
    )
    joined = joined.sort("item_id")
    _refuse(joined, pl.col("port").is_null(), "has a decision but no row in items")
    bad = ~pl.col("propensity").is_between(0, 1) | pl.col("propensity").is_nan()
    _refuse(joined, bad, "has a propensity that is not between 0 and 1")
    impossible = ~pl.col("arm").is_in([NOT_CHOSEN, "officer"]) & (pl.col("propensity") <= 0)
    _refuse(joined, impossible, "was chosen by the policy with propensity 0")
    return Logged(
        item_id=joined["item_id"].to_numpy().astype(np.str_),
        port=joined["port"].to_numpy().astype(np.str_),
        arm=joined["arm"].to_numpy().astype(np.str_),
        propensity=joined["propensity"].to_numpy(),
        examined=joined["found"].is_not_null().to_numpy(),
        found=joined["found"].fill_null(value=False).to_numpy(),
        detection=joined["detection"].fill_null(0.0).to_numpy(),
        risk=_risks(joined, scores),
    )


def _decided(decisions: pl.DataFrame) -> pl.DataFrame:
    by_policy = pl.col("chosen") & (pl.col("arm") != "officer")
    return (
        decisions.sort("decided_at", "propensity", maintain_order=True)
        .group_by("item_id")
        .agg(
            pl.coalesce(
                pl.col("arm").filter(by_policy).first(),
                pl.col("arm").filter(pl.col("chosen")).first(),
                pl.lit(NOT_CHOSEN),
            ).alias("arm"),
            pl.col("propensity").last(),
        )
    )


def current_exams(inspections: pl.DataFrame) -> pl.DataFrame:
    """Give what the completed exams of each item came to, corrected ones left out.

    Parameters
    ----------
    inspections : polars.DataFrame
        The `inspections` table.

    Returns
    -------
    polars.DataFrame
        `item_id, found, detection`, one row per item with a completed exam.

    Raises
    ------
    InvalidTable
        If a method is not in the reference table; names the item.
    """
    detection = {code: method.detection for code, method in exam_methods().items()}
    current = inspections.filter(
        ~pl.col("inspection_id").is_in(inspections["supersedes"].drop_nulls().implode()),
        pl.col("outcome") != "not_completed",
    )
    unknown = current.filter(~pl.col("method").is_in(list(detection)))
    _refuse(unknown, pl.lit(value=True), "was inspected by a method that no reference table has")
    missed = 1 - pl.col("method").replace_strict(detection, return_dtype=pl.Float64)
    return current.group_by("item_id").agg(
        (pl.col("outcome") == "find").any().alias("found"),
        (1 - missed.product()).alias("detection"),
    )


def _risks(frame: pl.DataFrame, scores: pl.DataFrame | None) -> Numbers:
    if scores is None:
        return np.full(len(frame), np.nan)
    risks = scores.select("item_id", "risk")
    _refuse(risks, pl.col("item_id").is_duplicated(), "has more than one score; give one")
    joined = frame.select("item_id").join(risks, on="item_id", how="left", maintain_order="left")
    return joined["risk"].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _refuse(frame: pl.DataFrame, where: pl.Expr, problem: str) -> None:
    bad = frame.filter(where)
    if not bad.is_empty():
        raise InvalidTable(f"item {bad['item_id'][0]!r} {problem}", field="item_id")
