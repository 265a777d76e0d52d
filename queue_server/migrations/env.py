"""Alembic's entry point: run the migrations in the caller's connection and transaction."""

from alembic import context

from queue_server.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller commits: all migrations or none
    render_as_batch=True,
)
context.run_migrations()
