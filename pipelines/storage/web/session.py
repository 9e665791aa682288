"""Sessions that may only read schema ``api``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from pipelines.storage.db.errors import StorageError, one_line
from pipelines.storage.db.reader import READER

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Connection",
    "Engine",
    "answers",
    "read_only",
    "reading",
]  # types for the views too, which do not know SQLAlchemy
SECONDS = 5
"""Maximum seconds of a statement: a page is refused rather than that it keeps the database busy."""
_AS_READER = f"SET ROLE {READER}"
_SETTINGS = ("SET default_transaction_read_only = on", f"SET statement_timeout = '{SECONDS}s'")


def read_only(engine: Engine) -> bool:
    """Let all sessions of the engine only read, with the rights of the reader's role.

    Return False if the database's user may not take that role, or if there is none: then its own rights remain.
    """
    try:
        with engine.connect() as connection:
            connection.execute(text(_AS_READER))
            has_role = True
    except DBAPIError:
        has_role = False
    statements = (*_SETTINGS, _AS_READER) if has_role else _SETTINGS

    def set_up(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        connection.commit()  # else the end of the first transaction would take the settings back

    event.listen(engine, "connect", set_up)
    engine.dispose()  # sessions without the settings
    return has_role


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection for the queries of one page. Raise StorageError, in one line, if the database does not answer them."""
    try:
        with one_line(), engine.connect() as connection:
            yield connection
    except PoolTimeoutError as error:
        raise StorageError("too many pages are being read from the database at once") from error


def answers(engine: Engine) -> None:
    """Raise StorageError unless the database answers."""
    with reading(engine) as connection:
        connection.execute(text("SELECT 1"))
