"""A server that tests may stop, crash and fill up, behind a proxy that may fail."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg2
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from demo.server import Server
from pipelines.storage.db.engine import connect
from pipelines.storage.embedded.cluster import PORT, USER, Cluster
from pipelines.storage.embedded.server import _locate, embedded_server
from pipelines.storage.schema import migrate
from tests.conftest import _memory, _public_folder
from tests.crawl.conftest import scrapy as scrapy  # noqa: PLC0414 - a fixture that these tests use too
from tests.faults.proxy import HOST, Proxy, proxying

CRAWLER = "crawler"
"""Not a superuser: the crawl does not need one, and limits do not apply to one."""
RIGHTS = (
    f"CREATE ROLE {CRAWLER} LOGIN",
    f"GRANT USAGE ON SCHEMA crawl, api TO {CRAWLER}",
    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA crawl, api TO {CRAWLER}",
    f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA crawl TO {CRAWLER}",
)
TEMPLATE = "prepared"


@dataclass
class Postgres:
    """The server. Its commits are durable, so that a crash loses none."""

    cluster: Cluster
    disk: Path | None = None
    """Small file system for its databases; ``None`` where the tests may not mount one."""

    @property
    def socket(self) -> str:
        running = self.cluster.postmaster()
        assert running
        return f"{running.sockets}/.s.PGSQL.{PORT}"

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@/{database}?host={quote(str(Path(self.socket).parent))}"

    def do(self, *statements: str, database: str = "postgres") -> None:
        engine = connect(self.url(database), application_name="tests")
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def crash(self) -> None:
        self.cluster._run("pg_ctl", "stop", "--mode=immediate")


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """Mount a file system of 64 MB; give ``None`` without the right to mount, which root has."""
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    yield folder if mounted else None
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def postgres(programs: Path | None) -> Iterator[Postgres]:
    with (
        _public_folder() as small,
        _small_disk(small) as disk,
        _public_folder(_memory()) as folder,
        embedded_server(folder, programs=programs),
    ):
        server = Postgres(_locate(folder.resolve(), programs, fsync=True), disk)
        if disk:
            server.cluster.account.own(disk)
            server.do(f"CREATE TABLESPACE small LOCATION '{disk}'")
        server.do(f"CREATE DATABASE {TEMPLATE}")
        engine = connect(server.url(TEMPLATE))
        migrate.upgrade(engine)
        engine.dispose()
        server.do(*RIGHTS, database=TEMPLATE)
        yield server


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    with proxying(postgres.socket) as running:
        yield running


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """Name of a fresh, migrated database."""
    name = f"test_{uuid4().hex}"
    place = "TABLESPACE small" if postgres.disk else ""
    postgres.do(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} {place}")
    yield name
    postgres.do(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def engine(postgres: Postgres, database: str) -> Iterator[Engine]:
    """Engine that bypasses the proxy, and survives a restart of the server."""
    engine = create_engine(
        "postgresql+psycopg2://", creator=lambda: psycopg2.connect(postgres.url(database)), poolclass=NullPool
    )
    yield engine
    engine.dispose()


@pytest.fixture
def database_url(proxy: Proxy, database: str) -> str:
    """URL of the database through the proxy."""
    return f"postgresql://{CRAWLER}@{HOST}:{proxy.port}/{database}"


@contextmanager
def meanwhile(server: Server, pages: int, action: Callable[[], None]) -> Iterator[None]:
    """Call ``action`` in a thread once the site has served ``pages`` pages."""

    def watch() -> None:
        while len(server.log) < pages:
            if over.wait(0.01):
                failures.append(AssertionError(f"the crawl ended after {len(server.log)} pages"))
                return
        try:
            action()
        except Exception as error:  # noqa: BLE001 - raised in the test's own thread
            failures.append(error)

    over, failures = threading.Event(), list[Exception]()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
    for failure in failures:
        raise failure
