"""The database and the spool that the settings name. Imported by each command, so it imports no more than it needs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from scrapy.settings import BaseSettings

from pipelines.storage.database import Database, open_database
from pipelines.storage.db.errors import StorageError


def configured_database(settings: BaseSettings) -> AbstractContextManager[Database]:
    """Open the database that the settings name; an embedded server where they name none.

    Raise StorageError with one line for an operator.
    """
    url = settings["DATABASE_URL"]
    if url is None and settings.getbool("DATABASE_REQUIRED", default=bool(settings["JOB"])):
        raise StorageError(
            "DATABASE_URL is not set: a scrapyd job needs a database that outlives it, e.g. postgresql://user@host/db"
        )
    programs = settings["PGBIN"]
    return open_database(
        url,
        Path(settings["DATA_DIR"]),
        programs=Path(programs) if programs else None,
        timeout=settings.getfloat("DATABASE_TIMEOUT"),
    )


def spool_folder(settings: BaseSettings) -> Path:
    """Return the folder for items that the database does not take."""
    return Path(settings["SPOOL_DIR"] or Path(settings["DATA_DIR"], "spool"))
