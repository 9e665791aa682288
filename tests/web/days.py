"""A database worth looking at: days of the bundled site, of which some went badly, and articles with hostile texts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from demo.page import Page
from demo.server import serve
from demo.site import SMALL, Site
from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Image
from tests.storage.making import NOON, article, new_run, teaser, url

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.crawl.conftest import Scrapy

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }} {% raw %} ${7*7}",
    "</title></style></svg><h1>进来了</h1>",
    "javascript:alert(1)//' onmouseover='alert(1)",
    "\u202e\u200f反过来的标题\u202d &lt;b&gt; &amp;amp;",
    "零宽\u200b\u200d\ufeff字符" + "\u0301" * 40,
    "没有空格的一行" * 120,
)
"""Titles, bodies, names and captions of articles."""
ALERT = "javascript:alert(1)"


class TroubledSite(Site):
    """The bundled site on a day on which every fifth article answers 503, and every seventh is a page without text."""

    def render(self, path: str) -> Page:
        number = int("".join(filter(str.isdigit, path)) or 0)
        if "/news/" in path and number % 5 == 0:
            return Page(503)
        if "/news/" in path and number % 7 == 0:
            return Page(200, "<!doctype html><meta charset=utf-8><title>页面</title><p>无".encode())
        return super().render(path)


def crawl_days(scrapy: Scrapy, days: int) -> str:
    """Crawl the first days of the site, one after the other; day 3 goes badly, day 5 is stopped. Return the site's name."""
    with serve(Site(day=1, categories=SMALL)) as server:
        for day in range(1, days + 1):
            server.site = (TroubledSite if day == 3 else Site)(day=day, categories=SMALL)
            limits = ["-s", "CLOSESPIDER_PAGECOUNT=25"] if day == 5 else []
            scrapy("crawl", "smartdaily", "-s", "REVISIT_SCHEDULE=30d:0m", *limits, SITE_URL=server.url)
        return server.url.removeprefix("http://").rstrip("/")


def write_hostile(engine: Engine) -> list[int]:
    """Write an article for each hostile text, with two revisions, teasers and pictures; return their ids."""
    run = new_run(engine, site="hostile.example")
    for revision in range(2):
        pages = []
        for number, text in enumerate(HOSTILE):
            page = article(f"h{number}", title=text, body=[text, f"{text}{revision}", "正文"], minute=revision)
            page.source = page.author = page.source_raw = text
            page.published_on = date(2026, 3, 6) - timedelta(days=number % 3)
            page.published_at = NOON - timedelta(days=number % 3) if number % 2 else None
            page.categories = [text[:50]]
            page.images = [Image(url=ALERT, caption=text)]
            page.provenance = {"title": "structure", "source": "meta"}
            page.teasers = [
                teaser(f"h{other}", place, title=HOSTILE[other], image_url=ALERT)
                for place, other in enumerate((o for o in range(len(HOSTILE)) if o != number), 1)
            ]
            pages.append(page)
        write(engine, run, pages)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT article_id, url FROM api.article WHERE site = 'hostile.example'"
        ).all()
    ids = {address: article_id for article_id, address in found}
    return [ids[url(f"h{number}")] for number in range(len(HOSTILE))]
