"""Measure crawls as the site and the database grow: ``python -m bench.growth``.

Sites of 1,000 and 10,000 articles into an empty database, and of 1,000 articles into a database that holds many of another site, and of
the same one; then each query by which a crawl learns what is known and due.
"""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import count, pairwise
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, text

from bench.growth_queries import QUERIES, measure_queries
from bench.harness import (
    ROOT,
    Parser,
    exit_code,
    fresh_database,
    markdown,
    scalar,
    scratch_server,
    serving,
    setting,
    short,
    write_table,
)
from bench.speed_crawls import Crawl, dsn, run
from bench.storage_filling import fill
from bench.storage_writing import KINDS
from pipelines.storage.embedded.server import EmbeddedServer

SIZES = (1_000, 10_000)
LARGE = 100_000
FILLED = 1_000_000
MEMORY_GROWTH = 1.15
RATE_OF_LARGE, RATE_OF_FILLED = 0.95, 0.93
TABLES = ("growth-crawl", "growth-frontier")
ACTIVE = "SELECT active_time / 1000 FROM pg_stat_database WHERE datname = current_database()"
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
STORED = "SELECT count(*) FROM api.outcome WHERE run_id = (SELECT max(run_id) FROM api.run) AND outcome = 'stored'"
RENAME = text("UPDATE crawl.site SET name = :name, base_url = :url WHERE name = :old")


@dataclass(frozen=True)
class Case:
    """What a crawl meets."""

    articles: int
    """Of the site."""
    before: int = 0
    """Articles in the database before."""
    same: bool = False
    """They are of the same site."""

    @property
    def title(self) -> str:
        whose = "the same site" if self.same else "another site"
        return f"{self.articles:,}" + (f" into {self.before:,} of {whose}" if self.before else "")


@dataclass(frozen=True)
class Grown(Crawl):
    database: float
    """Seconds in which the sessions of the crawl had the server at work, waits for the disk included."""


def crawl(engine: Engine, site: str) -> Grown:
    """Crawl a site in full; all its articles have to be stored."""
    engine.dispose()  # a session's statistics are complete when it ends
    before = scalar(engine, ACTIVE)
    settings = [f"ARTICLE_BUDGET={10 * LARGE}", "LOG_LEVEL=ERROR", "CLOSESPIDER_TIMEOUT=0"]
    command = [sys.executable, "-m", "scrapy", "crawl", "smartdaily", "-a", "mode=full"]
    spent = run(
        [*command, *(each for one in settings for each in ("-s", one))],
        ROOT,
        {"DATABASE_URL": dsn(engine), "SITE_URL": site},
    )
    while scalar(engine, OTHERS):
        time.sleep(0.1)
    database = scalar(engine, ACTIVE) - before
    pages, articles = scalar(engine, STORED), scalar(engine, f"{STORED} AND kind = 'article'")
    return Grown(pages, articles, *spent, database)


@contextmanager
def site_of(articles: int, first: int) -> Iterator[str]:
    with serving("-m", "bench.large_site", "--first", str(first), "--articles", str(articles)) as url:
        yield url


class Growth:
    """The crawls of one database server."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.crawls: dict[Case, list[Grown]] = {}
        self._site = "bench"
        """Name of the site of the filled database's articles."""
        self._first = count(0, FILLED)
        """Numbers of sites' first articles: no two crawls have a text in common."""

    def measure(self, case: Case, filled: Engine | None = None) -> None:
        """Crawl once, into an empty database if none is given."""
        with site_of(case.articles, next(self._first)) as url:
            if filled is None:
                with fresh_database(self.server, "empty") as engine:
                    done = crawl(engine, url)
            else:
                if case.same:
                    self._move(filled, url)
                done = crawl(filled, url)
        self.crawls.setdefault(case, []).append(done)
        print(f"{case.title}: {done}", flush=True)

    def _move(self, filled: Engine, url: str) -> None:
        """Make the articles of the filled database those of the site at a URL."""
        name = url.split("/")[2]
        with filled.begin() as connection:
            connection.execute(RENAME, {"old": self._site, "name": name, "url": url})
        self._site = name

    def rows(self) -> list[list[str]]:
        first = median([each.rate for each in next(iter(self.crawls.values()))])
        return [
            [
                case.title,
                short(done[0].pages),
                _spread([each.seconds for each in done]),
                _spread([each.rate for each in done]),
                short(median([each.rate for each in done]) / first),
                _spread([1000 * each.processor / each.pages for each in done]),
                _spread([1000 * each.database / each.pages for each in done]),
                short(median([each.memory for each in done])),
            ]
            for case, done in self.crawls.items()
        ]

    def chart(self) -> str:
        names = ", ".join(f'"{case.title}"' for case in self.crawls)
        rates = ", ".join(f"{median([each.rate for each in done]):.1f}" for done in self.crawls.values())
        return f'```mermaid\nxychart-beta\n    x-axis [{names}]\n    y-axis "pages/s" 0 --> 60\n    bar [{rates}]\n```'

    def missed(self) -> Iterator[str]:
        """Yield a line for each crawl that lost an article, and for each bound that does not hold."""
        for case, done in self.crawls.items():
            for each in done:
                if each.articles < case.articles:
                    yield f"missed: {case.title}: {each.articles} stored"
        empty = [(case, done) for case, done in self.crawls.items() if not case.before]
        of = median([each.rate for each in empty[0][1]])
        for case, done in self.crawls.items():
            least = RATE_OF_FILLED if case.before else RATE_OF_LARGE
            if (share := median([each.rate for each in done]) / of) < least:
                yield f"missed: {case.title}: {share:.2f} of the pages/s of {empty[0][0].title}, not {least}"
        for (_, smaller), (case, larger) in pairwise(empty):
            growth = median([each.memory for each in larger]) / median([each.memory for each in smaller])
            if growth > MEMORY_GROWTH:
                yield f"missed: {case.title}: {growth:.2f} times the memory of a tenth of the site, not {MEMORY_GROWTH}"


def _spread(values: Sequence[float]) -> str:
    middle = short(median(values))
    return f"{middle} ({short(min(values))}–{short(max(values))})" if len(values) > 1 else middle


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("growth", __doc__, small="sites of 100 and 200 articles, and 2,000 stored before")
    parser.add_argument("--large", action="store_true", help=f"a site of {LARGE:,} articles too, for an hour")
    parser.add_argument(
        "--filled", type=int, default=FILLED, metavar="N", help="articles before (default: %(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="of the crawls of 1,000 articles (default: %(default)s)")
    parser.add_argument("--folder", type=Path, help="folder for the data of the temporary server (default: TMPDIR)")
    options = parser.parse_args(arguments)
    if options.filled < 1 or options.rounds < 1:
        parser.error("--filled and --rounds are at least 1")
    write = options.write and not options.small
    if write:
        parser.check_page(options.write, *TABLES)
    with scratch_server(options.folder, fsync=True) as server:
        growth = Growth(server)
        queries, of = measure(growth, options)
    head = [of, "pages", "seconds", "pages/s", "÷ first", "processor, ms a page", "database, ms a page", "MB"]
    crawled = f"{markdown(head, growth.rows())}\n\n{growth.chart()}"
    asked = markdown(
        ["query, ms", *(f"{before:,}" for before in queries)],
        [[name, *(short(found[name]) for found in queries.values())] for name in QUERIES],
    )
    print(crawled, asked, sep="\n\n")
    if write:
        for name, table in zip(TABLES, (crawled, asked), strict=True):
            write_table(options.write, name, table)
        figures = {
            "crawls": {case.title: [asdict(each) for each in done] for case, done in growth.crawls.items()},
            "frontier": queries,
        }
        file = options.write.with_name("growth.json")
        file.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    missed = growth.missed()
    return exit_code(line for line in missed if not options.small or line.endswith(" stored"))


def measure(growth: Growth, options: Namespace) -> tuple[dict[int, dict[str, float]], str]:
    """Crawl, the small sites in turn; return milliseconds of each query by the number of articles, and the machine."""
    small, *larger = (100, 200) if options.small else (*SIZES, *[LARGE] * options.large)
    before = 2_000 if options.small else options.filled
    queries = {}
    growth.measure(Case(small))
    for size in larger:
        growth.measure(Case(size))
    with fresh_database(growth.server, "few") as engine:
        fill(engine, 1_000, *KINDS)
        queries[1_000] = measure_queries(engine)
    with fresh_database(growth.server, "filled") as filled:
        fill(filled, before, *KINDS)
        queries[before] = measure_queries(filled)
        for number in range(1 if options.small else options.rounds):
            if number:
                growth.measure(Case(small))
            for same in (False, True):
                growth.measure(Case(small, before, same), filled)
        return queries, setting(filled)


if __name__ == "__main__":
    sys.exit(main())
