"""Measure 1 to 8 crawlers of different sites that write into one database at the same time, near and 20 ms away.

Commits do not wait for the disk, which would hide whether crawlers wait for each other.
"""

from __future__ import annotations

import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random

from sqlalchemy import text
from sqlalchemy.engine import make_url

from bench.delay import HOST
from bench.harness import ROOT, Report, fresh_database, polling, scalar, scratch_server, setting
from bench.storage_filling import NOW, sample
from pipelines.storage.db.engine import connect, normalise_url
from pipelines.storage.embedded.server import EmbeddedServer
from pipelines.storage.write.runs import start_run
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Article, Fetch, Teaser

CRAWLERS = (1, 2, 4, 8)
SECONDS_AWAY = 0.02
BATCH = 16
"""Pages of a batch: as many as a site returns while the last one is written."""
SYNDICATED = 0.1
"""Share of the articles that all sites print. A tenth of the texts, and half of the articles are linked by their mobile URL."""
PAUSE = 0.01
WAITS = text("""
    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
""")
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True)
class Writing:
    """Several crawlers at once, into an empty database."""

    rate: float
    """Pages per second, of all crawlers."""
    waiting: float
    """Share of the samples in which a backend waited for a lock."""
    deadlocks: int


def measure_crawlers(report: Report, options: Namespace) -> None:
    pages, trials = (64, 2) if options.small else (160, 20)
    with scratch_server(options.folder, fsync=False) as server:
        for place, seconds in (("here", 0.0), (f"{SECONDS_AWAY * 1000:g} ms away", SECONDS_AWAY)):
            for crawlers in CRAWLERS:
                found = crawl(server, crawlers, pages, seconds)
                report.line(f"pages of {crawlers} crawlers, {place}", found.rate, "/s")
                report.line(f"samples with a wait for a lock, {crawlers} crawlers, {place}", 100 * found.waiting, "%")
        deadlocks = sum(crawl(server, CRAWLERS[-1], 64, 0.0, seed).deadlocks for seed in range(trials))
        report.line(f"deadlocks in {trials} trials of {CRAWLERS[-1]} crawlers", deadlocks, most=0)
        with fresh_database(server, "last") as engine:
            report.setting = setting(engine)


def crawl(server: EmbeddedServer, crawlers: int, pages: int, seconds: float, seed: int = 0) -> Writing:
    """Write the pages of as many sites, each by a process of its own."""
    with fresh_database(server, "crawled") as engine, _away(server, engine.url.database or "", seconds) as address:
        waits: list[bool] = []
        with (
            ProcessPoolExecutor(crawlers, mp_context=get_context("spawn")) as pool,
            engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            list(pool.map(_warm, range(crawlers)))
            with polling(lambda: waits.append(bool(connection.scalar(WAITS))), PAUSE):
                started = time.monotonic()
                writing = [pool.submit(write_site, address, site, pages, seed) for site in range(crawlers)]
                for each in writing:
                    each.result()
                took = time.monotonic() - started
        return Writing(crawlers * pages / took, sum(waits) / max(len(waits), 1), scalar(engine, DEADLOCKS))


def write_site(address: str, number: int, pages: int, seed: int) -> None:
    """Write the pages of one site, batch by batch."""
    engine = connect(address, application_name="bench")
    site, zone = f"site{number}.example", "Asia/Shanghai"
    run = start_run(
        engine,
        spider="bench",
        site=site,
        base_url=f"http://{site}/",
        timezone=zone,
        job=None,
        version="0",
        arguments={},
    )
    items = list(site_pages(site, pages, seed))
    for start in range(0, pages, BATCH):
        write(engine, run, items[start : start + BATCH])
    engine.dispose()


def site_pages(site: str, count: int, seed: int) -> Iterator[Article]:
    """Yield articles of which half are linked, and requested, by their mobile URL before they are read."""
    own, shared = Random(f"{site} {seed}"), Random(f"all {seed}")
    bodies = sample(100)
    for number in range(count):
        same = shared.random() < SYNDICATED
        rng = shared if same else own
        body = [*rng.choice(bodies), rng.choice(bodies)[0], "" if same else f"{site} 第 {number} 篇。"]
        url, mobile = f"http://{site}/{number}.html", f"http://{site}/m/{number}.html"
        fetch = Fetch(url=mobile if number % 2 else url, kind="article", final_url=url, fetched_at=NOW, status=200)
        fetch.redirect = "permanent" if number % 2 else None
        made = Article(
            url=url, fetch=fetch, title=body[0][:20], body=[line for line in body if line], parser_version="0"
        )
        made.published_on = NOW.date()
        for position, other in enumerate(own.sample(range(count), 6), 1):
            made.teasers.append(
                Teaser(url=f"http://{site}/{'m/' if other % 2 else ''}{other}.html", position=position, title="题目")
            )
        yield made


@contextmanager
def _away(server: EmbeddedServer, database: str, seconds: float) -> Iterator[str]:
    """Yield the URL of a database, with a network in between that takes *seconds* for a round trip."""
    if not seconds:
        yield server.url(database)
        return
    upstream = Path(server.socket_folder) / f".s.PGSQL.{server.port}"
    command = [sys.executable, "-m", "bench.delay", str(upstream), str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as proxy:
        try:
            assert proxy.stdout
            port = int(proxy.stdout.readline())
            there = make_url(normalise_url(server.url(database))).difference_update_query(["host", "port"])
            yield there.set(host=HOST, port=port).render_as_string(hide_password=False)
        finally:
            proxy.terminate()


def _warm(_: int) -> None:
    """Load the modules before the clock runs."""
