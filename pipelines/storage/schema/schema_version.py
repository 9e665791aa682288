"""Check whether a database has the schema of this version.

Apart from ``migrate``, which loads Alembic and the models: every command asks this, and few migrate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.db.errors import SchemaMismatch, one_line

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

REVISION = "0001_1b483887"
"""The newest revision. It ends in a digest of the schema until the first release (``migrate.digest``): before that a changed
model is a new schema and not a new migration, and a database of another development version has to be recognised."""

_FUNCTION = text("SELECT to_regprocedure('api.schema_version()')")
_BY_FUNCTION = text("SELECT api.schema_version()")
_TABLE = text("SELECT to_regclass('crawl.alembic_version')")
_CURRENT = text("SELECT version_num FROM crawl.alembic_version")


def current(connection: Connection) -> str | None:
    """Return the database's revision, ``None`` where it holds nothing of the crawler."""
    # Readers may call the function; a database of another version, or half of one, has none.
    has_function = connection.scalar(_FUNCTION) is not None
    revision: str | None = None
    if has_function or connection.scalar(_TABLE):
        revision = connection.scalar(_BY_FUNCTION if has_function else _CURRENT)
    return revision


def check(engine: Engine) -> None:
    """Raise ``SchemaMismatch`` unless the database is at the newest revision."""
    with one_line(), engine.connect() as connection:
        found = current(connection)
    if found is None:
        raise SchemaMismatch("the database holds nothing of the crawler yet: run `scrapy db upgrade`")
    refuse_unknown(found)


def refuse_unknown(revision: str) -> None:
    """Raise ``SchemaMismatch`` for a revision that this version cannot migrate."""
    if revision != REVISION:
        raise SchemaMismatch(
            f"the database was made by another development version (revision {revision}, {REVISION} is needed) and cannot be "
            "migrated: set DATABASE_URL to a new database, or delete the embedded one (`rm -rf .data`)"
        )
