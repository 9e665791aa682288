"""Allow one run of a site at a time, on all machines: a lease that ends with its holder's connection."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipelines.storage.db.errors import StorageError, one_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

TAKE = text("""
    INSERT INTO crawl.lease AS l (name, process, connected_at, holder)
    SELECT :site, pid, backend_start, :holder FROM pg_stat_get_activity(pg_backend_pid())
    ON CONFLICT (name) DO UPDATE
    SET process = EXCLUDED.process, connected_at = EXCLUDED.connected_at, holder = EXCLUDED.holder
    WHERE l.holder = EXCLUDED.holder OR NOT crawl.is_connected(l.process, l.connected_at)
    RETURNING true
""")
GIVE_BACK = text("DELETE FROM crawl.lease WHERE name = :site AND holder = :holder")
ALIVE = text("SELECT 1")
_PAUSE = 0.5
"""Seconds between two attempts while waiting for the site."""


class SiteIsTaken(StorageError):  # noqa: N818 - named for the state
    """Another run of the site is under way."""


class SiteLock:
    """The lease of one site. It has a connection of its own: a pool would hand the session, and the lease, to others."""

    def __init__(self, engine: Engine, site: str) -> None:
        self._engine = engine
        self._lease = {"site": site, "holder": uuid4().hex}
        self._connection: Connection | None = None

    def take(self, wait: float = 0, *, gives_up: Callable[[], bool] = lambda: False) -> None:
        """Take the lease. Raise SiteIsTaken after ``wait`` seconds; StorageError where the database does not answer.

        :param gives_up: asked twice a second; true ends the wait.
        """
        deadline = time.monotonic() + wait
        with one_line():
            while not self._try():
                if time.monotonic() >= deadline or gives_up():
                    raise SiteIsTaken(f"another run of {self._lease['site']} is under way")
                time.sleep(min(_PAUSE, max(deadline - time.monotonic(), 0)))

    def keep_alive(self) -> None:
        """Take the lease again if its connection was lost. Raise SiteIsTaken where another run took it meanwhile."""
        try:
            if self._connection is not None:
                self._connection.execute(ALIVE)
                return
        except DBAPIError:
            self._forget()
        try:
            self.take()
        except SiteIsTaken:
            raise
        except StorageError:
            pass  # the database is away: the next write waits for it

    def release(self) -> None:
        if self._connection is not None:
            # The server notices the end of a session later than its client.
            with suppress(DBAPIError):
                self._connection.execute(GIVE_BACK, self._lease)
            self._forget()

    def _forget(self) -> None:
        if self._connection is not None:
            # Closing alone would return the session, and the lease, to the pool.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _try(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(TAKE, self._lease):
            self._connection = connection
            return True
        connection.close()
        return False
