"""The tables of what people do with items: claims, skips, notes, decisions, late evidence."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)

from service.store.tables import API_KEYS, INSPECTIONS, ITEMS, METADATA, TOKEN_KEYS
from service.store.types import Json, Moment, code

REPLIES = Table(
    "replies",
    METADATA,
    Column("key_id", code(16), primary_key=True),
    Column("idempotency_key", code(64), primary_key=True),
    Column("digest", code(64), nullable=False),
    Column("reply", Json, nullable=False),
    Column("replied_at", Moment, nullable=False, index=True),
)
"""What was replied to each idempotency key of each caller, and a digest of what was asked."""

NOTES = Table(
    "notes",
    METADATA,
    Column("inspection_id", ForeignKey(INSPECTIONS.c.inspection_id), primary_key=True),
    Column("note", Text, nullable=False),
    Column("written_at", Moment, nullable=False, index=True),
)
"""Free words of inspectors, apart because they are kept for a shorter time."""

CLAIMS = Table(
    "claims",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("key_id", ForeignKey(API_KEYS.c.key_id), nullable=False),
    Column("claimed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
"""Who has an item in hand now; a claim that has expired is as good as none."""

SKIPS = Table(
    "skips",
    METADATA,
    Column("skip_id", code(64), primary_key=True),
    Column("item_id", code(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("reason", code(32), nullable=False),
    Column("detail", Text),
    Column("skipped_at", Moment, nullable=False),
    Column("agency", Text, nullable=False),
    Column("key_id", code(16), nullable=False),
    ForeignKeyConstraint(["item_id", "version"], [ITEMS.c.item_id, ITEMS.c.version]),
    Index(None, "item_id", "version"),
)
"""Items that an officer let go on purpose, by version: an amended item comes back."""

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("decision_id", code(64), primary_key=True),
    Column("item_id", code(64), nullable=False, index=True),
    Column("shift_id", code(64), nullable=False, index=True),
    Column("arm", code(16)),
    Column("decided_at", Moment, nullable=False),
    Column("policy_id", Text, nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("reason", Text),
    Column("propensity", Float, nullable=False),
    Column("capacity_minutes", Float, nullable=False),
    Column("model_version", Text),
)
"""What was chosen for inspection and what was not, with the probability of it."""

OUTCOMES = Table(
    "outcomes",
    METADATA,
    Column("outcome_id", code(64), primary_key=True),
    Column("kind", code(32), nullable=False),
    Column("item_id", code(64)),
    Column("entity_kind", code(16)),
    Column("token", code(32)),
    Column("token_key", ForeignKey(TOKEN_KEYS.c.token_key), nullable=False),
    Column("matched_item", code(64), index=True),
    Column("event_id", code(64), nullable=False, index=True),
    Column("agency", Text, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("permitted_use", code(32), nullable=False),
    Index(None, "token", "entity_kind", "happened_at"),
)
"""Late evidence from elsewhere; rows with one `event_id` tell of one event and count once."""
