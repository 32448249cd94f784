"""What a shift is: its body, its exams, and what may be wrong with it."""

from collections.abc import Collection
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from features.errors import WeirError
from features.fields import PortCode, RecordId, Share, Time
from features.items import Record, ShipmentMode, VehicleMode
from features.reference.rows import ExamMethod
from features.reference.tables import default_method, exam_methods
from models.policy.plan import LEAST_UNIFORM_SHARE, Tilt

Mode = Literal[VehicleMode, ShipmentMode]
Way = Literal["queue", "lane"]
LONGEST = timedelta(hours=24)
MOST_MINUTES = 100_000

Minutes = Annotated[float, Field(ge=0, le=MOST_MINUTES, allow_inf_nan=False)]
Method = Annotated[str, Field(min_length=1, max_length=40)]


class NewShift(Record):
    """What a port can do in a window."""

    shift_id: RecordId = Field(description="A name of your own; sent again, it is opened once.")
    port: PortCode
    way: Way = Field(
        "queue",
        description="`queue` is planned from what has not left; `lane` decides item by item.",
    )
    modes: Annotated[list[Mode], Field(min_length=1, max_length=7)]
    starts_at: Time
    ends_at: Time
    minutes: Annotated[dict[Method, Minutes], Field(min_length=1, max_length=20)] = Field(
        description="Minutes of inspection in the whole shift, by exam method."
    )
    exploration_share: Share = Field(0.1, description="Share of the minutes that chance gets.")
    floor: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)] = Field(
        1.0,
        description="In the queue, exams by chance that the shift expects at least, for each "
        "method. In the lane it is not used: there the share alone counts.",
    )
    uniform_share: Annotated[float, Field(ge=LEAST_UNIFORM_SHARE, le=1)] = Field(
        0.5, description="Even part of the draw; the rest leans."
    )
    tilt: Tilt = Field("risk", description="What the rest leans to.")
    exponent: Annotated[float, Field(ge=0.5, le=1)] = Field(
        0.5, description="Power of the risk to which the draw leans."
    )
    plan_every_minutes: Annotated[float, Field(ge=1, le=1_440)] = Field(
        60.0, description="A plan spends what is due so far ahead; plan again about as often."
    )
    expected_items: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        None, description="Items expected in the shift; needed in the lane."
    )


NEW_SHIFT: TypeAdapter[NewShift] = TypeAdapter(NewShift)
"""What a body must be."""


class UnknownShift(WeirError):  # noqa: N818 - what the caller sees
    """No such shift within the caller's reach."""


class ShiftTaken(WeirError):  # noqa: N818 - what the caller sees
    """A shift_id that belongs to a shift with other content."""


class LaneTaken(WeirError):  # noqa: N818 - what the caller sees
    """Another shift decides in the same lane at the same time."""


class ShiftOver(WeirError):  # noqa: N818 - what the caller sees
    """A shift that has ended."""


class NoLane(WeirError):  # noqa: N818 - what the caller sees
    """No shift decides in the lane where the item is."""


def method_of(mode: str, minutes: Collection[str]) -> ExamMethod | None:
    """Tell which exam the items of a mode get in a shift.

    Parameters
    ----------
    mode : str
        One of the modes of an item.
    minutes : collection of str
        Exam methods that the shift has minutes for.

    Returns
    -------
    ExamMethod or None
        The usual one if the shift has it, otherwise its first one for the mode.
    """
    usual = default_method(mode)
    if usual.code in minutes:
        return usual
    able = (exam_methods()[code] for code in minutes if code in exam_methods())
    return next((method for method in able if mode in method.modes), None)
