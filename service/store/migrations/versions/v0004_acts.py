"""Audit, findings, claims, decisions, late evidence, and the agency of each key."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0004"
down_revision = "0003"


def _code(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def _number() -> TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and give every key there is the agency that Weir was made for."""
    op.create_table(
        "audit",
        sa.Column("seq", _number(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", _code(32), nullable=False),
        sa.Column("role", _code(16), nullable=False),
        sa.Column("act", _code(40), nullable=False),
        sa.Column("subject", _code(80), nullable=True),
        sa.Column("payload_digest", _code(64), nullable=False),
        sa.Column("previous", _code(64), nullable=False),
        sa.Column("digest", _code(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_subject_seq"), "audit", ["subject", "seq"], unique=False)

    op.create_table(
        "checkpoints",
        sa.Column("seq", _number(), autoincrement=False, nullable=False),
        sa.Column("digest", _code(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("signer", _code(16), nullable=False),
        sa.Column("signature", _code(128), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "decisions",
        sa.Column("decision_id", _code(64), nullable=False),
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("shift_id", _code(64), nullable=False),
        sa.Column("arm", _code(16), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("propensity", sa.Float(), nullable=False),
        sa.Column("capacity_minutes", sa.Float(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_item_id"), "decisions", ["item_id"], unique=False)
    op.create_index(op.f("ix_decisions_shift_id"), "decisions", ["shift_id"], unique=False)

    op.create_table(
        "replies",
        sa.Column("key_id", _code(16), nullable=False),
        sa.Column("idempotency_key", _code(64), nullable=False),
        sa.Column("digest", _code(64), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "idempotency_key", name=op.f("pk_replies")),
    )
    op.create_index(op.f("ix_replies_replied_at"), "replies", ["replied_at"], unique=False)

    op.create_table(
        "audit_payloads",
        sa.Column("seq", _number(), autoincrement=False, nullable=False),
        sa.Column("salt", _code(32), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["audit.seq"], name=op.f("fk_audit_payloads_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_payloads")),
    )
    op.create_table(
        "claims",
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.key_id"], name=op.f("fk_claims_key_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_claims")),
    )
    op.create_table(
        "notes",
        sa.Column("inspection_id", _code(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.inspection_id"], name=op.f("fk_notes_inspection_id")
        ),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_written_at"), "notes", ["written_at"], unique=False)

    op.create_table(
        "outcomes",
        sa.Column("outcome_id", _code(64), nullable=False),
        sa.Column("kind", _code(32), nullable=False),
        sa.Column("item_id", _code(64), nullable=True),
        sa.Column("entity_kind", _code(16), nullable=True),
        sa.Column("token", _code(32), nullable=True),
        sa.Column("token_key", sa.Integer(), nullable=False),
        sa.Column("matched_item", _code(64), nullable=True),
        sa.Column("event_id", _code(64), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("permitted_use", _code(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_key"], ["token_keys.token_key"], name=op.f("fk_outcomes_token_key")
        ),
        sa.PrimaryKeyConstraint("outcome_id", name=op.f("pk_outcomes")),
    )
    op.create_index(op.f("ix_outcomes_event_id"), "outcomes", ["event_id"], unique=False)
    op.create_index(op.f("ix_outcomes_matched_item"), "outcomes", ["matched_item"], unique=False)
    op.create_index(
        op.f("ix_outcomes_token_entity_kind_happened_at"),
        "outcomes",
        ["token", "entity_kind", "happened_at"],
        unique=False,
    )

    op.create_table(
        "skips",
        sa.Column("skip_id", _code(64), nullable=False),
        sa.Column("item_id", _code(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", _code(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("skipped_at", sa.BigInteger(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("key_id", _code(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id", "version"],
            ["items.item_id", "items.version"],
            name=op.f("fk_skips_item_id_version"),
        ),
        sa.PrimaryKeyConstraint("skip_id", name=op.f("pk_skips")),
    )
    op.create_index(op.f("ix_skips_item_id_version"), "skips", ["item_id", "version"], unique=False)

    op.add_column("api_keys", sa.Column("agency", sa.Text(), server_default="CBP", nullable=False))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("api_keys") as batch_op:
        batch_op.drop_column("agency")

    op.drop_index(op.f("ix_skips_item_id_version"), table_name="skips")

    op.drop_table("skips")
    op.drop_index(op.f("ix_outcomes_token_entity_kind_happened_at"), table_name="outcomes")
    op.drop_index(op.f("ix_outcomes_matched_item"), table_name="outcomes")
    op.drop_index(op.f("ix_outcomes_event_id"), table_name="outcomes")

    op.drop_table("outcomes")
    op.drop_index(op.f("ix_notes_written_at"), table_name="notes")

    op.drop_table("notes")
    op.drop_table("claims")
    op.drop_table("audit_payloads")
    op.drop_index(op.f("ix_replies_replied_at"), table_name="replies")

    op.drop_table("replies")
    op.drop_index(op.f("ix_decisions_shift_id"), table_name="decisions")
    op.drop_index(op.f("ix_decisions_item_id"), table_name="decisions")

    op.drop_table("decisions")
    op.drop_table("checkpoints")
    op.drop_index(op.f("ix_audit_subject_seq"), table_name="audit")

    op.drop_table("audit")
