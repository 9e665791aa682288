"""Count the bodies of scripted articles that Splash returns: after a fixed wait, and by the crawler's own script."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from parsel import Selector
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response

from demo.truth import TruthArticle
from smartdaily_crawler import settings
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import Timeouts
from smartdaily_crawler.rendering.splash_adapter import SplashJsonResponse
from smartdaily_crawler.rendering.splash_page import SplashPages

_LONGEST = 90
"""Timeout of a request to Splash, seconds."""
Show = Callable[[str], Awaitable[str]]
"""Returns the rendered HTML of a URL; empty if it failed."""


@dataclass(frozen=True)
class Bodies:
    way: str
    shown: int
    pages: int
    seconds: float
    """Seconds for all pages together, ``RENDER_CONCURRENCY`` at once."""


@dataclass(frozen=True)
class _Direct:
    """Exchange with Splash's ``/execute`` without a crawler."""

    splash: str

    async def download(self, request: Request) -> Response:
        splash = request.meta["splash"]
        body = json.dumps(splash["args"]).encode()
        status, answer = await asyncio.to_thread(_ask, f"{self.splash}/{splash['endpoint']}", body)
        if status != 200:  # noqa: PLR2004 - OK
            return Response(request.url, status=status)
        response: Response = SplashJsonResponse(request.url, body=answer, encoding="utf-8", request=request)
        return response


def ways(splash: str) -> dict[str, Show]:
    limits = Timeouts(
        loading=settings.DOWNLOAD_TIMEOUT, content=settings.RENDER_TIMEOUT, scrolling=settings.RENDER_SCROLL_TIMEOUT
    )
    pages = SplashPages(_Direct(splash), limits, Crawler(Spider))

    async def execute(url: str) -> str:
        request = Request(url, meta={"kind": "article"})
        try:
            page = await pages.show(request, RenderOptions(by="splash", kind="article"), {"rules": []})
        except (DownloadFailedError, DownloadTimeoutError):
            return ""
        return str(page.get("html", ""))

    async def wait(seconds: float, url: str) -> str:
        query = urlencode({"url": url, "wait": seconds})
        status, answer = await asyncio.to_thread(_ask, f"{splash}/render.html?{query}")
        return answer.decode() if status == 200 else ""  # noqa: PLR2004 - OK

    return {
        "`render.html`, `wait=0`": partial(wait, 0),
        "`render.html`, `wait=0.5`": partial(wait, 0.5),
        "`execute`, as the crawler does": execute,
    }


def _ask(url: str, body: bytes | None = None) -> tuple[int, bytes]:
    """Return status and body."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=_LONGEST) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


async def count(name: str, show: Show, site: str, articles: list[TruthArticle]) -> Bodies:
    free, began = asyncio.Semaphore(settings.RENDER_CONCURRENCY), time.monotonic()

    async def is_shown(article: TruthArticle) -> bool:
        async with free:
            html = await show(site.rstrip("/") + article.path)
        return _letters(article.body[0]) in _letters(Selector(html or "<html></html>").xpath("string()").get() or "")

    shown = await asyncio.gather(*map(is_shown, articles))
    return Bodies(name, sum(shown), len(articles), time.monotonic() - began)


def _letters(text: str) -> str:
    return "".join(text.split())
