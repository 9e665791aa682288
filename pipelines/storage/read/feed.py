"""Read the change feed as a consumer: through schema ``api`` only, so that a read-only role suffices."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from pipelines.storage.db.errors import SchemaMismatch, StorageError, one_line
from pipelines.storage.schema.api_functions import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, RowMapping

MOST = 1000
"""Most changes that one read returns."""

EPOCH = text("SELECT api.feed_epoch()")
LAG = text("SELECT * FROM api.feed_lag()")
CHANGES = """
    SELECT {columns}, s.timezone FROM api.article_change c JOIN api.site s USING (site)
    WHERE {condition} ORDER BY c.change_xid, c.change_seq
"""
AFTER = "(c.change_xid, c.change_seq) > (CAST(:xid AS xid8), :seq)"
READ = text(f"{CHANGES.format(columns='c.*', condition=AFTER)} LIMIT :most")
# Transaction ids from an older server may be higher than this one's next; the feed does not read up to them yet.
STAMP_ANEW = text("""
    UPDATE crawl.article SET change_seq = 0 WHERE change_xid >= pg_snapshot_xmax(pg_current_snapshot())
""")
_CURSOR = re.compile(r"([0-9a-f]{12})-(\d{1,20})-(\d{1,19})")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last change that was read.

    >>> Cursor.parse("0123456789ab-745-12")
    Cursor(epoch='0123456789ab', xid=745, seq=12)
    >>> str(Cursor("0123456789ab", 745, 12))
    '0123456789ab-745-12'
    """

    epoch: str
    """As ``api.feed_epoch()`` returned it."""
    xid: int
    seq: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.xid}-{self.seq}"

    @property
    def values(self) -> dict[str, str | int]:
        """Return the parameters of ``AFTER``."""
        return {"xid": str(self.xid), "seq": self.seq}

    @classmethod
    def parse(cls, value: str) -> Self:
        """Raise ``ValueError`` for a malformed value."""
        parts = _CURSOR.fullmatch(value)
        if not parts:
            raise ValueError(f"{value!r} is no cursor of the feed")
        return cls(parts[1], int(parts[2]), int(parts[3]))


@dataclass(frozen=True, slots=True)
class Change:
    cursor: Cursor
    article: dict[str, Any]
    """The columns of ``api.article``, times in the site's zone."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Changes that the feed holds back while open transactions may still write earlier ones."""

    waiting: int
    """Number of changes held back."""
    since: datetime | None
    """Start of the oldest such transaction; ``None`` without one, or where the role may not see it."""
    process: int | None
    application: str | None
    foreign_stamps: int
    """Number of changes that came with a dump and are not in this server's order."""


class Feed:
    """Reads changes after a cursor, and advances it."""

    def __init__(self, engine: Engine, since: Cursor | None = None) -> None:
        """Begin after ``since``, or at the first change. Raise StorageError for a cursor of another database."""
        self._engine = engine
        with reading(engine) as connection:
            epoch = str(connection.scalar(EPOCH))
        if since is not None and since.epoch != epoch:
            raise StorageError(
                "the cursor is of another database, or of this one before it was restored: read from the beginning"
            )
        if lag(engine).foreign_stamps:
            raise StorageError(
                "the database was restored from a dump, and its feed is not in order: run `scrapy db upgrade`"
            )
        self.cursor = since or Cursor(epoch, 0, 0)

    def read(self, most: int = MOST) -> list[Change]:
        """Return the next changes, up to ``most``, the oldest first; empty where there is nothing new."""
        with reading(self._engine) as connection:
            rows = connection.execute(READ, {**self.cursor.values, "most": most}).mappings()
            changes = [self._change(row) for row in rows]
        if changes:
            self.cursor = changes[-1].cursor
        return changes

    def _change(self, row: RowMapping) -> Change:
        article = dict(row)
        cursor = Cursor(self.cursor.epoch, int(article.pop("change_xid")), article.pop("change_seq"))
        zone = ZoneInfo(article.pop("timezone"))
        times = {name: value.astimezone(zone) for name, value in article.items() if isinstance(value, datetime)}
        return Change(cursor, article | times)


@contextmanager
def listening(engine: Engine) -> Iterator[Any]:
    """Give a psycopg2 connection that becomes readable when an article changed; ``poll()`` reads the notifications."""
    with one_line(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.execute(text(f"LISTEN {CHANNEL}"))
            yield connection.connection.driver_connection
        except engine.dialect.loaded_dbapi.Error as error:  # raised by calls on the driver's connection
            raise StorageError(str(error).partition("\n")[0]) from error
        finally:
            connection.invalidate()  # the pool must not hand out a listening session


def lag(engine: Engine) -> Lag:
    """Return what the feed holds back now. Raise StorageError."""
    with reading(engine) as connection:
        return Lag(**connection.execute(LAG).mappings().one())


def stamp_anew(engine: Engine) -> int:
    """Put the changes that came with a dump into this server's order. Return their number."""
    with one_line(), engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        return connection.execute(STAMP_ANEW).rowcount


@contextmanager
def reading(engine: Engine, **options: Any) -> Iterator[Connection]:
    """Yield a connection with these execution options. Raise StorageError for errors of the database."""
    try:
        with one_line(), engine.connect().execution_options(**options) as connection:
            yield connection
    except StorageError as error:
        if isinstance(error.__cause__, ProgrammingError) and "does not exist" in str(error):
            raise SchemaMismatch("the database has no change feed of this version: run `scrapy db upgrade`") from error
        raise
