"""Two runs of one site keep apart."""

from __future__ import annotations

import threading
import time

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import Site
from pipelines.storage.db.site_lock import SiteIsTaken, SiteLock
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select

CRAWL = ("crawl", "smartdaily", "-a", "max_pages=1", "-a", "follow_teasers=false")


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


def test_it_may_wait(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1)) as server:
        other = SiteLock(engine, SiteAddress(server.url).name)
        other.take()
        begun: list[object] = []

        def release_site() -> None:
            begun.extend(select(engine, "SELECT run_id FROM api.run"))
            other.release()

        release = threading.Timer(4, release_site)
        release.start()
        started = time.monotonic()
        done = scrapy(*CRAWL, "-a", "wait=60", SITE_URL=server.url)
        assert time.monotonic() - started > 4
        release.join()
    assert begun == []  # else the run that holds the site would take it for a dead one's
    assert done.returncode == 0, done.stderr[-2000:]


def test_another_site_is_another_lock(scrapy: Scrapy, engine: Engine) -> None:
    with serve(Site(day=1)) as server:
        other = SiteLock(engine, "news.example")
        other.take()
        done = scrapy(*CRAWL, SITE_URL=server.url)
        other.release()
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_lost_connections_process_keeps_the_site(engine: Engine) -> None:
    """The server hears of a lost connection later than we do."""
    lock = SiteLock(engine, "news.example")
    lock.take()
    ghost, lock._connection = lock._connection, None
    assert ghost is not None
    lock.hold()
    ghost.invalidate()
    ghost.close()
    lock.hold()

    rival = SiteLock(engine, "news.example")
    lock.release()
    rival.take()
    with pytest.raises(SiteIsTaken):
        lock.hold()
    rival.release()
