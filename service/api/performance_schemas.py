"""Replies about figures, as OpenAPI shows them."""

from pydantic import AwareDatetime, BaseModel, Field

_INTERVAL = "Ends of the exact 95 % interval."


class FigureReply(BaseModel):
    """One estimate. Without enough finds by chance only bounds from one side (97.5 %) are given."""

    value: float | None
    low: float | None
    high: float | None
    enough: bool
    model_based: bool = Field(description="Whether it leans on the shape of a model's risks.")


class ArmReply(BaseModel):
    """What one arm did."""

    n_chosen: int
    n_inspections: int
    n_finds: int
    hit_rate: FigureReply = Field(description="Finds per inspection, Clopper and Pearson.")
    lift: FigureReply = Field(description="Hit rate over that of a random choice.")
    capture_share: FigureReply = Field(description="Its finds of all the contraband there was.")


class FiguresReply(BaseModel):
    """The figures of one port, or of all, from logged propensities."""

    says: str
    n_items: int = Field(description="Items that left and that were decided about.")
    n_reachable: int = Field(description="Those among them that estimates are about.")
    n_without_overlap: int = Field(description="Those that could not have been chosen.")
    n_exploration_exams: int
    n_exploration_finds: int
    n_exams_needed: int | None
    arms: dict[str, ArmReply]
    prevalence: FigureReply = Field(description="Contraband per reachable item (Hajek).")
    prevalence_doubly_robust: FigureReply
    capture_share: FigureReply = Field(description="Finds of the policy of all there was.")
    plain_sample_width: float = Field(
        description="Width of the interval from a plain random sample of as many exams."
    )
    assumes_detection: bool


class LateReply(BaseModel):
    """Events about items of the period; what several agencies report counts once."""

    n_events: int
    n_events_found_here: int
    n_events_elsewhere: int


class BurdenReply(BaseModel):
    """How often items of one kind are inspected, and how often lawful ones are opened."""

    by: str = Field(description="`port`, `mode`, `route` (mode and destination), `body`, ...")
    group: str
    n_items: int
    n_inspected: int
    n_finds: int
    inspection_rate: float = Field(description="Inspected items per item that left.")
    inspection_interval: list[float] = Field(description=_INTERVAL)
    lawful_opened_rate: float | None = Field(
        description="Items opened for nothing per item on which nothing was found."
    )
    lawful_opened_interval: list[float] = Field(description=_INTERVAL)


class PerformanceReply(BaseModel):
    """The figures of a period: what left in it, by local days of each port."""

    as_of: AwareDatetime
    n_left: int
    n_without_decision: int
    overall: FiguresReply
    ports: dict[str, FiguresReply]
    risk_beats_chance_p_values: dict[str, float] = Field(
        description="Per port, after Holm's correction (Fisher's exact test, one-sided)."
    )
    late_evidence: LateReply
    burden: list[BurdenReply]


class WhatIfReply(BaseModel):
    """What the choice by risk alone would have done on the same history."""

    capacity_share: float
    bundle: str | None = Field(description="Null for the risks that were used.")
    n_exams: float
    n_known_exams: int = Field(description="Exams on record among those it would have made.")
    n_known_finds: int
    n_without_overlap: int = Field(description="Items left out, for they had no chance.")
    n_without_score: int = Field(description="Items left out, for the bundle did not judge them.")
    finds: FigureReply
    hit_rate: FigureReply
