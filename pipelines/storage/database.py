"""Opening the database: a given one by its URL, or the embedded one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from pipelines.storage.embedded import embedded_server
from pipelines.storage.errors import SchemaMismatch, StorageError, StorageUnavailable
from pipelines.storage.programs import find_programs
from pipelines.storage.watchdog import WatchedConnection, WatchedCursor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL, Engine
    from sqlalchemy.engine import ExceptionContext

__all__ = [
    "Database",
    "SchemaMismatch",
    "StorageError",
    "StorageUnavailable",
    "connect",
    "normalise_url",
    "open_database",
]

DRIVER = "postgresql+psycopg2"
APPLICATION = "smartdaily-crawler"
OLDEST = 15
"""The oldest major version of PostgreSQL that the tests run on."""
TIMEOUT = 60.0
CONNECT_TIMEOUT = 10
READ_ONLY = "25006"
"""SQLSTATE read_only_sql_transaction."""
GRACE = 5.0
"""Seconds, at the most, for the server's word that it ended a statement to arrive."""
CONNECTION = {
    "client_encoding": "utf8",
    # A network that swallows packets is noticed within half a minute, in silence and in the middle of sending.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
}


@dataclass(frozen=True)
class Database:
    """An open database."""

    engine: Engine
    url: str
    """For reading: without the password."""
    place: str
    """For a person: the URL, or where the embedded server keeps its data."""
    psql_command: list[str]
    """Opens it by hand; an embedded one only while it runs."""
    psql_environment: dict[str, str] = field(default_factory=dict, repr=False)
    """What the command needs beside its arguments: the password stays out of the list of processes."""


@contextmanager
def open_database(
    url: str | None,
    data_dir: Path,
    *,
    programs: Path | None = None,
    timeout: float = TIMEOUT,
) -> Iterator[Database]:
    """The database at ``url``, or where there is none the embedded one with its data under ``data_dir``.

    :param programs: a folder with PostgreSQL's programs (``PGBIN``), for the embedded server and psql.
    :param timeout: as ``connect`` has it.
    """
    if url is not None:
        with _opened(url, timeout, psql=_psql(programs)) as database:
            yield database
        return
    with embedded_server(data_dir, programs=programs) as server:
        psql = str(server.programs.folder / "psql")
        with _opened(server.url(), timeout, psql=psql, folder=server.folder) as database:
            yield database


def normalise_url(url: str) -> str:
    """The URL as SQLAlchemy wants it.

    >>> normalise_url("postgres://reader:secret@db/news?sslmode=require")
    'postgresql+psycopg2://reader:secret@db/news?sslmode=require'
    >>> normalise_url("postgresql+psycopg2://db/news")
    'postgresql+psycopg2://db/news'
    """
    scheme, separator, rest = url.strip().partition("://")
    return f"{DRIVER if scheme in ('postgres', 'postgresql') else scheme}{separator}{rest}"


def connect(url: str, *, application_name: str = APPLICATION, timeout: float = TIMEOUT) -> Engine:
    """An engine for ``url`` with our settings; it connects when it is first used.

    :param timeout: seconds that a statement may take, a wait for a lock included.
    """
    try:
        parsed = make_url(normalise_url(url))
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is not None and any(
        "\0" in part for part in (parsed.username or "", str(parsed.password or ""))
    ):
        parsed = None
    if parsed is None or parsed.drivername != DRIVER:
        raise StorageError(
            "the database's URL is not of the form postgresql://user:password@host:5432/database"
        )
    milliseconds = round(1000 * timeout)
    session = {
        "timezone": "UTC",
        "statement_timeout": milliseconds,
        # An idle transaction holds back the change feed, and whoever wants its locks.
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
    # Parameters are articles: they would bury the one line that an error is worth.
    engine = create_engine(
        parsed, connect_args=arguments, pool_pre_ping=True, pool_timeout=60, hide_parameters=True
    )
    event.listen(engine, "handle_error", _leave_readers)
    return engine


def _leave_readers(context: ExceptionContext) -> None:
    """A session that may only read stays so when its server may write again, or another one does: connect anew."""
    if getattr(context.original_exception, "pgcode", None) == READ_ONLY:
        context.is_disconnect = True


@contextmanager
def _opened(url: str, timeout: float, *, psql: str, folder: Path | None = None) -> Iterator[Database]:
    engine = connect(url, timeout=timeout)
    try:
        _answers(engine)
        shown = _shown(engine.url)
        password = engine.url.password
        yield Database(
            engine=engine,
            url=shown,
            place=f"embedded PostgreSQL in {folder}" if folder else shown,
            psql_command=[psql, shown],
            psql_environment={"PGPASSWORD": password} if password else {},
        )
    finally:
        engine.dispose()


def _shown(url: URL) -> str:
    """The URL without its secrets, wherever they stand."""
    query = {name: value for name, value in url.query.items() if name in ("host", "port", "sslmode")}
    return url.set(drivername="postgresql", password=None, query=query).render_as_string()


def _answers(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            encoding = connection.scalar(text("SHOW server_encoding"))
            version = connection.scalar(text("SELECT current_setting('server_version_num')::int / 10000"))
    except (DBAPIError, UnicodeError) as error:
        raise StorageError(f"{_name(engine.url)}: {_reason(error)}") from error
    if version is None or version < OLDEST:
        raise StorageError(f"{_name(engine.url)}: PostgreSQL {OLDEST} or newer is needed, this is {version}")
    if encoding != "UTF8":
        raise StorageError(f"{_name(engine.url)}: its encoding is {encoding}, UTF8 is needed")


def _name(url: URL) -> str:
    hosts = url.query.get("host", url.host or "localhost")
    host = hosts if isinstance(hosts, str) else ",".join(hosts)
    port = url.port or url.query.get("port") or 5432
    return f"database {url.database or url.username!r} at {host} port {port}"


def _reason(error: BaseException) -> str:
    """The first line of what libpq said, without the address that we name ourselves.

    >>> _reason(ValueError('connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  no such user\\n\\thint'))
    'no such user'
    """
    said = str(getattr(error, "orig", None) or error).strip()
    first = said.splitlines()[0] if said else type(error).__name__
    return first.partition(" failed: ")[2].removeprefix("FATAL:").strip() or first


def _psql(programs: Path | None) -> str:
    if found := shutil.which("psql", path=programs):
        return found
    return str(find_programs(programs)[0].folder / "psql")
