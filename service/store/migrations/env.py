"""Runs the migrations on the connection that `service.store.schema` hands over."""

from alembic import context

from service.store import (
    audit_tables,
    finding_tables,
    model_tables,
    rule_tables,
    session_tables,
    shift_tables,
)
from service.store.tables import METADATA

MODULES = (audit_tables, finding_tables, model_tables, rule_tables, session_tables, shift_tables)
"""Importing them adds their tables to the metadata."""

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
