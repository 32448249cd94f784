"""Shifts, plans, what decisions rested on, and where each lane stands."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0006"
down_revision = "0005"


def _code(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "shifts",
        sa.Column("shift_id", _code(64), nullable=False),
        sa.Column("port", _code(4), nullable=False),
        sa.Column("way", _code(8), nullable=False),
        sa.Column("modes", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Text(), nullable=False),
        sa.Column("exploration_share", sa.Float(), nullable=False),
        sa.Column("floor", sa.Float(), nullable=False),
        sa.Column("uniform_share", sa.Float(), nullable=False),
        sa.Column("tilt", _code(8), nullable=False),
        sa.Column("exponent", sa.Float(), nullable=False),
        sa.Column("plan_every_minutes", sa.Float(), nullable=False),
        sa.Column("expected_items", sa.Float(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_shifts")),
    )
    op.create_index(op.f("ix_shifts_port_starts_at"), "shifts", ["port", "starts_at"], unique=False)

    op.create_table(
        "plans",
        sa.Column("shift_id", _code(64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("n_candidates", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Text(), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.shift_id"], name=op.f("fk_plans_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "number", name=op.f("pk_plans")),
    )
    op.create_table(
        "planned",
        sa.Column("decision_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.Column("severity", sa.Float(), nullable=False),
        sa.Column("method", _code(40), nullable=False),
        sa.Column("minutes", sa.Float(), nullable=False),
        sa.Column("must_inspect", sa.Boolean(), nullable=False),
        sa.Column("released", sa.Boolean(), nullable=False),
        sa.Column("n_rule_hits", sa.SmallInteger(), nullable=False),
        sa.Column("cluster", _code(64), nullable=True),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.decision_id"], name=op.f("fk_planned_decision_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_planned")),
    )
    op.create_table(
        "lanes",
        sa.Column("shift_id", _code(64), nullable=False),
        sa.Column("method", _code(40), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shifts.shift_id"], name=op.f("fk_lanes_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "method", name=op.f("pk_lanes")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("lanes")
    op.drop_table("planned")
    op.drop_table("plans")
    op.drop_index(op.f("ix_shifts_port_starts_at"), table_name="shifts")

    op.drop_table("shifts")
