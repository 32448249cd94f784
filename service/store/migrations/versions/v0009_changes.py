"""How often each writer changed the history of entities."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table."""
    writer = sa.String(32).with_variant(sa.String(32, collation="C"), "postgresql")
    op.create_table(
        "history_changes",
        sa.Column("writer", writer, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("writer", name=op.f("pk_history_changes")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("history_changes")
