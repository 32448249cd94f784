"""Sessions of people who are signed in, and an index that finds what waits without its bodies."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0008"
down_revision = "0007"


def _code(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table, and the wider index."""
    op.drop_index(op.f("ix_items_port_leaves_at"), table_name="items")
    op.create_index(
        "ix_items_waiting",
        "items",
        ["port", "leaves_at", "superseded_by", "item_id", "version"],
        unique=False,
    )
    op.create_table(
        "sessions",
        sa.Column("session_hash", _code(64), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.Column("port", _code(4), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.key_id"], name=op.f("fk_sessions_key_id")),
        sa.PrimaryKeyConstraint("session_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_key_id"), "sessions", ["key_id"], unique=False)
    op.create_index(op.f("ix_sessions_expires_at"), "sessions", ["expires_at"], unique=False)


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_items_waiting", table_name="items")
    op.create_index(op.f("ix_items_port_leaves_at"), "items", ["port", "leaves_at"], unique=False)
    op.drop_index(op.f("ix_sessions_expires_at"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_key_id"), table_name="sessions")
    op.drop_table("sessions")
