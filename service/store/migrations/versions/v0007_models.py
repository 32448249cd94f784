"""Proposals to promote, the challenger and its scores, the kill switch."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0007"
down_revision = "0006"


def _code(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "proposals",
        sa.Column("proposal", sa.Integer(), nullable=False),
        sa.Column("version", _code(64), nullable=False),
        sa.Column("proposed_by", _code(16), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_by", _code(16), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("proposal", name=op.f("pk_proposals")),
    )
    op.create_index(
        op.f("ix_proposals_version_proposed_at"),
        "proposals",
        ["version", "proposed_at"],
        unique=False,
    )
    op.create_table(
        "challengers",
        sa.Column("move", sa.Integer(), nullable=False),
        sa.Column("version", _code(64), nullable=True),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.PrimaryKeyConstraint("move", name=op.f("pk_challengers")),
    )
    op.create_table(
        "switches",
        sa.Column("move", sa.Integer(), nullable=False),
        sa.Column("action", _code(16), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.CheckConstraint("action IN ('kill', 'restore')", name=op.f("ck_switches_action")),
        sa.PrimaryKeyConstraint("move", name=op.f("pk_switches")),
    )
    op.create_table(
        "shadow_scores",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bundle", _code(64), nullable=False),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "version"],
            ["items.item_id", "items.version"],
            name=op.f("fk_shadow_scores_item_id_version"),
        ),
        sa.PrimaryKeyConstraint("item_id", "version", "bundle", name=op.f("pk_shadow_scores")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("shadow_scores")
    op.drop_table("switches")
    op.drop_table("challengers")
    op.drop_index(op.f("ix_proposals_version_proposed_at"), table_name="proposals")

    op.drop_table("proposals")
