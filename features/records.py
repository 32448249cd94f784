"""The tables that files and the store share: names, types and keys (DESIGN section 4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from features.errors import InvalidTable
from features.fields import (
    Count,
    Identifier,
    Label,
    RecordId,
    Share,
    Text,
    Time,
)
from features.items import Record, Shipment, Vehicle
from features.schema import TIME, model_columns
from features.table_rules import value_faults

EntityKind = Literal[
    "plate", "driver", "shipper", "consignee", "forwarder", "address", "phone", "container"
]
SignalKind = Literal[
    "lookout",
    "prior_seizure",
    "trace",
    "multiple_sale",
    "stolen_gun",
    "tip",
    "plate_hit",
]
Arm = Literal["rule", "risk", "exploration", "officer"]
Outcome = Literal["clear", "find", "not_completed"]
PermittedUse = Literal["targeting", "lead_only", "statistics"]


class Signal(Record):
    """What another source knows about an entity, and from when on."""

    signal_id: RecordId
    kind: SignalKind
    entity_kind: EntityKind
    entity: Identifier
    agency: Label
    known_at: Time
    expires_at: Time | None = None
    strength: Share = Field(description="How much the agency itself trusts it, 0 to 1.")
    permitted_use: PermittedUse = "targeting"
    detail: Text | None = None


class Decision(Record):
    """Whether a policy chose an item for inspection, and with what probability."""

    decision_id: RecordId
    item_id: RecordId
    shift_id: RecordId
    arm: Arm | None = Field(None, description="The arm that chose it; none if not chosen.")
    decided_at: Time
    policy_id: Label
    chosen: bool
    reason: Text | None = None
    propensity: Share = Field(
        description="Probability that the policy chose the item by the time it left."
    )
    capacity_minutes: float
    model_version: Label | None = None


class Inspection(Record):
    """One examination and what it found; corrections supersede, nothing is overwritten."""

    inspection_id: RecordId
    supersedes: RecordId | None = None
    item_id: RecordId
    method: Label = Field(description="Exam method of the reference table.")
    minutes: float = Field(ge=0, le=10_000, allow_inf_nan=False)
    outcome: Outcome
    n_firearms: Count = 0
    n_parts: Count = 0
    n_rounds: Count = 0
    found_at: Time
    recorded_at: Time
    agency: Label


class ItemReceipt(Record):
    """What the ledger adds to each version of an item."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    supersedes: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    source: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    received_at: Time | None = None


class LateOutcome(Record):
    """Late evidence from elsewhere about an item or an entity: a trace, a seizure abroad."""

    outcome_id: RecordId
    kind: Literal["trace", "seizure_abroad", "seizure_other_agency"]
    item_id: RecordId | None = None
    entity_kind: EntityKind | None = None
    entity: Identifier | None = None
    agency: Label
    happened_at: Time
    recorded_at: Time
    permitted_use: PermittedUse = "targeting"


class Truth(Record):
    """What an item really carried: known to the simulator alone."""

    item_id: RecordId
    illicit: bool
    event_id: RecordId | None = None
    network: RecordId | None = None
    n_firearms: Count = 0
    n_parts: Count = 0
    n_rounds: Count = 0
    severity: float = 0.0
    concealment: Label | None = None


class Score(Record):
    """A risk as it was given for one version of an item."""

    item_id: RecordId
    version: Count
    as_of: Time
    risk: Share | None = Field(description="None when only the rules could answer.")
    severity: float
    priority: float
    band: Literal["very_high", "high", "medium", "low"] | None = Field(
        description="None when only the rules could answer."
    )
    bundle: Label | None
    degraded: bool
    missing: list[str]


ITEM_LEDGER: Mapping[str, pl.DataType] = {
    "item_id": pl.String(),
    "version": pl.Int64(),
    "supersedes": pl.Int64(),
    "source": pl.String(),
    "received_at": TIME,
}


@dataclass(frozen=True)
class Table:
    """One table of the contract.

    Parameters
    ----------
    name : str
        Name of the table and of its parquet file.
    columns : mapping of str to polars.DataType
        Every column, in order.
    key : tuple of str
        The columns that tell rows apart.
    models : tuple of type of Record
        What a row holds; of several, the column `kind` tells which.
    ledger : type of Record, optional
        What every row holds besides.
    """

    name: str
    columns: Mapping[str, pl.DataType]
    key: tuple[str, ...]
    models: tuple[type[Record], ...]
    ledger: type[Record] | None = None

    @property
    def schema(self) -> pl.Schema:
        """The columns as a Polars schema."""
        return pl.Schema(self.columns)

    def check(self, frame: pl.DataFrame, *, where: str | None = None) -> pl.DataFrame:
        """Return the frame with the columns in order, or say what is wrong with it.

        Parameters
        ----------
        frame : polars.DataFrame
            Rows of this table.
        where : str, optional
            The file to name in an error; the table's name if not given.

        Returns
        -------
        polars.DataFrame
            The same rows, columns in the order of the contract.

        Raises
        ------
        InvalidTable
            If a column is missing or unknown, or has another type; every fault is named. If a
            value breaks the contract; names the file, the row, from 1, and the column.
        """
        where = where or self.name
        faults = [
            f"column {name!r} is missing" for name in self.columns if name not in frame.columns
        ]
        faults += [
            f"column {name!r} is unknown" for name in frame.columns if name not in self.columns
        ]
        faults += [
            f"column {name!r} is {frame.schema[name]}, not {wanted}"
            for name, wanted in self.columns.items()
            if name in frame.columns and frame.schema[name] != wanted
        ]
        if faults:
            raise InvalidTable(f"{where}: {'; '.join(faults)}", field=where)
        self._check_values(frame, where)
        return frame.select(list(self.columns))

    def _check_values(self, frame: pl.DataFrame, where: str) -> None:
        if not frame.height:
            return
        found = value_faults(frame, self.models)
        if self.ledger is not None:
            found += value_faults(frame, (self.ledger,))
        if found:
            words = [f"row {fault.row}: {fault.column}: {fault.problem}" for fault in sorted(found)]
            more = f"; {len(words) - 1} more column(s) have faults" if len(words) > 1 else ""
            raise InvalidTable(f"{where} {words[0]}{more}", field=where)


def _table(name: str, *models: type[Record], key: tuple[str, ...]) -> Table:
    return Table(name, model_columns(*models), key, models)


ITEMS = Table(
    "items",
    dict(ITEM_LEDGER) | model_columns(Vehicle, Shipment),
    ("item_id", "version"),
    (Vehicle, Shipment),
    ItemReceipt,
)
SIGNALS = _table("signals", Signal, key=("signal_id",))
SCORES = _table("scores", Score, key=("item_id", "version"))
DECISIONS = _table("decisions", Decision, key=("decision_id",))
INSPECTIONS = _table("inspections", Inspection, key=("inspection_id",))
OUTCOMES = _table("outcomes", LateOutcome, key=("outcome_id",))
TRUTH = _table("truth", Truth, key=("item_id",))

TABLES: Mapping[str, Table] = {
    table.name: table for table in (ITEMS, SIGNALS, SCORES, DECISIONS, INSPECTIONS, OUTCOMES, TRUTH)
}
"""Every table of the contract, by name."""
