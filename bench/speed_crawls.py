"""Measure whole crawls of the bundled site: ours, a bare Scrapy spider, and other crawlers, in turn."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from bench.harness import ROOT, fresh_database, scalar, serving
from pipelines.storage.embedded.server import EmbeddedServer

FAST = ("CONCURRENT_REQUESTS_PER_DOMAIN=16", "TELNETCONSOLE_ENABLED=0", "LOG_LEVEL=ERROR")
"""Settings of crawlers that are not ours, as ours has them on a private host."""
PAGES = "SELECT array_agg(url) FROM api.outcome"
ARTICLES = "SELECT count(*) FROM api.article WHERE state = 'fetched'"


class CrawlError(Exception):
    """A crawl that failed, or did not store what it should; the message tells which."""


@dataclass(frozen=True)
class Crawl:
    """A process from its start to its end."""

    pages: int
    """Pages that it requested."""
    articles: int
    seconds: float
    processor: float
    """Seconds of processor time, in user and system mode, of all its threads."""
    memory: float
    """Largest resident memory, in MB."""

    @property
    def rate(self) -> float:
        """Pages per second."""
        return self.pages / self.seconds


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> tuple[float, float, float]:
    """Run a command in a folder; return seconds, seconds of processor time, and MB. Raise ``CrawlError`` if it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=os.environ | dict(environment or {}))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CrawlError(f"{' '.join(command)} ended with {process.returncode}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def dsn(engine: Engine) -> str:
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


def ours(engine: Engine, site: str, *arguments: str) -> Crawl:
    """Crawl into a database with our schema; its run has to be healthy."""
    before = scalar(engine, "SELECT count(*) FROM api.outcome")
    spent = run(
        [sys.executable, "-m", "scrapy", "crawl", "smartdaily", *arguments, "-s", "LOG_LEVEL=ERROR"],
        ROOT,
        {"DATABASE_URL": dsn(engine), "SITE_URL": site},
    )
    pages = scalar(engine, "SELECT count(*) FROM api.outcome") - before
    return Crawl(pages, scalar(engine, ARTICLES), *spent)


def spider(name: str, *arguments: str, pages: int, articles: Callable[[], int] = int) -> Crawl:
    """Crawl by a spider of a file beside this one, outside our project."""
    with TemporaryDirectory() as folder:
        file = str(Path(__file__).with_name(f"crawls_{name}.py"))
        command = [sys.executable, "-m", "scrapy", "runspider", file]
        options = [each for argument in arguments for each in ("-a", argument)]
        settings = [each for setting in FAST for each in ("-s", setting)]
        spent = run([*command, *options, *settings], Path(folder), {"PYTHONPATH": ""})
        return Crawl(pages, articles(), *spent)


@dataclass
class Site:
    """The bundled site being served, and the pages that a crawl of it requests."""

    url: str
    pages: Path
    """File with their URLs."""
    count: int
    server: EmbeddedServer

    def bare(self) -> Crawl:
        return spider("bare", f"pages={self.pages}", pages=self.count)

    def ours(self) -> Crawl:
        with fresh_database(self.server, "ours") as engine:
            return ours(engine, self.url, "-a", "mode=full")

    def days_work(self) -> Crawl:
        with fresh_database(self.server, "days_work", migrated=False) as engine:
            stored = lambda: int(scalar(engine, "SELECT count(*) FROM article"))  # noqa: E731
            return spider("days_work", f"site={self.url}", f"database={dsn(engine)}", pages=self.count, articles=stored)

    def unchanged(self) -> Crawl:
        """Crawl, and return a second, incremental crawl of the same day, for which no article is due."""
        with fresh_database(self.server, "unchanged") as engine:
            ours(engine, self.url, "-a", "mode=full")
            return ours(engine, self.url)


@contextmanager
def served(server: EmbeddedServer, day: int) -> Iterator[Site]:
    """Serve a day of the bundled site from a process of its own, and crawl it once to learn its pages, and to warm it."""
    with serving("-m", "demo", "--day", str(day), "--port") as url, TemporaryDirectory() as folder:
        with fresh_database(server, "learnt") as engine:
            ours(engine, url, "-a", "mode=full")
            pages = scalar(engine, PAGES)
        file = Path(folder) / "pages"
        file.write_text("\n".join(pages), encoding="utf-8")
        file.chmod(0o644)
        yield Site(url, file, len(pages), server)
