"""What a plan chooses from: the items that have not left, as arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from features.encoding import Numbers
from models.errors import InvalidPlan
from models.policy.sampling import Flags

NEVER = np.iinfo(np.int64).max
"""Departure of an item that has no departure time."""

CANDIDATE_COLUMNS = pl.Schema(
    {
        "item_id": pl.String(),
        "risk": pl.Float64(),
        "severity": pl.Float64(),
        "method": pl.String(),
        "minutes": pl.Float64(),
        "departs_at": pl.Datetime("us", "UTC"),
        "must_inspect": pl.Boolean(),
        "released": pl.Boolean(),
        "n_rule_hits": pl.Int64(),
        "cluster": pl.String(),
        "prior": pl.Float64(),
        "settled": pl.Boolean(),
    }
)
"""One row per candidate; `departs_at` and `cluster` may be null, nothing else may."""


@dataclass(frozen=True)
class Candidates:
    """The n items that a plan may choose from.

    Parameters
    ----------
    item_id : list of str, length n
        The items, each once.
    risk, severity : array of float, shape (n,)
        Probability of a find, and severity expected of one.
    method : array of str, shape (n,)
        The exam that it would get.
    minutes : array of float, shape (n,)
        Minutes of that exam, above 0.
    departs_at : array of int, shape (n,)
        Microseconds since the epoch; `NEVER` where not known.
    must_inspect : array of bool, shape (n,)
        Whether a rule demands its inspection.
    released : array of bool, shape (n,)
        Whether a rule or a suppression takes it out of the choice by risk. Chance still draws
        it, since that is how a wrong release is found out.
    n_rule_hits : array of int, shape (n,)
        Rules that it hits and on which nobody has acted.
    cluster : list of str, length n
        What it belongs to with others: a cluster takes one place in the choice by risk, and one
        among the draws of each exam length. An item without others is its own cluster.
    prior : array of float, shape (n,)
        Probability that earlier plans chose it, from `Plan.propensity`; 0 if it is new.
    settled : array of bool, shape (n,)
        Whether it needs no exam any more: an earlier plan drew it, or an officer picked it. Such
        items stay candidates until they leave, with the risk that they had then, so that their
        propensity compounds like that of the others; they use no minutes.
    """

    item_id: list[str]
    risk: Numbers
    severity: Numbers
    method: npt.NDArray[np.str_]
    minutes: Numbers
    departs_at: npt.NDArray[np.int64]
    must_inspect: Flags
    released: Flags
    n_rule_hits: npt.NDArray[np.int64]
    cluster: list[str]
    prior: Numbers
    settled: Flags

    def __len__(self) -> int:
        return len(self.item_id)

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if len(getattr(self, name)) != len(self.item_id):
                raise InvalidPlan(f"{name} has another length than item_id", field=name)
        if len(set(self.item_id)) != len(self.item_id):
            raise InvalidPlan("an item is given twice; give one row for each", field="item_id")
        self._check("risk", (self.risk >= 0) & (self.risk <= 1), "lie between 0 and 1")
        self._check("prior", (self.prior >= 0) & (self.prior <= 1), "lie between 0 and 1")
        severity = np.isfinite(self.severity) & (self.severity >= 0)
        self._check("severity", severity, "be finite and not negative")
        minutes = np.isfinite(self.minutes) & (self.minutes > 0)
        self._check("minutes", minutes, "be finite and above 0")
        self._check("n_rule_hits", self.n_rule_hits >= 0, "not be negative")

    def _check(self, field: str, good: npt.NDArray[Any], demand: str) -> None:
        if not good.all():
            first = self.item_id[int(np.argmin(good))]
            raise InvalidPlan(f"{field} of item {first!r} must {demand}", field=field)


def read_candidates(frame: pl.DataFrame) -> Candidates:
    """Read candidates off a table.

    Parameters
    ----------
    frame : polars.DataFrame
        `CANDIDATE_COLUMNS`, in any order.

    Returns
    -------
    Candidates
        In the order of the rows.

    Raises
    ------
    InvalidPlan
        If a column is missing, has another type or a null, or a value is out of range; the
        error names the column and the item.
    """
    for name, wanted in CANDIDATE_COLUMNS.items():
        if frame.schema.get(name) != wanted:
            raise InvalidPlan(
                f"column {name} is {frame.schema.get(name)}, not {wanted}", field=name
            )
        if name not in {"departs_at", "cluster"} and frame[name].null_count():
            raise InvalidPlan(f"column {name} has a null; give every value", field=name)
    departs = frame["departs_at"].dt.epoch("us").fill_null(NEVER)
    return Candidates(
        item_id=frame["item_id"].to_list(),
        method=frame["method"].to_numpy().astype(np.str_),
        departs_at=departs.to_numpy(),
        # a cluster's name must not be mistaken for the id of an item that has none
        cluster=frame.select(
            pl.coalesce("cluster:" + pl.col("cluster"), "item:" + pl.col("item_id"))
        )
        .to_series()
        .to_list(),
        **{
            name: frame[name].to_numpy()
            for name in (
                "risk",
                "severity",
                "minutes",
                "must_inspect",
                "released",
                "n_rule_hits",
                "prior",
                "settled",
            )
        },
    )
