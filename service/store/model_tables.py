"""The tables of models live: proposals, the challenger and its scores, the kill switch."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
)

from service.store.tables import ITEMS, METADATA
from service.store.types import Moment, code

PROPOSALS = Table(
    "proposals",
    METADATA,
    Column("proposal", Integer, primary_key=True),
    Column("version", code(64), nullable=False),
    Column("proposed_by", code(16), nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("confirmed_by", code(16)),
    Column("confirmed_at", Moment),
    Index(None, "version", "proposed_at"),
)
"""Who proposed to promote a bundle, and who else confirmed it."""

CHALLENGERS = Table(
    "challengers",
    METADATA,
    Column("move", Integer, primary_key=True),
    Column("version", code(64)),
    Column("moved_at", Moment, nullable=False),
    Column("key_id", code(16), nullable=False),
)
"""Every move of the challenger pointer; the last row is the challenger, no version none."""

SWITCHES = Table(
    "switches",
    METADATA,
    Column("move", Integer, primary_key=True),
    Column("action", code(16), nullable=False),
    Column("moved_at", Moment, nullable=False),
    Column("key_id", code(16), nullable=False),
    CheckConstraint("action IN ('kill', 'restore')", name="action"),
)
"""Every throw of the kill switch; after `kill` the rules alone answer."""

SHADOW_SCORES = Table(
    "shadow_scores",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("bundle", code(64), primary_key=True),
    Column("risk", Float, nullable=False),
    ForeignKeyConstraint(["item_id", "version"], [ITEMS.c.item_id, ITEMS.c.version]),
)
"""What the challenger would have answered, beside what was answered; no inspector sees it."""
