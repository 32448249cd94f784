"""The tables of the audit: a chain of digests, what they are digests of, and signed checkpoints."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text

from service.store.tables import METADATA
from service.store.types import Moment, code

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
"""A row number of 64 bits; on SQLite only `INTEGER` is the row's own key."""

AUDIT = Table(
    "audit",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", code(32), nullable=False),
    Column("role", code(16), nullable=False),
    Column("act", code(40), nullable=False),
    Column("subject", code(80)),
    Column("payload_digest", code(64), nullable=False),
    Column("previous", code(64), nullable=False),
    Column("digest", code(64), nullable=False),
    Index(None, "subject", "seq"),
)
"""Who did what, in one chain without gaps; each row's digest covers the digest before it."""

AUDIT_PAYLOADS = Table(
    "audit_payloads",
    METADATA,
    Column("seq", ForeignKey(AUDIT.c.seq), primary_key=True, autoincrement=False),
    Column("salt", code(32), nullable=False),
    Column("payload", Text, nullable=False),
)
"""The particulars of acts, apart so that they can be purged; the salt goes with them."""

CHECKPOINTS = Table(
    "checkpoints",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("digest", code(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("signer", code(16), nullable=False),
    Column("signature", code(128), nullable=False),
)
"""Ed25519 signatures over the chain's head at a moment: what lies before cannot be rewritten."""
