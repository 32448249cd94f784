"""The tables of the store, the same on SQLite and PostgreSQL."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

from service.store.types import Json, Moment, code

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table; names of constraints follow one convention, so that migrations can name them."""

TOKEN_KEYS = Table(
    "token_keys",
    METADATA,
    Column("token_key", Integer, primary_key=True),
    Column("key_id", code(16), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
)
"""Which keys made the entity tokens; the keys themselves are never stored."""

ITEMS = Table(
    "items",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("supersedes", Integer),
    Column("superseded_by", Integer),
    Column("source", code(64)),
    Column("received_at", Moment, nullable=False),
    Column("kind", code(8), nullable=False),
    Column("mode", code(8), nullable=False),
    Column("port", code(4), nullable=False),
    Column("presented_at", Moment, nullable=False),
    Column("departs_at", Moment),
    Column("leaves_at", Moment, nullable=False),
    Column("destination", code(2), nullable=False),
    Column("body", Json, nullable=False),
    Column("digest", code(64), nullable=False),
    Column("token_key", ForeignKey(TOKEN_KEYS.c.token_key), nullable=False),
    Index("ix_items_waiting", "port", "leaves_at", "superseded_by", "item_id", "version"),
)
"""Every version of every item; the body carries entity tokens in place of identifiers."""

IDENTIFIERS = Table(
    "identifiers",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("field", code(32), primary_key=True),
    Column("value", Text, nullable=False),
    ForeignKeyConstraint(["item_id", "version"], ["items.item_id", "items.version"]),
)
"""Identifiers in clear, apart from everything else so that they can be purged first."""

ENTITY_ITEMS = Table(
    "entity_items",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("kind", code(32), primary_key=True),
    Column("token", code(32), primary_key=True),
    Column("known_at", Moment, nullable=False),
    Column("value_cents", BigInteger, nullable=False),
    Column("just_under", SmallInteger, nullable=False),
    Column("port", code(4), nullable=False),
    Column("partner", code(32)),
    Index(None, "token", "kind", "known_at", "item_id"),
)
"""Which items named an entity, a pair or a filing key, and when that was first known."""

FILING_VALUES = Table(
    "filing_values",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("token", code(32), primary_key=True, index=True),
    Column("value_cents", BigInteger, nullable=False),
)
"""What the latest version of each shipment declares per filing key; the key is a token."""

INSPECTIONS = Table(
    "inspections",
    METADATA,
    Column("inspection_id", code(64), primary_key=True),
    Column("supersedes", ForeignKey("inspections.inspection_id"), unique=True),
    Column("item_id", code(64), nullable=False, index=True),
    Column("method", code(40), nullable=False),
    Column("minutes", Float, nullable=False),
    Column("outcome", code(16), nullable=False),
    Column("n_firearms", Integer, nullable=False),
    Column("n_parts", Integer, nullable=False),
    Column("n_rounds", Integer, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("agency", Text, nullable=False),
)
"""Examinations and what they found; a correction supersedes and never overwrites."""

ENTITY_RESULTS = Table(
    "entity_results",
    METADATA,
    Column("inspection_id", ForeignKey(INSPECTIONS.c.inspection_id), primary_key=True),
    Column("kind", code(16), primary_key=True),
    Column("token", code(32), primary_key=True),
    Column("item_id", code(64), nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("find", SmallInteger, nullable=False),
    Column("clear", SmallInteger, nullable=False),
    Column("skip", SmallInteger, nullable=False, server_default="0"),
    Index(None, "token", "kind", "recorded_at", "inspection_id"),
)
"""How an inspection changed the finds, clears and skips of each entity of its item.

It counts from when it was recorded, or from when the item first named the entity if later.
"""

SIGNALS = Table(
    "signals",
    METADATA,
    Column("signal_id", code(64), primary_key=True),
    Column("kind", code(16), nullable=False),
    Column("entity_kind", code(16), nullable=False),
    Column("token", code(32), nullable=False),
    Column("token_key", ForeignKey(TOKEN_KEYS.c.token_key), nullable=False),
    Column("agency", Text, nullable=False),
    Column("known_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("strength", Float, nullable=False),
    Column("permitted_use", code(16), nullable=False),
    Column("detail", Text),
    Index("ix_signals_usable", "token", "entity_kind", "permitted_use", "known_at", "signal_id"),
)
"""What other sources know about an entity; the entity is a token."""

HISTORY_CHANGES = Table(
    "history_changes",
    METADATA,
    Column("writer", code(32), primary_key=True),
    Column("n", BigInteger, nullable=False),
)
"""How often each writer changed the three tables above: see `service.store.changes`."""

SCORES = Table(
    "scores",
    METADATA,
    Column("item_id", code(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("as_of", Moment, nullable=False),
    Column("risk", Float),
    Column("severity", Float, nullable=False),
    Column("priority", Float, nullable=False),
    Column("band", code(16)),
    Column("tier", SmallInteger, nullable=False),
    Column("raised", Boolean, nullable=False),
    Column("bundle", code(64)),
    Column("degraded", Boolean, nullable=False),
    Column("missing", Json, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("rule_hits", Json, nullable=False),
    Column("cluster", code(64)),
    ForeignKeyConstraint(["item_id", "version"], ["items.item_id", "items.version"]),
)
"""The answer given for each version of an item, word for word.

An answer by the rules alone gives way to the first one that a model gives.
"""

API_KEYS = Table(
    "api_keys",
    METADATA,
    Column("key_id", code(16), primary_key=True),
    Column("secret_hash", code(64), nullable=False),
    Column("role", code(16), nullable=False),
    Column("agency", Text, nullable=False, server_default="CBP"),
    Column("all_ports", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
)
"""Who may call: only a hash of each secret is kept."""

API_KEY_PORTS = Table(
    "api_key_ports",
    METADATA,
    Column("key_id", ForeignKey(API_KEYS.c.key_id), primary_key=True),
    Column("port", code(4), primary_key=True),
)
"""The ports that a key reaches, where it does not reach all."""

CHAMPIONS = Table(
    "champions",
    METADATA,
    Column("move", Integer, primary_key=True),
    Column("action", code(16), nullable=False),
    Column("version", code(64)),
    Column("replaces", ForeignKey("champions.move")),
    Column("moved_at", Moment, nullable=False),
    CheckConstraint("action IN ('promote', 'rollback')", name="action"),
)
"""Every move of the champion pointer; the last row is the champion, no version the shipped one."""

PROBES = Table(
    "probes",
    METADATA,
    Column("probe", Integer, primary_key=True),
    Column("probed_at", Moment, nullable=False),
)
"""One row that readiness checks overwrite, to learn whether the store takes writes."""
