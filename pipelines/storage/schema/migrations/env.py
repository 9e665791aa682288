"""Run migrations on the connection that ``schema.migrate`` passes, in one transaction."""

from alembic import context
from sqlalchemy import Connection, text

from pipelines.storage.db import locks
from pipelines.storage.schema.migrate import OPTIONS
from pipelines.storage.schema.models import Base


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, **OPTIONS)
    with context.begin_transaction():
        # Waiting for another migration is patient; waiting for a table's readers and writers is not.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        locks.lock(connection, locks.MIGRATION)
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS crawl"))
        context.run_migrations()


run(context.config.attributes["connection"])
