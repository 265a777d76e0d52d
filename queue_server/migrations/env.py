"""What Alembic runs: the migrations, on the connection and in the transaction of the caller."""

from alembic import context

from queue_server.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller commits, all or nothing
    render_as_batch=True,
)
context.run_migrations()
