"""Faults that a crawl survives without stopping, and how much memory an outage may take."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from demo.server import Access, Server, serve
from demo.site import SMALL, Site
from pipelines.storage.db.engine import connect
from smartdaily_crawler.settings import CONCURRENT_REQUESTS
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select
from tests.faults.audit import lost, twice
from tests.faults.conftest import CRAWLER, Postgres, meanwhile
from tests.faults.proxy import Proxy
from tests.faults.test_outages import CRAWL, IMPATIENT, PAGES
from tests.waiting import wait_for

ONE_CATEGORY = ("crawl", "smartdaily", "-a", "categories=智能手机", "-a", "follow_teasers=false")


@pytest.fixture
def site() -> Site:
    return Site(day=1, categories=SMALL)


def test_commits_whose_acknowledgement_is_lost(proxy: Proxy, scrapy: Scrapy, engine: Engine, site: Site) -> None:
    with serve(site) as server, meanwhile(server, PAGES, lambda: proxy.swallow_commits(5)):
        done = scrapy(*CRAWL, SITE_URL=server.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert proxy.swallowed == 5
    assert lost(engine, 1, server.log, site) == []
    assert twice(engine) == []


def test_connections_that_are_cut_and_backends_that_are_killed(
    postgres: Postgres, proxy: Proxy, scrapy: Scrapy, engine: Engine, site: Site
) -> None:
    def strike() -> None:
        for _ in range(4):
            proxy.cut()
            time.sleep(0.1)
            postgres.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{CRAWLER}'")
            time.sleep(0.1)

    with serve(site) as server, meanwhile(server, PAGES, strike):
        done = scrapy(*CRAWL, SITE_URL=server.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert lost(engine, 1, server.log, site) == []
    assert twice(engine) == []


def test_a_rival_that_locks_in_the_opposite_order(
    postgres: Postgres, database: str, scrapy: Scrapy, engine: Engine, site: Site
) -> None:
    """The rival never gives up, so PostgreSQL aborts the writer's transaction in the deadlock."""
    rival = connect(f"{postgres.url(database)}&options=-c%20deadlock_timeout%3D1h", application_name="tests")

    def cross(server: Server) -> None:
        with rival.begin() as connection:
            last = connection.scalar(text("SELECT max(article_id) FROM crawl.article WHERE state = 'fetched'"))
            lock = text("SELECT article_id FROM crawl.article WHERE article_id = ANY(:ids) FOR UPDATE")
            connection.execute(lock, {"ids": [last]})
            every = [row["article_id"] for row in select(engine, "SELECT article_id FROM crawl.article")]
            with connection.begin_nested() as everything:
                connection.execute(lock, {"ids": every})
                wait_for(lambda: waiting(engine))
                # While the first items wait, the others gather in one large batch.
                wait_for(lambda: has_paused(server))
                everything.rollback()
            process = connection.scalar(text("SELECT pg_backend_pid()"))
            # What it holds while it waits for the rival it holds until the deadlock is resolved.
            wait_for(lambda: waiting(engine, process) and held(engine, every, last) and waiting(engine, process))
            connection.execute(lock, {"ids": held(engine, every, last)[:1]})

    with serve(site) as server:
        assert scrapy(*ONE_CATEGORY, SITE_URL=server.url).returncode == 0
        first = len(server.log)
        with meanwhile(server, first + 2, lambda: cross(server)):
            done = scrapy(*ONE_CATEGORY, "-a", "mode=full", SITE_URL=server.url)
    rival.dispose()
    assert done.returncode == 0, done.stderr[-3000:]
    wait_for(
        lambda: select(engine, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][
            "deadlocks"
        ]
    )
    assert lost(engine, 2, server.log[first:], site) == []
    assert twice(engine) == []


def waiting(engine: Engine, process: int | None = None) -> bool:
    """Return whether the writer waits for a lock; for one that the given process of the server holds, if one is given."""
    query = """
        SELECT FROM pg_stat_activity
        WHERE usename = :name AND wait_event_type = 'Lock' AND (CAST(:process AS int) IS NULL OR CAST(:process AS int) = ANY (pg_blocking_pids(pid)))
    """
    return bool(select(engine, query, name=CRAWLER, process=process))


def held(engine: Engine, every: list[int], by_rival: int) -> list[int]:
    """Return the articles that the writer has locked."""
    free = select(engine, "SELECT article_id FROM crawl.article FOR UPDATE SKIP LOCKED")
    return sorted({*every} - {row["article_id"] for row in free} - {by_rival})


def has_paused(server: Server) -> bool:
    """Return whether the crawl has stopped requesting pages."""
    asked, times = len(server.log), [datetime.fromisoformat(access.time) for access in server.log]
    # Many times the average time from page to page, on any machine.
    time.sleep(max(0.5, 30 * (times[-1] - times[0]).total_seconds() / asked))
    return len(server.log) == asked


def test_the_memory_that_an_outage_takes_is_bounded(proxy: Proxy, scrapy: Scrapy) -> None:
    """Scrapy reads no new page while pages with unstored items exceed a size."""
    bound = 100_000

    def watch() -> None:
        proxy.hold()
        began = len(server.log)
        wait_for(lambda: has_paused(server))
        taken.extend(server.log[began:])
        assert has_paused(server)
        assert len(server.log) == began + len(taken)
        proxy.restore()

    taken: list[Access] = []
    with serve(Site(day=1)) as server, meanwhile(server, PAGES, watch):
        done = scrapy(*CRAWL, *IMPATIENT, "-s", f"SCRAPER_SLOT_MAX_ACTIVE_SIZE={bound}", SITE_URL=server.url)
    assert done.returncode == 0
    sizes = [access.bytes for access in server.log]
    limit = bound + CONCURRENT_REQUESTS * max(sizes)
    assert limit < sum(sizes[PAGES:]), "the rest of the site would have had room"
    assert sum(access.bytes for access in taken) <= limit


def test_a_spool_that_cannot_be_written(
    proxy: Proxy, scrapy: Scrapy, engine: Engine, site: Site, tmp_path: Path
) -> None:
    def refuse_both() -> None:
        proxy.refuse()
        (tmp_path / "spool").rmdir()
        (tmp_path / "spool").write_text("in the way")

    impatient = ("-s", "STORAGE_PATIENCE=1")
    with serve(site) as server:
        with meanwhile(server, PAGES, refuse_both):
            done = scrapy(*CRAWL, *impatient, SITE_URL=server.url)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr, done.stderr[-3000:]
        assert "Neither the database nor the spool takes" in done.stderr
        assert "items: neither the database nor the spool took them" in done.stdout
        proxy.restore()
        (tmp_path / "spool").unlink()
        first = len(server.log)
        assert scrapy(*CRAWL, SITE_URL=server.url).returncode == 0
    assert lost(engine, 2, server.log[first:], site) == []
    assert twice(engine) == []
