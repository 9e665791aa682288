"""One crawl of the bundled site by one way of rendering, into an empty database of its own."""

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
"""As docs/rendering.md says; no restart falls into the middle of a crawl."""
PAUSE = 0.25
"""Seconds between two looks at the memory."""
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
    """The most memory that processes had at once, in MB."""

    rss: float = 0.0
    """What they share is counted for each."""
    pss: float = 0.0
    """What they share is counted once."""

    def update(self, processes: Iterable[psutil.Process]) -> None:
        memory = []
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # it has ended meanwhile
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
        """How many articles, field by field, and teasers are as expected, where none is too many."""
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
    asked: Counter[str]
    """Requests that the site answered, by kind."""
    ends: int
    """List pages and pages of articles with an outcome."""
    rendered: int
    again: int
    """Renderings that timed out or were lost with their renderer, and were tried again."""
    rendering: float
    """Seconds that renderings took, added up."""
    seconds: float
    """Of the process, its start and the browser's included."""
    peaks: Peaks
    rows: Rows
    setting: str


def crawl(way: Way, site: Server, storage: EmbeddedServer, day: int, arguments: Iterable[str]) -> Crawl:
    """Raise NoSplashError, NoRendererError where what renders is not there."""
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
        asked=Counter(_kind(access.path) for access in log),
        ends=scalar(engine, "SELECT count(*) FROM api.outcome WHERE kind <> 'home'"),
        rendered=stats.get(f"render/{way.by}", 0),
        again=stats.get("render/timeout", 0) + stats.get("render/unavailable", 0),
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
    """Look at the memory until the block ends.

    :param crawler: its process; its children are a renderer's: the driver of a browser, and the browser.
    :param splash: the process of a server that renders beside it.
    """
    peaks = Peaks()

    def look() -> None:
        own = _family(crawler)
        peaks.crawler.update(own[:1])
        peaks.renderer.update([*own[1:], *(_family(splash) if splash else ())])

    with polling(look, PAUSE):
        yield peaks


def _family(pid: int) -> list[psutil.Process]:
    """A process and all below it, itself first; empty where it has ended."""
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []
