"""Create engines for PostgreSQL, with the crawler's session settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from pipelines.storage.db.errors import StorageError
from pipelines.storage.db.watchdog import WatchedConnection, WatchedCursor

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import ExceptionContext

DRIVER = "postgresql+psycopg2"
APPLICATION = "smartdaily-crawler"
TIMEOUT = 60.0
CONNECT_TIMEOUT = 10
READ_ONLY = "25006"
"""SQLSTATE read_only_sql_transaction."""
GRACE = 5.0
"""Seconds, at the most, for the message that the server ended a statement to arrive."""
CONNECTION = {
    "client_encoding": "utf8",
    # A network that drops packets is noticed within half a minute, on an idle connection and while sending.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}


def normalise_url(url: str) -> str:
    """Return the URL in the form that SQLAlchemy expects.

    >>> normalise_url("postgres://reader:secret@db/news?sslmode=require")
    'postgresql+psycopg2://reader:secret@db/news?sslmode=require'
    >>> normalise_url("postgresql+psycopg2://db/news")
    'postgresql+psycopg2://db/news'
    """
    scheme, separator, rest = url.strip().partition("://")
    return f"{DRIVER if scheme in ('postgres', 'postgresql') else scheme}{separator}{rest}"


def connect(url: str, *, application_name: str = APPLICATION, timeout: float = TIMEOUT) -> Engine:
    """Return an engine for ``url`` with the crawler's settings; it connects when it is first used.

    Raise StorageError where ``url`` is malformed.

    :param timeout: seconds that a statement may take, a wait for a lock included.
    """
    try:
        parsed = make_url(normalise_url(url))
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is not None and any("\0" in part for part in (parsed.username or "", str(parsed.password or ""))):
        parsed = None
    if parsed is None or parsed.drivername != DRIVER:
        raise StorageError("the database's URL is not of the form postgresql://user:password@host:5432/database")
    milliseconds = round(1000 * timeout)
    session = {
        "timezone": "UTC",
        "statement_timeout": milliseconds,
        # An idle transaction delays the change feed, and blocks every process that waits for its locks.
        "idle_in_transaction_session_timeout": milliseconds,
    }
    settings = " ".join(f"-c {name}={value}" for name, value in session.items())
    arguments = {
        **CONNECTION,
        "connect_timeout": max(2, min(CONNECT_TIMEOUT, round(timeout))),  # libpq takes 1 for 2
        "application_name": application_name,
        "options": f"{settings} {parsed.query.get('options', '')}".strip(),
        "connection_factory": partial(WatchedConnection, silence=timeout + min(GRACE, timeout)),
        "cursor_factory": WatchedCursor,
    }
    # Parameters are articles: in an error's message they would bury its one useful line.
    engine = create_engine(parsed, connect_args=arguments, pool_pre_ping=True, pool_timeout=60, hide_parameters=True)
    event.listen(engine, "handle_error", _drop_read_only)
    return engine


def _drop_read_only(context: ExceptionContext) -> None:
    """Reconnect after a read-only error: the session stays read-only even when a server accepts writes again."""
    if getattr(context.original_exception, "pgcode", None) == READ_ONLY:
        context.is_disconnect = True
