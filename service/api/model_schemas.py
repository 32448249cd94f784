"""Replies about models, as OpenAPI shows them."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field


class ModelDone(BaseModel):
    """What became of an act about models."""

    state: Literal[
        "proposed", "promoted", "rolled_back", "killed", "restored", "challenging", "retired"
    ]
    version: str | None = Field(description="Null for the bundle that Weir ships, or for none.")


class ChallengerReply(BaseModel):
    """The bundle in shadow, beside what was answered. Means say nothing of what was not opened."""

    version: str
    n_scored: int = Field(description="Versions of items that both judged.")
    n_finds: int = Field(description="Those among them whose item was found on.")
    n_clear: int
    challenger_mean_risk: float | None
    champion_mean_risk: float | None
    challenger_mean_risk_of_finds: float | None
    champion_mean_risk_of_finds: float | None
    challenger_mean_risk_of_clear: float | None
    champion_mean_risk_of_clear: float | None


class ProposalReply(BaseModel):
    """A bundle that waits for somebody else to confirm it."""

    version: str
    proposed_at: AwareDatetime


class MoveReply(BaseModel):
    """One move of the champion pointer."""

    action: str
    version: str | None
    moved_at: AwareDatetime


class ModelsReply(BaseModel):
    """Which models there are and what they do."""

    champion: str | None = Field(description="Null for the bundle that Weir ships.")
    killed: bool = Field(description="Whether the rules alone answer.")
    challenger: ChallengerReply | None
    installed: list[str]
    proposals: list[ProposalReply]
    moves: list[MoveReply] = Field(description="The latest first.")
