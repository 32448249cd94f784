"""The tables of planning: shifts, their plans, what plans saw, and where each lane stands."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)

from service.store.finding_tables import DECISIONS
from service.store.tables import METADATA
from service.store.types import Json, Moment, code

SHIFTS = Table(
    "shifts",
    METADATA,
    Column("shift_id", code(64), primary_key=True),
    Column("port", code(4), nullable=False),
    Column("way", code(8), nullable=False),
    Column("modes", Json, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("minutes", Json, nullable=False),
    Column("exploration_share", Float, nullable=False),
    Column("floor", Float, nullable=False),
    Column("uniform_share", Float, nullable=False),
    Column("tilt", code(8), nullable=False),
    Column("exponent", Float, nullable=False),
    Column("plan_every_minutes", Float, nullable=False),
    Column("expected_items", Float),
    Column("opened_at", Moment, nullable=False),
    Column("agency", Text, nullable=False),
    Column("key_id", code(16), nullable=False),
    Index(None, "port", "starts_at"),
)
"""What a port can do in a window. `minutes` are by exam method."""

PLANS = Table(
    "plans",
    METADATA,
    Column("shift_id", ForeignKey(SHIFTS.c.shift_id), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("planned_at", Moment, nullable=False),
    Column("n_candidates", Integer, nullable=False),
    Column("spent", Json, nullable=False),
    Column("key_id", code(16), nullable=False),
)
"""Each plan of a shift, and by exam method what rules and risk, and chance, spent in it."""

PLANNED = Table(
    "planned",
    METADATA,
    Column("decision_id", ForeignKey(DECISIONS.c.decision_id), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("risk", Float, nullable=False),
    Column("severity", Float, nullable=False),
    Column("method", code(40), nullable=False),
    Column("minutes", Float, nullable=False),
    Column("must_inspect", Boolean, nullable=False),
    Column("released", Boolean, nullable=False),
    Column("n_rule_hits", SmallInteger, nullable=False),
    Column("cluster", code(64)),
    Column("settled", Boolean, nullable=False),
)
"""What a decision of a plan or in the lane rested on, so that it can be repeated and judged."""

LANES = Table(
    "lanes",
    METADATA,
    Column("shift_id", ForeignKey(SHIFTS.c.shift_id), primary_key=True),
    Column("method", code(40), primary_key=True),
    Column("state", Json, nullable=False),
)
"""Where a shift in the lane stands, by exam method: `models.policy.lane.LaneState`."""
