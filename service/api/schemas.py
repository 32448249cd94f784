"""Replies, as OpenAPI shows them."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from features.items import ShipmentMode, VehicleMode
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
    band: Band
    priority: float = Field(description="Expected harm stopped per inspection minute.")
    reasons: list[ReasonReply]
    rule_hits: list[RuleHitReply]
    model_version: str | None
    degraded: bool = Field(description="True if the rules alone answered.")
    missing: list[str] = Field(description="Inputs that were not there.")


class BatchReply(BaseModel):
    """The answers for a batch, in its order."""

    scores: list[ScoreReply]


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
    cluster_id: str | None = Field(
        description="Small sends by linked parties that share an address, phone or consignee."
    )
    cluster_size: int = Field(
        ge=1,
        description="Items of the cluster that are in this place of the queue, itself counted.",
    )


class QueueReply(BaseModel):
    """What has not left yet, most urgent first."""

    as_of: AwareDatetime
    items: list[QueueEntry]


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
