"""A PostgreSQL server of the project's own: its first user starts it, its last one stops it.

Each user holds a shared lock for as long as it uses the server. The kernel releases the lock however a user ends, so
``kill -9`` of one is harmless: the next user joins the running server, and stops it when no other user is left.
"""

from __future__ import annotations

import fcntl
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from pipelines.storage.db.errors import StorageError, reason
from pipelines.storage.embedded.account import choose_home
from pipelines.storage.embedded.cluster import START_SECONDS, USER, Cluster, matching_programs
from pipelines.storage.embedded.programs import Programs

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "smartdaily"
ORPHAN_SECONDS = 10
"""How long the processes of a killed server may take to end; until then no other can start."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server, and how to connect to it."""

    socket_folder: str
    port: int
    programs: Programs
    folder: Path
    """Parent of the folder of its data."""

    def url(self, database: str = DATABASE) -> str:
        """Return a URL that both libpq and SQLAlchemy accept."""
        return f"postgresql://{USER}@/{quote(database)}?host={quote(self.socket_folder)}&port={self.port}"


@contextmanager
def embedded_server(data_dir: Path, *, programs: Path | None = None, fsync: bool = True) -> Iterator[EmbeddedServer]:
    """Use the server with its data under ``data_dir`` until the block ends; create and start it if need be.

    Raise StorageError.

    :param programs: a folder with PostgreSQL's programs, instead of those found.
    :param fsync: ``False`` only for data that may be lost in a power failure.
    """
    with ExitStack() as stack:
        with _one_line(data_dir):
            cluster = _locate(data_dir.resolve(), programs, fsync=fsync)
            in_use = stack.enter_context(_lock_file(cluster, "in-use.lock"))
            server = _join(cluster, in_use)
        stack.callback(_leave, cluster, in_use)
        yield server


def _locate(data_dir: Path, wanted: Path | None, *, fsync: bool) -> Cluster:
    home, account = choose_home(data_dir)
    found = matching_programs(home / "postgres", wanted)
    programs = Programs(account.runnable(found.folder, home), found.version)
    return Cluster(home=home, programs=programs, account=account, fsync=fsync)


def _join(cluster: Cluster, in_use: IO[bytes]) -> EmbeddedServer:
    with _changing(cluster):
        fcntl.flock(in_use, fcntl.LOCK_SH)
        cluster.tidy()
        if not cluster.folder.exists():
            cluster.make()
        server = _running(cluster)
        with _connection(server) as connection:
            found = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": DATABASE})
            if not found:
                connection.execute(text(f"CREATE DATABASE {DATABASE}"))
        return server


def _leave(cluster: Cluster, in_use: IO[bytes]) -> None:
    with _changing(cluster):
        try:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # another process still uses it
        cluster.stop()


def _running(cluster: Cluster) -> EmbeddedServer:
    """Start the server unless it runs. Wait for one that a killed user left starting or stopping."""
    started = time.monotonic()
    while True:
        if not cluster.is_running():
            try:
                cluster.start()
            except StorageError:
                if not cluster.postmaster() or time.monotonic() > started + ORPHAN_SECONDS:
                    raise
        postmaster = cluster.postmaster()
        if postmaster:
            server = EmbeddedServer(postmaster.sockets, postmaster.port, cluster.programs, cluster.home)
            with suppress(OperationalError), _connection(server):
                return server
        if time.monotonic() > started + START_SECONDS:
            process = postmaster.process if postmaster else "unknown"
            raise StorageError(
                f"the server of {cluster.folder} (process {process}) does not answer, see server.log there; "
                f"if that process is no PostgreSQL, delete postmaster.pid there"
            )
        time.sleep(0.05)


@contextmanager
def _changing(cluster: Cluster) -> Iterator[None]:
    """Keep other processes from starting, joining or stopping the server until the block ends."""
    with _lock_file(cluster, "change.lock") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock_file(cluster: Cluster, name: str) -> IO[bytes]:
    return (cluster.home / name).open("ab")


@contextmanager
def _connection(server: EmbeddedServer) -> Iterator[Connection]:
    url = server.url("postgres").replace("postgresql:", "postgresql+psycopg2:")
    settings = {"connect_timeout": 5}
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=settings)
    with engine.connect() as connection:
        yield connection


@contextmanager
def _one_line(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise StorageError(f"embedded PostgreSQL in {data_dir}: {place}{error.strerror or error}") from error
    except DBAPIError as error:
        raise StorageError(f"embedded PostgreSQL in {data_dir}: {reason(error)}") from error
