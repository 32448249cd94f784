"""Replies about rules, lookouts and suppressions, as OpenAPI shows them."""

from datetime import date

from pydantic import AwareDatetime, BaseModel, Field

from features.records import EntityKind
from models.rulebook import LookoutAction, RuleStatus
from models.rules import Action
from service.api.schemas import Mode


class RuleReply(BaseModel):
    """One version of a rule."""

    rule_id: str
    version: int
    status: RuleStatus
    owner: str = Field(description="Key id of who drafted it.")
    agency: str
    text: str
    action: Action
    ports: list[str] | None = Field(description="Null holds everywhere.")
    predicate: str
    expires_at: AwareDatetime | None
    drafted_at: AwareDatetime
    released_at: AwareDatetime | None
    released_by: str | None
    retired_at: AwareDatetime | None
    retired_by: str | None


class RulesReply(BaseModel):
    """The latest version of each rule."""

    rules: list[RuleReply]
    cursor: str | None = Field(description="Give it to get the next page; null on the last one.")


class RuleVersionsReply(BaseModel):
    """Every version of a rule, latest first."""

    rule_id: str
    versions: list[RuleReply]


class _Share(BaseModel):
    n_items: int
    n_hits: int


class PortShare(_Share):
    """Items and hits of one port."""

    port: str


class ModeShare(_Share):
    """Items and hits of one mode."""

    mode: Mode


class WeekShare(_Share):
    """Items and hits of one week."""

    week: date = Field(description="Its Monday, UTC.")


class PreviewReply(BaseModel):
    """What a predicate would have hit."""

    n_items: int = Field(description="Items that were judged.")
    n_without_history: int = Field(
        description="Items left out: their identifiers were purged, and the predicate asks history."
    )
    complete: bool = Field(description="False if there were more items than could be looked at.")
    n_hits: int
    n_inspected: int = Field(description="Hits that were examined to the end.")
    n_finds: int = Field(description="Hits in which something was found.")
    n_late_events: int = Field(description="Events about hits that other agencies reported.")
    n_items_inspected: int = Field(description="Of all items that were judged.")
    n_items_found: int = Field(description="Of all items that were judged.")
    by_port: list[PortShare]
    by_mode: list[ModeShare]
    by_week: list[WeekShare]
    sample: list[str] = Field(description="Some hits, what left last first.")


class RuleFigures(BaseModel):
    """What became of the items that one version hit."""

    version: int
    n_hits: int
    n_in_force: int = Field(description="Hits that were neither silenced nor outweighed.")
    n_inspected: int
    n_finds: int
    n_late_events: int = Field(
        description="Events that other agencies reported, and no find of ours."
    )
    hit_rate: float | None = Field(description="Finds over inspected; null without any.")
    hit_rate_low: float | None = Field(description="Exact 95 % interval.")
    hit_rate_high: float | None


class RulePerformanceReply(BaseModel):
    """What became of the items that a rule hit, by version, latest first."""

    rule_id: str
    versions: list[RuleFigures]


class _Watch(BaseModel):
    entity_kind: EntityKind
    token: str = Field(description="Stands for the entity, here and in items.")
    agency: str
    created_at: AwareDatetime
    created_by: str
    expires_at: AwareDatetime
    ended_at: AwareDatetime | None
    ended_by: str | None


class LookoutReply(_Watch):
    """A lookout."""

    lookout_id: str
    text: str
    action: LookoutAction


class LookoutsReply(BaseModel):
    """Lookouts in force, those that expire first at the top."""

    lookouts: list[LookoutReply]
    complete: bool = Field(description="False if there are more.")


class SuppressionReply(_Watch):
    """A suppression."""

    suppression_id: str
    reason: str


class SuppressionsReply(BaseModel):
    """Suppressions in force, those that expire first at the top."""

    suppressions: list[SuppressionReply]
    complete: bool = Field(description="False if there are more.")
