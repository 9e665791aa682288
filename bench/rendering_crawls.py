"""Crawl the bundled site with a renderer, or without one, into an empty database."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import psutil
from scrapy.utils.project import get_project_settings
from sqlalchemy import Engine, text

from bench.harness import fresh_database, polling, scalar, scrapy, setting
from demo.server import Access, Server
from demo.site import Site
from demo.truth import Truth
from pipelines.storage.embedded.server import EmbeddedServer
from renderers.servers import running_splash
from smartdaily_crawler.rendering.choice import choose
from smartdaily_crawler.settings import RENDER_CONCURRENCY
from smartdaily_crawler.sites.profile import Render
from tests.crawl.rows import stored_articles, stored_teasers, true_article, true_teasers

SPLASH = (f"--slots={RENDER_CONCURRENCY}", "--maxrss=3000")
"""Options of docs/rendering.md; large enough that Splash is not restarted during a crawl."""
PAUSE = 0.25
"""Seconds between two measurements of the memory."""
_MB = 1024 * 1024


@dataclass(frozen=True)
class Way:
    name: str
    skin: str
    render: Render
    by: Literal["", "splash", "playwright"] = ""


WAYS = (
    Way("plain", "glued", "never"),
    Way("Splash", "scripted", "splash", "splash"),
    Way("Chromium", "scripted", "playwright", "playwright"),
    Way("auto, by Splash", "scripted", "auto", "splash"),
)


@dataclass
class Peak:
    """Maximum memory of several processes together, in MB."""

    rss: float = 0.0
    """With shared memory counted for each process."""
    pss: float = 0.0
    """With shared memory counted once."""

    def update(self, processes: Iterable[psutil.Process]) -> None:
        memory = []
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # the process has ended
                memory.append(process.memory_full_info())
        self.rss = max(self.rss, sum(each.rss for each in memory) / _MB)
        self.pss = max(self.pss, sum(each.pss for each in memory) / _MB)


@dataclass(frozen=True)
class Peaks:
    crawler: Peak = field(default_factory=Peak)
    renderer: Peak = field(default_factory=Peak)


@dataclass(frozen=True)
class Rows:
    articles: dict[str, Any]
    """By path."""
    teasers: set[tuple[Any, ...]]

    def shares(self, expected: Rows) -> tuple[str, str]:
        """Return how many articles, with all fields, and teasers are as expected, and how many are too many."""
        right = sum(self.articles.get(path) == row for path, row in expected.articles.items())
        extra = len(self.articles.keys() - expected.articles.keys())
        same = len(self.teasers & expected.teasers)
        return (
            _share(right, len(expected.articles), extra),
            _share(same, len(expected.teasers), len(self.teasers) - same),
        )


def true_rows(truth: Truth) -> Rows:
    return Rows({article.path: true_article(article) for article in truth.articles}, true_teasers(truth))


def _share(right: int, all_: int, extra: int) -> str:
    return f"{right:,} of {all_:,}" + (f", {extra:,} too many" if extra else "")


@dataclass(frozen=True)
class Crawl:
    """The figures of one crawl."""

    way: Way
    verdict: str
    requests: Counter[str]
    """Requests to the site, by kind."""
    outcomes: int
    """Number of list pages and pages of articles with an outcome."""
    rendered: int
    retried: int
    """Number of renderings that timed out or failed with their renderer, and were retried."""
    rendering: float
    """Sum of the seconds of all renderings."""
    seconds: float
    """Seconds of the process, including its start and the browser's."""
    peaks: Peaks
    rows: Rows
    setting: str


def crawl(way: Way, site: Server, storage: EmbeddedServer, day: int, arguments: Iterable[str]) -> Crawl:
    """Crawl the site. Raise NoSplashError or NoRendererError if the renderer is missing."""
    if way.by == "playwright":
        choose(way.render, get_project_settings())
    site.site = Site(day=day, skin=way.skin)
    site.log.clear()
    with ExitStack() as stack:
        engine = stack.enter_context(fresh_database(storage, f"{way.render}_{way.skin}"))
        splash = stack.enter_context(running_splash(*SPLASH)) if way.by == "splash" else None
        command = ("crawl", "smartdaily", "-a", f"render={way.render}", *arguments)
        began = time.monotonic()
        process = scrapy(*command, engine=engine, SITE_URL=site.url, SPLASH_URL=splash.url if splash else "")
        with _watching(process.pid, splash.pid if splash else None) as peaks:
            process.wait()
        return _figures(way, engine, site.log, time.monotonic() - began, peaks)


def _figures(way: Way, engine: Engine, log: Iterable[Access], seconds: float, peaks: Peaks) -> Crawl:
    with engine.connect() as connection:
        run = connection.execute(text("SELECT stats, verdict FROM api.run")).one()
    stats: dict[str, Any] = run.stats
    return Crawl(
        way=way,
        verdict=run.verdict,
        requests=Counter(_kind(access.path) for access in log),
        outcomes=scalar(engine, "SELECT count(*) FROM api.outcome WHERE kind <> 'home'"),
        rendered=stats.get(f"render/{way.by}", 0),
        retried=stats.get("render/timeout", 0) + stats.get("render/unavailable", 0),
        rendering=stats.get("render/ms", 0) / 1000,
        seconds=seconds,
        peaks=peaks,
        rows=Rows(stored_articles(engine), stored_teasers(engine)),
        setting=setting(engine),
    )


def _kind(path: str) -> str:
    if path.startswith("/data/"):
        return "data"
    return "other" if path.startswith("/static/") or path in {"/robots.txt", "/favicon.ico"} else "document"


@contextmanager
def _watching(crawler: int, splash: int | None) -> Iterator[Peaks]:
    """Measure the memory until the block ends.

    :param crawler: process of the crawler; its children are those of a renderer: driver and browser.
    :param splash: process of Splash.
    """
    peaks = Peaks()

    def look() -> None:
        own = _family(crawler)
        peaks.crawler.update(own[:1])
        peaks.renderer.update([*own[1:], *(_family(splash) if splash else ())])

    with polling(look, PAUSE):
        yield peaks


def _family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants, the process first; empty if it has ended."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []
