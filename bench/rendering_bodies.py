"""How many bodies of scripted articles Splash shows: after a fixed wait, and by the page that the crawler waits with."""

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
from scrapy import Request
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response, TextResponse

from demo.truth import TruthArticle
from smartdaily_crawler import settings
from smartdaily_crawler.rendering.options import Wish
from smartdaily_crawler.rendering.page import Patience
from smartdaily_crawler.rendering.splash_adapter import SplashJsonResponse
from smartdaily_crawler.rendering.splash_page import SplashPages

_LONGEST = 90
"""Seconds for an answer of Splash."""
Show = Callable[[str], Awaitable[str]]
"""Gives the HTML that is shown at an address."""


@dataclass(frozen=True)
class Bodies:
    way: str
    shown: int
    pages: int
    seconds: float
    """All of them together, ``RENDER_CONCURRENCY`` at once."""


@dataclass(frozen=True)
class Straight:
    """Splash's ``/execute`` without a crawler around it."""

    splash: str

    async def download(self, request: Request) -> Response:
        return await asyncio.to_thread(self._post, request)

    def _post(self, request: Request) -> Response:
        splash = request.meta["splash"]
        body = json.dumps(splash["args"]).encode()
        asked = urllib.request.Request(
            f"{self.splash}/{splash['endpoint']}", body, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=_LONGEST) as answer:
                response: Response = SplashJsonResponse(
                    request.url, body=answer.read(), encoding="utf-8", request=request
                )
        except urllib.error.HTTPError as error:
            return Response(request.url, status=error.code)
        return response


def ways(splash: str) -> dict[str, Show]:
    patience = Patience(
        loading=settings.DOWNLOAD_TIMEOUT,
        content=settings.RENDER_TIMEOUT,
        scrolling=settings.RENDER_SCROLL_TIMEOUT,
    )
    polled = SplashPages(Straight(splash), patience)

    async def poll(url: str) -> str:
        request = Request(url, meta={"kind": "article"})
        try:
            answer = await polled.render(request, Wish(by="splash", kind="article"))
        except (DownloadFailedError, DownloadTimeoutError):  # not shown
            return ""
        return answer.text if isinstance(answer, TextResponse) else ""

    return {
        "`render.html`, `wait=0`": partial(_wait, splash, 0),
        "`render.html`, `wait=0.5`": partial(_wait, splash, 0.5),
        "`execute`, as the crawler asks": poll,
    }


async def count(name: str, show: Show, site: str, articles: list[TruthArticle]) -> Bodies:
    free, began = asyncio.Semaphore(settings.RENDER_CONCURRENCY), time.monotonic()

    async def is_shown(article: TruthArticle) -> bool:
        async with free:
            html = await show(site.rstrip("/") + article.path)
        said = Selector(text=html or "<html></html>").xpath("string()").get() or ""
        return _letters(article.body[0]) in _letters(said)

    shown = await asyncio.gather(*map(is_shown, articles))
    return Bodies(name, sum(shown), len(articles), time.monotonic() - began)


async def _wait(splash: str, seconds: float, url: str) -> str:
    return await asyncio.to_thread(_get, f"{splash}/render.html?{urlencode({'url': url, 'wait': seconds})}")


def _get(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=_LONGEST) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError:
        return ""


def _letters(said: str) -> str:
    return "".join(said.split())
