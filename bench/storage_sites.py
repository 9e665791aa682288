"""Measure how far two crawls of two sites into one database slow each other down, as processes of any checkout."""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from bench.harness import Report, fresh_database, polling, scrapy, scratch_server, serving, setting

PAUSE = 0.01
"""Seconds between two samples."""
OTHER_STORIES = """
import random, sys
from demo import __main__ as demo, newsroom
newsroom.Random = lambda seed: random.Random(f"other {seed}")
sys.exit(demo.main(sys.argv[1:]))
"""
"""The bundled site with other texts, as writers of equal texts would wait for one lock."""
PAGES = text("""
    SELECT (SELECT count(*) FROM api.outcome WHERE kind <> 'home') AS pages,
           extract(epoch FROM max(finished_at) - min(started_at))::float8 AS seconds,
           bool_and(verdict = 'healthy') AS healthy
    FROM api.run
""")
SAMPLE = text("""
    SELECT (SELECT count(*) FROM api.run WHERE finished_at IS NULL) AS running,
           count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting
    FROM pg_stat_activity WHERE datname = current_database()
""")


@dataclass(frozen=True)
class Crawls:
    """One crawl, or several at once, into an empty database."""

    rate: float
    """Lists and articles with an outcome per second, from the start of the first run to the end of the last one."""
    waiting: float
    """Share of the samples in which a backend waited for a lock, while all crawls were running."""
    healthy: bool


def measure_two_sites(report: Report, options: Namespace) -> None:
    """Crawl in turn into fresh databases of one server, with commits that wait for the disk; report medians of the rounds."""
    day, rounds = (1, 1) if options.small else (10, 3)
    ways = {"first site alone": (0,), "second site alone": (1,), "both at once": (0, 1)}
    found: dict[str, list[Crawls]] = {name: [] for name in ways}
    with ExitStack() as stack:
        server = stack.enter_context(scratch_server(options.folder, fsync=True))
        shown = ("--day", str(day), "--port")
        urls = [stack.enter_context(serving(*site, *shown)) for site in (("-m", "demo"), ("-c", OTHER_STORIES))]
        for _ in range(rounds):
            for name, sites in ways.items():
                with fresh_database(server, "crawled", migrated=False) as engine:
                    found[name].append(crawl(engine, options.checkout, [urls[site] for site in sites]))
                    report.setting = setting(engine)
    rates = {name: median(each.rate for each in crawls) for name, crawls in found.items()}
    for name, rate in rates.items():
        report.line(f"pages of {name}", rate, "/s")
    first, second, both = rates.values()
    report.line("both at once, times one alone", both / ((first + second) / 2))
    for name, crawls in found.items():
        share = median(each.waiting for each in crawls)
        report.line(f"samples with a wait for a lock, {name}", share * 100, "%")
    healthy = [each.healthy for crawls in found.values() for each in crawls]
    report.line("share of healthy crawls", sum(healthy) / len(healthy), least=1)


def crawl(engine: Engine, checkout: Path, urls: list[str]) -> Crawls:
    """Crawl the sites at the same time, by the code of the checkout, into a database without a schema."""
    scrapy("db", "upgrade", engine=engine, checkout=checkout).wait()
    waits: list[bool] = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:

        def look() -> None:
            running, waiting = connection.execute(SAMPLE).one()
            if running == len(urls):
                waits.append(waiting > 0)

        with polling(look, PAUSE):
            command = partial(scrapy, "crawl", "smartdaily", "-a", "mode=full", engine=engine, checkout=checkout)
            for process in [command(SITE_URL=url) for url in urls]:
                process.wait()
        pages, seconds, healthy = connection.execute(PAGES).one()
    return Crawls(pages / seconds, sum(waits) / max(len(waits), 1), healthy)
