"""The database goes away in the middle of a crawl: the crawl waits for it, and gives it up when it stays away. Nothing is
lost, and nothing is stored twice.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import SMALL, Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, select, stored_articles
from tests.faults.audit import lost, twice
from tests.faults.conftest import CRAWLER, Postgres, meanwhile
from tests.faults.proxy import Proxy
from tests.waiting import HANGS

OUTAGE = float(os.environ.get("OUTAGE_SECONDS", "2.5"))
"""Seconds that the database is away; ``make outage`` sets a minute."""
PAGES = 30
"""Requests after which it goes away; the walk makes 155."""
CRAWL = ("crawl", "smartdaily", "-a", "max_pages=1", "-a", "follow_teasers=false", "-s", "SUMMARY_ENABLED=1")
IMPATIENT = ("-s", "DATABASE_TIMEOUT=1")


@dataclass
class Place:
    """The server, proxy and database that fail."""

    postgres: Postgres
    proxy: Proxy
    database: str

    def disconnect(self) -> None:
        self.postgres.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.database}'")


@pytest.fixture
def place(postgres: Postgres, proxy: Proxy, database: str) -> Place:
    return Place(postgres, proxy, database)


@contextmanager
def stopped(place: Place) -> Iterator[None]:
    place.postgres.cluster.stop()
    yield
    place.postgres.cluster.start()
    place.proxy.upstream = place.postgres.socket


@contextmanager
def crashed(place: Place) -> Iterator[None]:
    place.postgres.crash()
    yield
    place.postgres.cluster.start()
    place.proxy.upstream = place.postgres.socket


@contextmanager
def silent(place: Place) -> Iterator[None]:
    """Neither old nor new connections get an answer."""
    place.proxy.hold()
    yield
    place.proxy.restore()


@contextmanager
def failing(place: Place, fault: str, remedy: str) -> Iterator[None]:
    place.postgres.do(fault)
    place.disconnect()
    yield
    place.postgres.do(remedy)


def read_only(place: Place) -> AbstractContextManager[None]:
    database, setting = f"ALTER DATABASE {place.database}", "default_transaction_read_only"
    return failing(place, f"{database} SET {setting} = on", f"{database} RESET {setting}")


def crowded(place: Place) -> AbstractContextManager[None]:
    """Too many connections."""
    limit = f"ALTER ROLE {CRAWLER} CONNECTION LIMIT"
    return failing(place, f"{limit} 0", f"{limit} -1")


@contextmanager
def full(place: Place) -> Iterator[None]:
    """Fill the disk; where no small disk can be mounted, raise the server's error by a trigger."""
    if disk := place.postgres.disk:
        filler = disk / "filler"
        fill(filler)
        yield
        filler.unlink()
        return
    says_so = "BEGIN RAISE 'No space left on device' USING ERRCODE = '53100'; END"
    place.postgres.do(
        f"CREATE FUNCTION crawl.no_room() RETURNS trigger LANGUAGE plpgsql AS $$ {says_so} $$",
        "CREATE TRIGGER no_room BEFORE INSERT ON crawl.crawl_outcome EXECUTE FUNCTION crawl.no_room()",
        database=place.database,
    )
    yield
    place.postgres.do("DROP FUNCTION crawl.no_room CASCADE", database=place.database)


def fill(file: Path) -> None:
    with file.open("wb", buffering=0) as taken:
        for size in (2**20, 2**12):
            try:
                while True:
                    taken.write(bytes(size))
            except OSError:
                continue


Outage = Callable[[Place], AbstractContextManager[None]]
OUTAGES = (stopped, silent, read_only, crowded, full)


@pytest.mark.parametrize("outage", [*OUTAGES, crashed])
def test_a_database_that_comes_back_is_waited_for(outage: Outage, place: Place, scrapy: Scrapy, engine: Engine) -> None:
    def away() -> None:
        with outage(place):
            time.sleep(OUTAGE)

    site = Site(day=1, categories=SMALL)
    with serve(site) as server, meanwhile(server, PAGES, away):
        done = scrapy(*CRAWL, *IMPATIENT, "-s", f"STORAGE_PATIENCE={OUTAGE + HANGS}", SITE_URL=server.url)
    assert done.returncode == 0, done.stderr[-3000:]
    [run] = select(engine, "SELECT run_id, reason, verdict FROM api.run")
    assert (run["reason"], run["verdict"]) == ("finished", "healthy")
    assert lost(engine, run["run_id"], server.log, site) == []
    assert twice(engine) == []
    assert nothing_else(engine, site)


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_database_that_stays_away_is_given_up_and_the_next_run_loses_nothing(
    outage: Outage, place: Place, scrapy: Scrapy, engine: Engine, tmp_path: Path
) -> None:
    site = Site(day=1, categories=SMALL)
    with serve(site) as server:
        with ExitStack() as until_the_end:
            with meanwhile(server, PAGES, lambda: until_the_end.enter_context(outage(place))):
                first = scrapy(*CRAWL, *IMPATIENT, "-s", "STORAGE_PATIENCE=1.5", SITE_URL=server.url)
            asked = list(server.log)
            assert first.returncode == 1
            assert "Traceback" not in first.stderr, first.stderr[-3000:]
            assert "storage_unavailable" in first.stderr
            assert "for 1.5 s: " in first.stderr, first.stderr[-3000:]
            [left] = (tmp_path / "spool").iterdir()
            assert f"items in {left}; the next run stores them" in first.stdout
        assert lost(engine, 1, asked, site), "the outage came too late to prove anything"
        second = scrapy(*CRAWL, "-a", "categories=智能手机", SITE_URL=server.url)
    assert second.returncode == 0, second.stderr[-3000:]
    assert "items that earlier runs had to leave in the spool" in second.stdout
    assert list((tmp_path / "spool").iterdir()) == []
    ends = [(run["reason"], run["verdict"]) for run in select(engine, "SELECT * FROM api.run ORDER BY run_id")]
    assert ends == [("storage_unavailable", "failed"), ("finished", "healthy")]
    assert lost(engine, 1, asked, site) == []
    assert lost(engine, 2, server.log[len(asked) :], site) == []
    assert twice(engine) == []
    assert nothing_else(engine, site)


def nothing_else(engine: Engine, site: Site) -> bool:
    return not [line for line in differences(stored_articles(engine), site.truth()) if "not there" in line]
