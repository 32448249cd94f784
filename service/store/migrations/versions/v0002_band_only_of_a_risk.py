"""A band only where there is a risk: what the rules alone answered has none."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Let a band be absent, and take it from what the rules alone answered."""
    with op.batch_alter_table("scores") as scores:
        scores.alter_column("band", existing_type=sa.String(16), nullable=True)
    op.execute("UPDATE scores SET band = NULL WHERE risk IS NULL")


def downgrade() -> None:
    """Give every answer a band again, as the first schema wants it."""
    op.execute("UPDATE scores SET band = 'low' WHERE band IS NULL")
    with op.batch_alter_table("scores") as scores:
        scores.alter_column("band", existing_type=sa.String(16), nullable=False)
