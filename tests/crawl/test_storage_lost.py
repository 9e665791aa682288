"""A database that goes away in the middle of a crawl: waited for, and when it stays away the run stops and says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

from demo.server import Server, serve
from demo.site import Site
from pipelines.storage.database import connect
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, stored_articles


def shut(admin_url: str, database: str) -> None:
    """Let nobody in, and throw everybody out."""
    administer(admin_url, f"ALTER DATABASE {database} ALLOW_CONNECTIONS false")
    administer(
        admin_url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
    )


def reopen(admin_url: str, database: str) -> None:
    administer(admin_url, f"ALTER DATABASE {database} ALLOW_CONNECTIONS true")


def administer(admin_url: str, statement: str) -> None:
    engine = connect(admin_url, application_name="tests")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def meanwhile(server: Server, pages: int, action: Callable[[], None]) -> Iterator[list[int]]:
    """Do something once the site has been asked for so many pages; gives how many it was when that was done."""

    def watch() -> None:
        while len(server.log) < pages and not over.is_set():
            time.sleep(0.02)
        action()
        asked.append(len(server.log))

    over, asked = threading.Event(), list[int]()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield asked
    finally:
        over.set()
        watcher.join()


@pytest.fixture
def database(engine: Engine) -> str:
    engine.dispose()
    return str(engine.url.database)


def test_a_database_that_stays_away_stops_the_run(
    scrapy: Scrapy, admin_url: str, database: str, engine: Engine
) -> None:
    site = Site(day=10)
    with serve(site) as server, meanwhile(server, 200, lambda: shut(admin_url, database)) as asked:
        began = time.monotonic()
        done = scrapy("crawl", "smartdaily", "-s", "STORAGE_PATIENCE=2", SITE_URL=server.url)
        took = time.monotonic() - began
    reopen(admin_url, database)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr, done.stderr
    assert "storage_unavailable" in done.stderr
    assert len(server.log) < len(site.truth().articles), "it went on without a database"
    assert asked
    assert took < 20, "a database is waited for once"
    stored = stored_articles(engine)
    assert stored
    assert not [line for line in differences(stored, site.truth()) if line.startswith("not there")]


def test_a_database_that_comes_back_is_waited_for(
    scrapy: Scrapy, admin_url: str, database: str, engine: Engine
) -> None:
    def restart() -> None:
        shut(admin_url, database)
        time.sleep(1.5)
        reopen(admin_url, database)

    with serve(Site(day=1)) as server, meanwhile(server, 60, restart):
        done = scrapy("crawl", "smartdaily", SITE_URL=server.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert differences(stored_articles(engine), Site(day=1).truth()) == []
