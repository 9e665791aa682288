"""Migrate a database's schema."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from pipelines.storage.db import reader
from pipelines.storage.db.errors import StorageError, reason
from pipelines.storage.db.watchdog import unwatched
from pipelines.storage.schema import api, schema_version
from pipelines.storage.schema.models import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from sqlalchemy import Connection, Engine

# At each look at a database it tells which dialect it found.
logging.getLogger("alembic.runtime.migration").setLevel(logging.WARNING)

SCHEMA = "crawl"
OPTIONS: dict[str, Any] = {
    "version_table_schema": SCHEMA,
    "include_schemas": True,
    "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
    "compare_type": True,
    "compare_server_default": True,
}
"""Options of Alembic for the migrations and their checks."""
_MADE_MEANWHILE = ("23505", "42P06", "42P07")
"""SQLSTATEs of a first migration that waited for another one, which has made the schema."""
_ALEMBIC = threading.Lock()
"""Alembic keeps its context in module variables: one migration at a time in a process."""


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to ``revision``, and provide for the role of readers. Safe to run at the same time as others: they wait for each other.

    Raise ``SchemaMismatch`` for a database of another development version, ``StorageError`` where it fails.
    """
    try:
        _upgrade(engine, revision)
    except StorageError as error:
        if getattr(getattr(error.__cause__, "orig", None), "pgcode", None) not in _MADE_MEANWHILE:
            raise
        _upgrade(engine, revision)
    reader.provide(engine)


def _upgrade(engine: Engine, revision: str) -> None:
    with _migrating(engine) as config:
        connection: Connection = config.attributes["connection"]
        if (found := schema_version.current(connection)) is not None:
            schema_version.refuse_unknown(found)
        connection.rollback()  # the transaction of the look
        command.upgrade(config, revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Migrate down to ``revision``; to ``base`` it takes all data with it."""
    with _migrating(engine) as config:
        command.downgrade(config, revision)


def drift(engine: Engine) -> list[Any]:
    """Return the differences between the database's tables and the models, as Alembic's operations."""
    with engine.connect() as connection:
        return list(compare_metadata(_context(connection), Base.metadata))


def digest() -> str:
    """Return eight hex digits that change with any table, view, function or trigger of the schema."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's
    tables = [CreateTable(table).compile(dialect=dialect) for table in Base.metadata.sorted_tables]
    indexes = [
        CreateIndex(index).compile(dialect=dialect)
        for table in Base.metadata.sorted_tables
        for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    ddl = [" ".join(str(statement).split()) for statement in [*tables, *indexes, *api.statements()]]
    return sha256("\n".join(ddl).encode()).hexdigest()[:8]


@contextmanager
def _config(connection: Connection | None = None) -> Iterator[Config]:
    with _scripts() as folder:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", folder.replace("%", "%%"))
        yield config


@contextmanager
def _scripts() -> Iterator[str]:
    """Yield the folder of migrations; unpacked if the package is in a zip file, as under scrapyd."""
    scripts = files("pipelines.storage.schema") / "migrations"
    if isinstance(scripts, Path):
        yield str(scripts)
        return
    with TemporaryDirectory(prefix="smartdaily-migrations-") as folder:
        _unpack(scripts, Path(folder))
        yield folder


def _unpack(folder: Traversable, target: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            (target / entry.name).mkdir()
            _unpack(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts=OPTIONS)


@contextmanager
def _migrating(engine: Engine) -> Iterator[Config]:
    try:
        with _ALEMBIC, engine.connect() as connection, unwatched(connection), _config(connection) as config:
            yield config
    except DBAPIError as error:
        raise StorageError(f"the migration was rolled back: {reason(error)}") from error
    except CommandError as error:
        raise StorageError(f"the database cannot be migrated: {error}") from error
