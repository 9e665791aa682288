"""A real PostgreSQL for the tests, and a database of its own for each test that needs one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy import text
from sqlalchemy.engine import make_url

from pipelines.storage.db.engine import connect, normalise_url
from pipelines.storage.embedded.server import embedded_server
from pipelines.storage.schema import migrate
from tests.warm import run_cold, run_warm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.warm import Command

collect_ignore = ["preload.py"]  # only for the fork server, which must not load what the tests load
# No deadline: an example may take long on a busy machine; tests of speed count CPU time.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each reason for skipped tests once: a machine without a renderer skips dozens for the same one."""
    reasons = Counter(report.longrepr[2] for report in terminalreporter.stats.get("skipped", ()))
    for reason, times in sorted(reasons.items()):
        terminalreporter.write_line(f"{times} skipped: {reason.removeprefix('Skipped: ')}")


LONGEST = ("scrapyd", "rendering", "faults", "bench", "crawl")
"""Folders of the tests that take longest, from those with the dearest fixtures of a session."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests.

    The first worker gets them all, and the others steal from the end of its list: those of scrapyd and the renderers stay
    together, and the last tests of a run are short.
    """
    order = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.parent.name, len(order)))


@pytest.fixture(scope="session")
def programs() -> Path | None:
    """Return the folder of PostgreSQL programs from ``PGBIN``; ``None``: use the wheel's."""
    return Path(os.environ["PGBIN"]) if "PGBIN" in os.environ else None


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Create a folder that the embedded server's user may enter, unlike root's temporary folders."""
    with _public_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def admin_url(programs: Path | None) -> Iterator[str]:
    """URL of a server on which the tests create databases: an embedded one, or that of ``TEST_DATABASE_URL``."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        _administrator(given).dispose()
        return
    with _public_folder(_memory()) as folder, embedded_server(folder, programs=programs, fsync=False) as server:
        yield server.url("postgres")
        _administrator(server.url("postgres")).dispose()


@pytest.fixture(scope="session")
def template(admin_url: str) -> Iterator[str]:
    """Name of a migrated, empty database to copy."""
    with _database(admin_url) as name:
        engine = connect(_sibling(admin_url, name), application_name="tests")
        migrate.upgrade(engine)
        engine.dispose()
        yield name


@pytest.fixture
def database_url(request: pytest.FixtureRequest, admin_url: str, template: str) -> Iterator[str]:
    """URL of a fresh, migrated database, dropped after the test. Both SQLAlchemy and libpq accept it.

    Empty, unless the test asks for ``crawled``.
    """
    if "crawled" in request.fixturenames:
        _, template = request.getfixturevalue("first_day")
    with _database(admin_url, template=template) as name:
        yield _sibling(admin_url, name)


@pytest.fixture
def empty_database_url(admin_url: str) -> Iterator[str]:
    """Like ``database_url``, but not migrated."""
    with _database(admin_url) as name:
        yield _sibling(admin_url, name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url, application_name="tests")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def command() -> Command:
    """Run a module of the project or of Scrapy as a command."""
    return run_cold if os.environ.get("COLD") else run_warm


@contextmanager
def _public_folder(parent: Path | None = None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="smartdaily-tests-", dir=parent) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def _memory() -> Path | None:
    """Return a file system in memory with enough room, if any: copying a database takes 10 ms there, 280 on a disk."""
    folder = Path("/dev/shm")
    if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > 2**30:
        return folder
    return None


@contextmanager
def _database(admin_url: str, *, template: str = "template1") -> Iterator[str]:
    name = f"smartdaily_test_{uuid4().hex}"
    _administer(admin_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield name
    finally:
        _administer(admin_url, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(admin_url: str, statement: str) -> None:
    with _administrator(admin_url).connect() as connection:
        connection.execute(text(statement))


@cache
def _administrator(admin_url: str) -> Engine:
    """Return one engine for the whole session: two connections a test would cost more than copying the database."""
    return connect(admin_url, application_name="tests").execution_options(isolation_level="AUTOCOMMIT")


def _sibling(url: str, database: str) -> str:
    parsed = make_url(normalise_url(url))
    return parsed.set(drivername="postgresql", database=database).render_as_string(hide_password=False)
