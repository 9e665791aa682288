"""Run migrations on the connection that ``schema.migrate`` passes, in one transaction."""

from alembic import context
from sqlalchemy import Connection, text

from pipelines.storage.schema.migrate import OPTIONS
from pipelines.storage.schema.models import Base

VERSION = """
    CREATE TABLE IF NOT EXISTS crawl.alembic_version (
        version_num varchar(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY
    )
"""
"""Alembic's own table, made before the rest because migrations wait for each other by its lock."""


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, **OPTIONS)
    with context.begin_transaction():
        # Waiting for another migration is patient; waiting for a table's readers and writers is not.
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS crawl"))
        connection.execute(text(VERSION))
        connection.execute(text("LOCK TABLE crawl.alembic_version IN SHARE ROW EXCLUSIVE MODE"))
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        context.run_migrations()


run(context.config.attributes["connection"])
