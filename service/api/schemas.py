"""Replies, as OpenAPI shows them."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from features.items import ShipmentMode, VehicleMode
from features.records import Outcome
from models.reasons import Direction, Strength
from models.risk import Band
from models.rules import Action

Mode = Literal[VehicleMode, ShipmentMode]


class ReasonReply(BaseModel):
    """One reason for a risk, in an inspector's words."""

    code: str
    text: str
    direction: Direction
    strength: Strength


class RuleHitReply(BaseModel):
    """One rule that an item hits."""

    code: str
    text: str
    action: Action
    citation: str


class ScoreReply(BaseModel):
    """The answer for one item."""

    item_id: str
    risk: float | None = Field(
        description="Probability that an inspection now would find contraband; null if degraded."
    )
    band: Band | None = Field(
        description="Band of the risk, lifted by rules; null if degraded, for nobody judged it."
    )
    priority: float = Field(
        description="Expected harm stopped per inspection minute; 0 if degraded."
    )
    reasons: list[ReasonReply]
    rule_hits: list[RuleHitReply]
    model_version: str | None
    degraded: bool = Field(description="True if the rules alone answered.")
    missing: list[str] = Field(description="Inputs that were not there.")


class BatchReply(BaseModel):
    """The answers for a batch, in its order."""

    scores: list[ScoreReply]


class ClaimShown(BaseModel):
    """Who has an item in hand."""

    mine: bool
    holder: str = Field(description="Id of the key that has it, which is no secret.")
    expires_at: AwareDatetime


class QueueEntry(ScoreReply):
    """One item that has not left yet."""

    version: int
    must_inspect: bool
    kind: Literal["vehicle", "shipment"]
    mode: Mode
    port: str
    destination: str
    presented_at: AwareDatetime
    departs_at: AwareDatetime | None
    leaves_at: AwareDatetime = Field(description="When it leaves the queue.")
    claim: ClaimShown | None = Field(description="Who has it in hand; null if nobody.")
    cluster_id: str | None = Field(
        description="Small sends by linked parties that share an address, phone or consignee."
    )
    cluster_size: int = Field(
        ge=1,
        description="Items of the cluster that are in this place of the queue, itself counted.",
    )


class QueueReply(BaseModel):
    """A page of what has not left yet and nobody has dealt with, most urgent first."""

    as_of: AwareDatetime
    items: list[QueueEntry]
    cursor: str | None = Field(description="Give it to get the next page; null on the last one.")


class VersionReply(BaseModel):
    """One version of an item."""

    version: int
    supersedes: int | None
    received_at: AwareDatetime


class ItemReply(BaseModel):
    """One item, with the answer given for its latest version."""

    item: dict[str, Any] = Field(
        description="As posted; identifiers are tokens for roles that may not see them."
    )
    version: int
    received_at: AwareDatetime
    leaves_at: AwareDatetime
    versions: list[VersionReply]
    score: ScoreReply | None


class ClaimReply(BaseModel):
    """An item in the caller's hand."""

    item_id: str
    claimed_at: AwareDatetime
    expires_at: AwareDatetime


class SkipReply(BaseModel):
    """An item that was let go."""

    skip_id: str
    item_id: str
    version: int
    reason: str
    detail: str | None
    skipped_at: AwareDatetime
    agency: str
    key_id: str


class InspectionReply(BaseModel):
    """An inspection as it is stored."""

    inspection_id: str
    supersedes: str | None
    item_id: str
    method: str
    minutes: float
    outcome: Outcome
    n_firearms: int
    n_parts: int
    n_rounds: int
    found_at: AwareDatetime
    recorded_at: AwareDatetime
    agency: str


class InspectionShown(InspectionReply):
    """An inspection with the words that were written beside it."""

    note: str | None = Field(description="Null if there is none, it was purged, or not for you.")


class FindingsReply(BaseModel):
    """The inspections of an item, earliest first, corrected ones included."""

    inspections: list[InspectionShown]


class SignalKept(BaseModel):
    """A signal, and since when it counts."""

    signal_id: str
    known_at: AwareDatetime


class SignalsReply(BaseModel):
    """The signals of a batch."""

    signals: list[SignalKept]


class OutcomeKept(BaseModel):
    """A piece of late evidence, and the event that it tells of."""

    outcome_id: str
    recorded_at: AwareDatetime
    event_id: str = Field(description="Reports with one event_id count once.")
    first_report: bool
    matched_item: str | None = Field(description="Null if there is none within reach.")


class OutcomesReply(BaseModel):
    """The late evidence of a batch."""

    outcomes: list[OutcomeKept]


class AuditRow(BaseModel):
    """One act."""

    seq: int
    at: AwareDatetime
    actor: str
    role: str
    act: str
    subject: str | None
    payload: dict[str, Any] | None = Field(description="Null once purged.")
    digest: str


class AuditReply(BaseModel):
    """Acts in order."""

    rows: list[AuditRow]


class FieldErrorReply(BaseModel):
    """One fault, with the field's name."""

    field: str
    detail: str


class ProblemReply(BaseModel):
    """A problem, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldErrorReply]
    request_id: str | None = None
