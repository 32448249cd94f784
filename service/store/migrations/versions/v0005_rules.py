"""Rules with their hits, lookouts and suppressions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0005"
down_revision = "0004"


def _code(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _watches(name: str, key: str, *columns: sa.Column[str]) -> None:
    """Make a table of entities that are watched, or not, until a moment."""
    op.create_table(
        name,
        sa.Column(key, _code(64), nullable=False),
        sa.Column("entity_kind", _code(16), nullable=False),
        sa.Column("token", _code(32), nullable=False),
        sa.Column("token_key", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        *columns,
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", _code(16), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", _code(16), nullable=True),
        sa.ForeignKeyConstraint(
            ["token_key"], ["token_keys.token_key"], name=op.f(f"fk_{name}_token_key")
        ),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_expires_at"), name, ["expires_at"], unique=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rules",
        sa.Column("rule_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", _code(16), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("action", _code(16), nullable=False),
        sa.Column("ports", sa.Text(), nullable=True),
        sa.Column("predicate", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("drafted_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", _code(16), nullable=True),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column("retired_by", _code(16), nullable=True),
        sa.PrimaryKeyConstraint("rule_id", "version", name=op.f("pk_rules")),
    )
    op.create_table(
        "rule_hits",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule_id", _code(64), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "version"],
            ["items.item_id", "items.version"],
            name=op.f("fk_rule_hits_item_id_version"),
        ),
        sa.ForeignKeyConstraint(
            ["rule_id", "rule_version"],
            ["rules.rule_id", "rules.version"],
            name=op.f("fk_rule_hits_rule_id_rule_version"),
        ),
        sa.PrimaryKeyConstraint("item_id", "version", "rule_id", name=op.f("pk_rule_hits")),
    )
    op.create_index(
        op.f("ix_rule_hits_rule_id_item_id"), "rule_hits", ["rule_id", "item_id"], unique=False
    )
    _watches(
        "lookouts",
        "lookout_id",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("action", _code(16), nullable=False),
    )
    _watches("suppressions", "suppression_id", sa.Column("reason", sa.Text(), nullable=False))
    op.create_table(
        "rulebook_moves",
        sa.Column("move", sa.Integer(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("move", name=op.f("pk_rulebook_moves")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("rulebook_moves")
    op.drop_index(op.f("ix_suppressions_expires_at"), table_name="suppressions")
    op.drop_table("suppressions")
    op.drop_index(op.f("ix_lookouts_expires_at"), table_name="lookouts")
    op.drop_table("lookouts")
    op.drop_index(op.f("ix_rule_hits_rule_id_item_id"), table_name="rule_hits")
    op.drop_table("rule_hits")
    op.drop_table("rules")
