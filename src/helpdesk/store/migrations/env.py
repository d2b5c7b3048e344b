"""Alembic's entry: runs the migrations on the connection that ``upgrade`` hands over, inside its transaction."""

from alembic import context

from helpdesk.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # both databases can; Alembic does not expect it of SQLite
    compare_type=True,
)
context.run_migrations()
