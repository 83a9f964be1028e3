"""Run by Alembic; connection and transaction are the caller's (`record.store.migrating`)."""

from alembic import context

from record.store.rows import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite cannot alter a column in place; Alembic then copies the table.
    render_as_batch=True,
)
context.run_migrations()
