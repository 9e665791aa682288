"""Two runs of one site exclude each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import Site
from pipelines.storage.db.site_lock import SiteIsTaken, SiteLock
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select
from tests.waiting import HANGS, wait_for

CRAWL = ("crawl", "smartdaily", "-a", "max_pages=1", "-a", "follow_teasers=false", "-a", "categories=笔记本")
WAITING = """
    SELECT FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'smartdaily-crawler' AND query LIKE '%INSERT INTO crawl.lease%'
"""


def test_the_second_is_refused_at_once(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1)) as server:
        other = SiteLock(engine, SiteAddress(server.url).name)
        other.take()
        done = scrapy(*CRAWL, SITE_URL=server.url)
        other.release()
        assert server.log == []
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "another run of 127.0.0.1" in done.stderr
    [run] = select(engine, "SELECT reason, verdict, finished_at FROM api.run")
    assert (run["reason"], run["verdict"]) == ("overlap", "refused")
    assert run["finished_at"] is not None


def test_the_second_may_wait(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1)) as server:
        other = SiteLock(engine, SiteAddress(server.url).name)
        other.take()
        begun: list[object] = []

        def release_site() -> None:
            wait_for(lambda: select(engine, WAITING))
            assert server.log == []
            begun.extend(select(engine, "SELECT run_id FROM api.run"))
            other.release()

        with ThreadPoolExecutor(1) as pool:
            released = pool.submit(release_site)
            done = scrapy(*CRAWL, "-a", f"wait={HANGS}", SITE_URL=server.url)
            released.result()
    assert begun == []  # otherwise the run that holds the site would take it for the row of a dead run
    assert done.returncode == 0, done.stderr[-2000:]


def test_another_site_is_another_lock(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1)) as server:
        other = SiteLock(engine, "news.example")
        other.take()
        done = scrapy(*CRAWL, SITE_URL=server.url)
        other.release()
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_backend_of_a_lost_connection_keeps_the_site(engine: Engine) -> None:
    """The server may notice a lost connection later than the client."""
    lock = SiteLock(engine, "news.example")
    lock.take()
    ghost, lock._connection = lock._connection, None
    assert ghost is not None
    lock.keep_alive()
    ghost.invalidate()
    ghost.close()
    lock.keep_alive()

    rival = SiteLock(engine, "news.example")
    lock.release()
    rival.take()
    with pytest.raises(SiteIsTaken):
        lock.keep_alive()
    rival.release()
