"""Two runs of one site exclude each other."""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import Site
from pipelines.storage.db.site_lock import SiteIsTaken, SiteLock
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select
from tests.crawl.test_walk import HOME, TITLES, article, numbered
from tests.waiting import HANGS, wait_for
from tests.warm import Started, start_warm

CRAWL = ("crawl", "smartdaily", "-a", "max_pages=1", "-a", "follow_teasers=false", "-a", "categories=智能手机")
MOMENTS = [each / 20 for each in range(100)] if "STOPS" in os.environ else [None]
"""Seconds after the start at which a run is stopped; ``make stops`` goes through its first five."""
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


@pytest.mark.parametrize("signals", [1, 2])
def test_a_run_that_is_stopped_while_it_waits_begins_no_more(
    engine: Engine, database_url: str, tmp_path: Path, signals: int
) -> None:
    other = SiteLock(engine, "news.example")
    other.take()
    environment = {"DATABASE_URL": database_url, "SITE_URL": "http://news.example/", "DATA_DIR": str(tmp_path)}
    with start_warm("scrapy", *CRAWL, "-a", f"wait={HANGS}", environment=os.environ | environment) as run:
        wait_for(lambda: select(engine, WAITING) or run.poll() is not None)
        for _ in range(signals):
            run.send_signal(signal.SIGTERM)
        done = run.wait()
    other.release()
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    rows = select(engine, "SELECT reason, verdict, finished_at IS NULL AS is_open FROM api.run")
    assert [(row["reason"], row["verdict"], row["is_open"]) for row in rows] == [("overlap", "refused", False)]


def has_ended(run: Started) -> bool:
    return run.poll() is not None


class Held(dict[str, Answer | str]):
    """A site that answers once the run has been told to stop, so that no run ends before."""

    def __init__(self, pages: dict[str, Answer | str]) -> None:
        super().__init__(pages)
        self.told = Event()

    def get(self, path: str, default: Any = None) -> Any:
        assert self.told.wait(HANGS)
        return super().get(path, default)


def test_a_run_that_is_stopped_while_it_begins_closes_its_row(
    serve_pages: ServePages, engine: Engine, database_url: str, tmp_path: Path
) -> None:
    site = Held({"/": HOME, "/phone/": numbered(1), "/a/1.html": article(TITLES[0])})
    environment = {"DATABASE_URL": database_url, "SITE_URL": serve_pages(site), "DATA_DIR": str(tmp_path)}
    for moment in MOMENTS:
        site.told.clear()
        with start_warm("scrapy", *CRAWL, environment=os.environ | environment) as run:
            if moment is None:  # the row is there, and what follows it in the opening of the run is not done
                wait_for(lambda: select(engine, "SELECT FROM crawl.crawl_run") or run.poll() is not None)
            else:
                time.sleep(moment)
            if run.poll() is None:
                run.send_signal(signal.SIGTERM)
            site.told.set()
            # One that is stopped at once has not opened its streams yet.
            wait_for(partial(has_ended, run))
        rows = select(engine, "SELECT reason, verdict, finished_at FROM api.run WHERE finished_at IS NULL")
        assert rows == [], moment
    if None in MOMENTS:
        assert select(engine, "SELECT reason FROM api.run") == [{"reason": "shutdown"}]
    assert select(engine, "SELECT FROM api.run WHERE reason = 'aborted'") == []


def test_the_folder_of_the_spool_is_tried_first(scrapy: Scrapy, engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = scrapy(*CRAWL, "-s", f"SPOOL_DIR={tmp_path}/file/spool", SITE_URL="http://news.example/")
    assert done.returncode == 2
    line = done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "SPOOL_DIR: no file can be written in" in line
    assert "name another folder" in line
    assert select(engine, "SELECT * FROM api.run") == []


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
