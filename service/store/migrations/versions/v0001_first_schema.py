"""The first schema: items, scores, entity logs, inspections, signals, keys, champion."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None


def _code(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", _code(16), nullable=False),
        sa.Column("secret_hash", _code(64), nullable=False),
        sa.Column("role", _code(16), nullable=False),
        sa.Column("all_ports", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "champions",
        sa.Column("move", sa.Integer(), nullable=False),
        sa.Column("action", _code(16), nullable=False),
        sa.Column("version", _code(64), nullable=True),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("action IN ('promote', 'rollback')", name=op.f("ck_champions_action")),
        sa.ForeignKeyConstraint(
            ["replaces"], ["champions.move"], name=op.f("fk_champions_replaces")
        ),
        sa.PrimaryKeyConstraint("move", name=op.f("pk_champions")),
    )
    op.create_table(
        "entity_items",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("kind", _code(16), nullable=False),
        sa.Column("token", _code(32), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("just_under", sa.SmallInteger(), nullable=False),
        sa.Column("port", _code(4), nullable=False),
        sa.Column("partner", _code(32), nullable=True),
        sa.PrimaryKeyConstraint("item_id", "kind", "token", name=op.f("pk_entity_items")),
    )
    op.create_index(
        op.f("ix_entity_items_token_kind_known_at_item_id"),
        "entity_items",
        ["token", "kind", "known_at", "item_id"],
        unique=False,
    )
    op.create_table(
        "filing_values",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("token", _code(32), nullable=False),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", "token", name=op.f("pk_filing_values")),
    )
    op.create_index(op.f("ix_filing_values_token"), "filing_values", ["token"], unique=False)
    op.create_table(
        "inspections",
        sa.Column("inspection_id", _code(64), nullable=False),
        sa.Column("supersedes", _code(64), nullable=True),
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("method", _code(40), nullable=False),
        sa.Column("minutes", sa.Float(), nullable=False),
        sa.Column("outcome", _code(16), nullable=False),
        sa.Column("n_firearms", sa.Integer(), nullable=False),
        sa.Column("n_parts", sa.Integer(), nullable=False),
        sa.Column("n_rounds", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["supersedes"], ["inspections.inspection_id"], name=op.f("fk_inspections_supersedes")
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_inspections")),
        sa.UniqueConstraint("supersedes", name=op.f("uq_inspections_supersedes")),
    )
    op.create_index(op.f("ix_inspections_item_id"), "inspections", ["item_id"], unique=False)
    op.create_table(
        "probes",
        sa.Column("probe", sa.Integer(), nullable=False),
        sa.Column("probed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("probe", name=op.f("pk_probes")),
    )
    op.create_table(
        "token_keys",
        sa.Column("token_key", sa.Integer(), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_key", name=op.f("pk_token_keys")),
        sa.UniqueConstraint("key_id", name=op.f("uq_token_keys_key_id")),
    )
    op.create_table(
        "api_key_ports",
        sa.Column("key_id", _code(16), nullable=False),
        sa.Column("port", _code(4), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_keys.key_id"], name=op.f("fk_api_key_ports_key_id")
        ),
        sa.PrimaryKeyConstraint("key_id", "port", name=op.f("pk_api_key_ports")),
    )
    op.create_table(
        "entity_results",
        sa.Column("inspection_id", _code(64), nullable=False),
        sa.Column("kind", _code(16), nullable=False),
        sa.Column("token", _code(32), nullable=False),
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("find", sa.SmallInteger(), nullable=False),
        sa.Column("clear", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.inspection_id"],
            name=op.f("fk_entity_results_inspection_id"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "kind", "token", name=op.f("pk_entity_results")),
    )
    op.create_index(
        op.f("ix_entity_results_token_kind_recorded_at_inspection_id"),
        "entity_results",
        ["token", "kind", "recorded_at", "inspection_id"],
        unique=False,
    )
    op.create_table(
        "items",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.Column("source", _code(64), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("kind", _code(8), nullable=False),
        sa.Column("mode", _code(8), nullable=False),
        sa.Column("port", _code(4), nullable=False),
        sa.Column("presented_at", sa.BigInteger(), nullable=False),
        sa.Column("departs_at", sa.BigInteger(), nullable=True),
        sa.Column("leaves_at", sa.BigInteger(), nullable=False),
        sa.Column("destination", _code(2), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("digest", _code(64), nullable=False),
        sa.Column("token_key", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_key"], ["token_keys.token_key"], name=op.f("fk_items_token_key")
        ),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_items")),
    )
    op.create_index(op.f("ix_items_port_leaves_at"), "items", ["port", "leaves_at"], unique=False)
    op.create_table(
        "signals",
        sa.Column("signal_id", _code(64), nullable=False),
        sa.Column("kind", _code(16), nullable=False),
        sa.Column("entity_kind", _code(16), nullable=False),
        sa.Column("token", _code(32), nullable=False),
        sa.Column("token_key", sa.Integer(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("permitted_use", _code(16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["token_key"], ["token_keys.token_key"], name=op.f("fk_signals_token_key")
        ),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_signals")),
    )
    op.create_index(
        op.f("ix_signals_token_entity_kind_known_at"),
        "signals",
        ["token", "entity_kind", "known_at"],
        unique=False,
    )
    op.create_table(
        "identifiers",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", _code(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "version"],
            ["items.item_id", "items.version"],
            name=op.f("fk_identifiers_item_id_version"),
        ),
        sa.PrimaryKeyConstraint("item_id", "version", "field", name=op.f("pk_identifiers")),
    )
    op.create_table(
        "scores",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("severity", sa.Float(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("band", _code(16), nullable=False),
        sa.Column("tier", sa.SmallInteger(), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.Column("bundle", _code(64), nullable=True),
        sa.Column("degraded", sa.Boolean(), nullable=False),
        sa.Column("missing", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("rule_hits", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "version"],
            ["items.item_id", "items.version"],
            name=op.f("fk_scores_item_id_version"),
        ),
        sa.PrimaryKeyConstraint("item_id", "version", name=op.f("pk_scores")),
    )


def downgrade() -> None:
    """Drop every table."""
    op.drop_table("scores")
    op.drop_table("identifiers")
    op.drop_index(op.f("ix_signals_token_entity_kind_known_at"), table_name="signals")
    op.drop_table("signals")
    op.drop_index(op.f("ix_items_port_leaves_at"), table_name="items")
    op.drop_table("items")
    op.drop_index(
        op.f("ix_entity_results_token_kind_recorded_at_inspection_id"), table_name="entity_results"
    )
    op.drop_table("entity_results")
    op.drop_table("api_key_ports")
    op.drop_table("token_keys")
    op.drop_table("probes")
    op.drop_index(op.f("ix_inspections_item_id"), table_name="inspections")
    op.drop_table("inspections")
    op.drop_index(op.f("ix_filing_values_token"), table_name="filing_values")
    op.drop_table("filing_values")
    op.drop_index(op.f("ix_entity_items_token_kind_known_at_item_id"), table_name="entity_items")
    op.drop_table("entity_items")
    op.drop_table("champions")
    op.drop_table("api_keys")
