"""Open the database: a given one by its URL, or the embedded one."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipelines.storage.db.engine import TIMEOUT, connect
from pipelines.storage.db.errors import StorageError, reason
from pipelines.storage.embedded.programs import find_programs
from pipelines.storage.embedded.server import embedded_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import URL, Engine

OLDEST = 15
"""The oldest major version of PostgreSQL that the tests run on."""


@dataclass(frozen=True)
class Database:
    """An open database."""

    engine: Engine
    url: str
    """For display: contains no password."""
    place: str
    """For display: the URL, or the folder of the embedded server's data."""
    programs: Path | None
    """Folder with PostgreSQL's programs; ``None`` for those on ``PATH``, else the wheel's."""
    psql_environment: dict[str, str] = field(default_factory=dict, repr=False)
    """Environment variables for the command: the password, which must not show in the list of processes."""

    @property
    def psql_command(self) -> list[str]:
        """Command that opens the database in psql; an embedded one only while its server runs.

        Raise StorageError where there is no psql.
        """
        found = shutil.which("psql", path=self.programs)
        return [found or str(find_programs(self.programs)[0].folder / "psql"), self.url]


@contextmanager
def open_database(
    url: str | None, data_dir: Path, *, programs: Path | None = None, timeout: float = TIMEOUT
) -> Iterator[Database]:
    """Open the database at ``url`` or, where it is ``None``, the embedded one with its data under ``data_dir``.

    Raise StorageError where it does not answer, is older than PostgreSQL 15, or is not encoded in UTF-8.

    :param programs: a folder with PostgreSQL's programs (``PGBIN``), for the embedded server and psql.
    :param timeout: seconds that a statement may take, a wait for a lock included.
    """
    if url is not None:
        with _opened(url, timeout, programs) as database:
            yield database
        return
    with (
        embedded_server(data_dir, programs=programs) as server,
        _opened(server.url(), timeout, server.programs.folder, folder=server.folder) as database,
    ):
        yield database


@contextmanager
def _opened(url: str, timeout: float, programs: Path | None, *, folder: Path | None = None) -> Iterator[Database]:
    engine = connect(url, timeout=timeout)
    try:
        _check(engine)
        shown = _without_secrets(engine.url)
        password = engine.url.password
        yield Database(
            engine=engine,
            url=shown,
            place=f"embedded PostgreSQL in {folder}" if folder else shown,
            programs=programs,
            psql_environment={"PGPASSWORD": password} if password else {},
        )
    finally:
        engine.dispose()


def _without_secrets(url: URL) -> str:
    """Return the URL without its secrets, in the user info or in the query."""
    query = {name: value for name, value in url.query.items() if name in ("host", "port", "sslmode")}
    return url.set(drivername="postgresql", password=None, query=query).render_as_string()


def _check(engine: Engine) -> None:
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
    """Return the first line of libpq's message, without the server's address, which the caller's message names.

    >>> _reason(ValueError('connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  no such user\\n\\thint'))
    'no such user'
    """
    first = reason(error)
    return first.partition(" failed: ")[2].removeprefix("FATAL:").strip() or first
