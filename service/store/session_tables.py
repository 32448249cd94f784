"""The table of sessions: who is signed in to the pages."""

from sqlalchemy import Column, ForeignKey, Table

from service.store.tables import API_KEYS, METADATA
from service.store.types import Moment, code

SESSIONS = Table(
    "sessions",
    METADATA,
    Column("session_hash", code(64), primary_key=True),
    Column("key_id", ForeignKey(API_KEYS.c.key_id), nullable=False, index=True),
    Column("port", code(4)),
    Column("started_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False, index=True),
)
"""Who is signed in: only a hash of what the browser holds; a session is as good as its key."""
