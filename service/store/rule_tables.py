"""The tables of rules, what they hit, lookouts and suppressions."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)

from service.store.tables import ITEMS, METADATA, TOKEN_KEYS
from service.store.types import Json, Moment, code

RULES = Table(
    "rules",
    METADATA,
    Column("rule_id", code(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("owner", code(16), nullable=False),
    Column("agency", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("action", code(16), nullable=False),
    Column("ports", Json),
    Column("predicate", Text, nullable=False),
    Column("expires_at", Moment),
    Column("drafted_at", Moment, nullable=False),
    Column("released_at", Moment),
    Column("released_by", code(16)),
    Column("retired_at", Moment),
    Column("retired_by", code(16)),
)
"""Every version of every rule; what it asks never changes, only whether it is in force."""

RULE_HITS = Table(
    "rule_hits",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("rule_id", code(64), primary_key=True),
    Column("rule_version", Integer, nullable=False),
    Column("in_force", Boolean, nullable=False),
    ForeignKeyConstraint(["item_id", "version"], [ITEMS.c.item_id, ITEMS.c.version]),
    ForeignKeyConstraint(["rule_id", "rule_version"], [RULES.c.rule_id, RULES.c.version]),
    Index(None, "rule_id", "item_id"),
)
"""Rules whose condition held for a version of an item when it was scored."""

LOOKOUTS = Table(
    "lookouts",
    METADATA,
    Column("lookout_id", code(64), primary_key=True),
    Column("entity_kind", code(16), nullable=False),
    Column("token", code(32), nullable=False),
    Column("token_key", ForeignKey(TOKEN_KEYS.c.token_key), nullable=False),
    Column("agency", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("action", code(16), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", code(16), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    Column("ended_by", code(16)),
)
"""Entities that an agency looks out for; the entity is a token."""

SUPPRESSIONS = Table(
    "suppressions",
    METADATA,
    Column("suppression_id", code(64), primary_key=True),
    Column("entity_kind", code(16), nullable=False),
    Column("token", code(32), nullable=False),
    Column("token_key", ForeignKey(TOKEN_KEYS.c.token_key), nullable=False),
    Column("agency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("created_by", code(16), nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("ended_at", Moment),
    Column("ended_by", code(16)),
)
"""Entities for which rules that raise are silent for a time; the entity is a token."""

RULEBOOK_MOVES = Table(
    "rulebook_moves",
    METADATA,
    Column("move", Integer, primary_key=True),
    Column("moved_at", Moment, nullable=False),
)
"""One row for each change of what is in force: workers look at the last number alone."""
