"""Replies about shifts and decisions, as OpenAPI shows them."""

from datetime import date

from pydantic import AwareDatetime, BaseModel, Field

from features.records import Arm
from service.api.schemas import Mode
from service.shifts.record import Way


class ShiftHead(BaseModel):
    """A shift as it was opened."""

    shift_id: str
    port: str
    way: Way
    modes: list[Mode]
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    time_zone: str = Field(description="Zone of the port, in which its days are counted.")
    local_day: date
    starts_local: str
    ends_local: str
    minutes: dict[str, float]
    exploration_share: float
    floor: float
    uniform_share: float
    tilt: str
    exponent: float
    plan_every_minutes: float
    expected_items: float | None
    agency: str


class ShiftsReply(BaseModel):
    """Shifts, the latest first."""

    shifts: list[ShiftHead]


class BudgetReply(BaseModel):
    """What of one exam method is used and left."""

    method: str
    minutes: float
    used_minutes: float = Field(description="Minutes of the exams that were chosen so far.")
    left_minutes: float


class ChosenReply(BaseModel):
    """One item to inspect."""

    item_id: str
    kind: str
    mode: Mode
    leaves_at: AwareDatetime
    destination: str
    method: str
    minutes: float
    done: bool = Field(description="Whether an inspection of it was completed.")
    arm: Arm | None = Field(description="What chose it; null until it is done.")


class ShiftReply(ShiftHead):
    """A shift, its budget, and what it chose, in order of departure."""

    n_plans: int
    planned_at: AwareDatetime | None
    budget: list[BudgetReply]
    chosen: list[ChosenReply]


class DecisionReply(BaseModel):
    """What to do with an item in the lane. What decided is not told."""

    item_id: str
    shift_id: str
    inspect: bool
    method: str | None = Field(description="Exam to make; null if the item passes.")
    minutes: float | None = Field(description="Minutes that the exam is taken to cost.")
    degraded: bool = Field(description="True if the rules and chance alone decided.")
