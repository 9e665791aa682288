"""Cut connections on which a round trip takes too long.

libpq waits for an answer without a limit, and TCP's limits reach only to the next hop: behind a proxy, a balancer or a
tunnel that goes on acknowledging, they never apply. The server ends a statement after ``statement_timeout``, so no
answer comes after that.
"""

from __future__ import annotations

import math
import os
import socket
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from psycopg2 import InterfaceError, OperationalError
from psycopg2.extensions import connection, cursor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


class WatchedConnection(connection):  # type: ignore[misc]  # psycopg2 has no types
    """Connection whose round trips fail after ``silence`` seconds; without a limit where that is ``None``."""

    def __init__(self, *arguments: Any, silence: float | None) -> None:
        super().__init__(*arguments)
        self.silence = silence

    def commit(self) -> None:
        with self.watched():
            super().commit()

    def rollback(self) -> None:
        with self.watched():
            super().rollback()

    @contextmanager
    def watched(self) -> Iterator[None]:
        if self.silence is None:
            yield
            return
        _WATCHDOG.expect(self, self.silence)
        try:
            yield
        except OperationalError as error:
            if not _WATCHDOG.heard(self):
                raise OperationalError(f"nothing was heard for {self.silence:g} s") from error
            raise
        finally:
            _WATCHDOG.heard(self)


class WatchedCursor(cursor):  # type: ignore[misc]  # as above
    def execute(self, *arguments: Any, **named: Any) -> None:
        with self.connection.watched():
            super().execute(*arguments, **named)

    def executemany(self, *arguments: Any, **named: Any) -> None:
        with self.connection.watched():
            super().executemany(*arguments, **named)

    def copy_expert(self, *arguments: Any, **named: Any) -> None:
        with self.connection.watched():
            super().copy_expert(*arguments, **named)


class _Watchdog:
    """One thread for all connections: a timer thread for each round trip would cost a quarter of a millisecond."""

    def __init__(self) -> None:
        self._deadlines: dict[WatchedConnection, float] = {}
        self._wakes_at = math.inf
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def expect(self, watched: WatchedConnection, seconds: float) -> None:
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            self._deadlines[watched] = time.monotonic() + seconds
            if self._deadlines[watched] < self._wakes_at:
                self._changed.notify()

    def heard(self, watched: WatchedConnection) -> bool:
        """End the wait. Return False where the connection was cut."""
        with self._changed:
            return self._deadlines.pop(watched, None) is not None

    def _run(self) -> None:
        # No round trip can end while this holds the lock, so a connection that is cut is still waiting.
        with self._changed:
            while True:
                self._wakes_at = min(self._deadlines.values(), default=math.inf)
                left = self._wakes_at - time.monotonic()
                if left > 0:
                    self._changed.wait(min(left, threading.TIMEOUT_MAX))
                for watched, deadline in list(self._deadlines.items()):
                    if deadline <= time.monotonic():
                        del self._deadlines[watched]
                        _cut(watched)


def _cut(watched: WatchedConnection) -> None:
    # Closing would free a file descriptor that libpq still uses; a shutdown only ends its wait.
    with suppress(OSError, InterfaceError), socket.socket(fileno=os.dup(watched.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


_WATCHDOG = _Watchdog()


@contextmanager
def unwatched(connection: Connection) -> Iterator[None]:
    """Lift the limit until the block ends, for statements that may take long, as in a migration."""
    driver: Any = connection.connection.driver_connection
    silence, driver.silence = driver.silence, None
    try:
        yield
    finally:
        driver.silence = silence
