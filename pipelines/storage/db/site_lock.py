"""Allow one run of a site at a time, on all machines: an advisory lock that ends with its holder's connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipelines.storage.db import locks
from pipelines.storage.db.errors import StorageError, one_line

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

TAKE = text(f"SELECT pg_try_advisory_lock({locks.SITE}), pg_backend_pid()")
ALIVE = text("SELECT 1")
HOLDER = text(locks.SITE_HOLDER)
_PAUSE = 0.5
"""Seconds between two attempts while waiting for the lock."""


class SiteIsTaken(StorageError):  # noqa: N818 - named for the state
    """Another run of the site is under way."""


class SiteLock:
    """The lock of one site. It has a connection of its own: a pool would hand the session, and the lock, to others."""

    def __init__(self, engine: Engine, site: str) -> None:
        self._engine = engine
        self._site = site
        self._connection: Connection | None = None
        self._process: int | None = None
        """Process id of the server's backend that holds the lock, or held it last."""

    def take(self, wait: float = 0) -> None:
        """Take the lock. Raise SiteIsTaken after ``wait`` seconds; StorageError where the database does not answer."""
        deadline = time.monotonic() + wait
        with one_line():
            while not self._try():
                if time.monotonic() >= deadline:
                    raise SiteIsTaken(f"another run of {self._site} is under way")
                time.sleep(min(_PAUSE, max(deadline - time.monotonic(), 0)))

    def keep_alive(self) -> None:
        """Take the lock again if its connection was lost. Raise SiteIsTaken where another run took it meanwhile.

        The server may not have noticed the loss yet: its process then still holds the lock, and no other run can take it.
        """
        try:
            if self._connection is not None:
                self._connection.execute(ALIVE)
                return
        except DBAPIError:
            self.release()
        try:
            self.take()
        except SiteIsTaken:
            if not self._is_kept():
                raise
        except StorageError:
            pass  # the database is away: the next write waits for it

    def release(self) -> None:
        if self._connection is not None:
            # Closing alone would return the session, and the lock, to the pool.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _is_kept(self) -> bool:
        try:
            with self._engine.connect() as connection:
                return connection.scalar(HOLDER, {"site": self._site}) in {self._process, None}
        except DBAPIError:
            return True  # the database is away again

    def _try(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        is_ours, process = connection.execute(TAKE, {"site": self._site}).one()
        if is_ours:
            self._connection, self._process = connection, process
            return True
        connection.close()
        return False
