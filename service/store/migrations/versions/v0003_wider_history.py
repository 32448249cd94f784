"""History of pairs and filing keys, skips, signals by permitted use, clusters in scores.

Entries of pairs and filing keys cannot be made here from what is stored, for their tokens need
the service's secret: they begin with the next items, or with an import into a new store.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0003"
down_revision = "0002"

_SKIPPED = """
UPDATE entity_results SET skip = (
    SELECT CASE WHEN i.outcome = 'not_completed' THEN 1 ELSE 0 END
         - CASE WHEN r.outcome = 'not_completed' THEN 1 ELSE 0 END
    FROM inspections AS i LEFT JOIN inspections AS r ON r.inspection_id = i.supersedes
    WHERE i.inspection_id = entity_results.inspection_id
)
"""

_NEW_KINDS = "'plate_driver', 'shipper_consignee', 'shipper_address', 'forwarder_shipper', 'filing'"


def _code(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Add columns, and the index by which usable signals are found."""
    with op.batch_alter_table("entity_items") as table:
        table.alter_column("kind", type_=_code(32), existing_nullable=False)
    op.add_column(
        "entity_results",
        sa.Column("skip", sa.SmallInteger(), nullable=False, server_default="0"),
    )
    op.execute(_SKIPPED)
    op.drop_index("ix_signals_token_entity_kind_known_at", table_name="signals")
    op.create_index(
        "ix_signals_usable",
        "signals",
        ["token", "entity_kind", "permitted_use", "known_at", "signal_id"],
    )
    op.add_column("scores", sa.Column("cluster", _code(64), nullable=True))


def downgrade() -> None:
    """Undo: wider history."""
    op.drop_column("scores", "cluster")
    op.drop_index("ix_signals_usable", table_name="signals")
    op.create_index(
        "ix_signals_token_entity_kind_known_at", "signals", ["token", "entity_kind", "known_at"]
    )
    op.drop_column("entity_results", "skip")
    op.execute(f"DELETE FROM entity_items WHERE kind IN ({_NEW_KINDS})")  # noqa: S608 - ours
    with op.batch_alter_table("entity_items") as table:
        table.alter_column("kind", type_=_code(16), existing_nullable=False)
