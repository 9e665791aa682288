"""One crawl of the bundled site by one way of rendering, into an empty database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from scrapy.utils.project import get_project_settings
from sqlalchemy import Engine, text

from bench.figures import setting
from bench.memory import Peaks, watching
from bench.rendering_rows import Rows, stored_rows
from bench.storage_filling import fresh_database
from demo.server import Access, Server
from demo.site import Site
from pipelines.storage.embedded.server import EmbeddedServer
from renderers.servers import running_splash
from smartdaily_crawler.rendering.choice import choose
from smartdaily_crawler.settings import RENDER_CONCURRENCY
from smartdaily_crawler.sites.profile import Render

ROOT = Path(__file__).parents[1]
SPLASH = (f"--slots={RENDER_CONCURRENCY}", "--maxrss=3000")
"""As docs/rendering.md says; a restart in the middle is another bench's matter."""
ENDS = text("SELECT count(*) FROM api.outcome WHERE kind <> 'home'")
RUN = text("SELECT stats, verdict FROM api.run")


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


@dataclass(frozen=True)
class Crawl:
    """What one came to."""

    way: Way
    verdict: str
    asked: Counter[str]
    """Requests that the site answered, by kind."""
    ends: int
    """List pages and pages of articles that came to an outcome."""
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
    """NoSplashError, NoRendererError where what renders is not there."""
    if way.by == "playwright":
        choose(way.render, get_project_settings())
    site.site = Site(day=day, skin=way.skin)
    site.log.clear()
    with ExitStack() as stack:
        engine = stack.enter_context(fresh_database(storage, f"{way.render}_{way.skin}"))
        splash = stack.enter_context(running_splash(*SPLASH)) if way.by == "splash" else None
        environment = {
            "SITE_URL": site.url,
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "SPLASH_URL": splash.url if splash else "",
            "LOG_LEVEL": "ERROR",
        }
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "smartdaily", "-a", f"render={way.render}", *arguments],
            cwd=ROOT,
            env=os.environ | environment,
        )
        with watching(process.pid, splash.pid if splash else None) as peaks:
            process.wait()
        return _seen(way, engine, site.log, time.monotonic() - began, peaks)


def _seen(way: Way, engine: Engine, log: Iterable[Access], seconds: float, peaks: Peaks) -> Crawl:
    with engine.connect() as connection:
        ends = connection.scalar(ENDS) or 0
        run = connection.execute(RUN).one()
    stats: dict[str, Any] = run.stats
    return Crawl(
        way=way,
        verdict=run.verdict,
        asked=Counter(_kind(access.path) for access in log),
        ends=ends,
        rendered=stats.get(f"render/{way.by}", 0),
        again=stats.get("render/timeout", 0) + stats.get("render/unavailable", 0),
        rendering=stats.get("render/ms", 0) / 1000,
        seconds=seconds,
        peaks=peaks,
        rows=stored_rows(engine),
        setting=setting(engine),
    )


def _kind(path: str) -> str:
    if path.startswith("/data/"):
        return "data"
    return "other" if path.startswith("/static/") or path in {"/robots.txt", "/favicon.ico"} else "document"
