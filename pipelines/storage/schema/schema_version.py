"""Whether a database's schema is the one that this version works with.

Apart from ``migrate``, which Alembic and the models come with: every command asks this, and few migrate.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import text

from pipelines.storage.db.errors import SchemaMismatch, one_line

if TYPE_CHECKING:
    from sqlalchemy import Engine

TABLE = text("SELECT to_regclass('crawl.alembic_version')")
CURRENT = text("SELECT version_num FROM crawl.alembic_version")


@cache
def revisions() -> list[str]:
    """The revisions that this version knows, the oldest first: what the names of the migrations begin with."""
    names = (
        entry.name for entry in (files("pipelines.storage.schema") / "migrations" / "versions").iterdir()
    )
    return sorted(found[1] for name in names if (found := re.match(r"(\d{4})_\w+\.py$", name)))


def check(engine: Engine) -> None:
    """Raise ``SchemaMismatch`` unless the database is at the newest revision."""
    with one_line(), engine.connect() as connection:
        current = connection.scalar(CURRENT) if connection.scalar(TABLE) else None
    newest = revisions()[-1]
    if current == newest:
        return
    if current is None:
        raise SchemaMismatch("the database holds nothing of the crawler yet: run `scrapy db upgrade`")
    if current in revisions():
        raise SchemaMismatch(
            f"the database is at revision {current}, {newest} is needed: run `scrapy db upgrade`"
        )
    raise SchemaMismatch(
        f"the database is at revision {current}, which this version does not know: a newer version migrated it"
    )
