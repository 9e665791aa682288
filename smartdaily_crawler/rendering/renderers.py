"""The renderers of one run: started with the first page that needs one, with a limit on concurrent pages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from smartdaily_crawler.network.headers import retry_after
from smartdaily_crawler.network.proxy import GuardedProxy
from smartdaily_crawler.per_crawler import PerCrawler
from smartdaily_crawler.politeness import OVERLOADED, HostPace, is_stopping
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.availability import Availability
from smartdaily_crawler.rendering.errors import RendererUnavailableError, RenderTimeoutError
from smartdaily_crawler.rendering.options import Renderer, RenderOptions
from smartdaily_crawler.rendering.page import Beside, Timeouts
from smartdaily_crawler.rendering.splash_page import SplashPages
from smartdaily_crawler.stat_names import Stat

if TYPE_CHECKING:
    from smartdaily_crawler.rendering.chromium_page import ChromiumPages
    from smartdaily_crawler.rendering.splash_adapter import SplashExchange


_GRACE = 5.0
"""Seconds that a run which is told to stop waits for a page; most take a second or two."""
_POLL = 0.25
"""Seconds between two checks of whether the run is being stopped."""


class Pages(Protocol):
    """A renderer."""

    async def render(self, request: Request, render_options: RenderOptions, beside: Beside) -> Response: ...


class Renderers(PerCrawler):
    """Renderers of a crawler: one object, although Scrapy creates a download handler for http and another for https."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        # For Splash, which may be on a private address. Its connections are not shared with those to sites, which are guarded.
        self.http = HTTP11DownloadHandler(crawler)
        self.timeouts = Timeouts(
            loading=settings.getfloat("DOWNLOAD_TIMEOUT"),
            content=settings.getfloat("RENDER_TIMEOUT"),
            scrolling=settings.getfloat("RENDER_SCROLL_TIMEOUT"),
        )
        self.free = asyncio.Semaphore(settings.getint("RENDER_CONCURRENCY"))
        self.availability = Availability(settings.getfloat("RENDERER_PATIENCE"), lambda: is_stopping(crawler))
        self._exchange: SplashExchange | None = None
        self._chromium: ChromiumPages | None = None

    async def render(self, request: Request, render_options: RenderOptions) -> Response:
        """Render a page; set ``meta["download_latency"]`` to the seconds it took.

        Raises the errors of ``rendering.errors``, or Scrapy's if the site does not answer. Any error but
        RendererUnavailableError counts as an answer of the renderer.
        """
        async with self.free:
            await self.availability.wait()
            began, beside, response = monotonic(), Beside(), None
            try:
                pages = self._pages(render_options.by)
                response = await self._until_stopped(pages.render(request, render_options, beside))
            except RendererUnavailableError:
                self.availability.was_silent(began)
                self.crawler.stats.inc_value(Stat.RENDER_UNAVAILABLE)
                raise
            except IgnoreRequest:
                raise
            except Exception as error:
                self.availability.answered()
                if isinstance(error, RenderTimeoutError):
                    self.crawler.stats.inc_value(Stat.RENDER_TIMEOUT)
                raise
            finally:
                self._account(request, beside, response)
            self.availability.answered()
            request.meta["download_latency"] = took = monotonic() - began
            self.crawler.stats.inc_value(Stat.rendered(render_options.by))
            self.crawler.stats.inc_value(Stat.RENDER_MS, round(took * 1000))
            return response

    def _account(self, page: Request, beside: Beside, response: Response | None) -> None:
        """Have the page's host wait for what the page has requested from it."""
        pace = HostPace.of(self.crawler)
        pace.charge(page, beside.began, beside.requests)
        if response is None or response.status not in OVERLOADED:  # else the page itself is refused
            for status, value in beside.refusals.items():
                pace.refused(urlsplit(page.url).netloc, status, retry_after(value, datetime.now(UTC)))

    async def _until_stopped(self, rendering: Coroutine[Any, Any, Response]) -> Response:
        """Return the rendered page. Raise ``IgnoreRequest`` if it is not there soon after the run was told to stop."""
        task = asyncio.ensure_future(rendering)
        task.add_done_callback(
            lambda done: done.cancelled() or done.exception()
        )  # nobody awaits it once it is given up
        deadline = None
        while not task.done():
            await asyncio.wait({task}, timeout=_POLL)
            if is_stopping(self.crawler):
                deadline = deadline or monotonic() + _GRACE
                if monotonic() > deadline and task.cancel():
                    raise IgnoreRequest(Reason.RUN_STOPPED)
        return task.result()

    @classmethod
    async def end(cls, crawler: Crawler) -> None:
        """Close the crawler's renderers if any were started."""
        if renderers := cls._of.pop(crawler, None):
            await renderers.close()

    async def close(self) -> None:
        await self.http.close()
        if self._chromium is not None:
            await self._chromium.close()
        GuardedProxy.of(self.crawler).close()

    @property
    def splash(self) -> SplashExchange:
        from smartdaily_crawler.rendering.splash_adapter import SplashExchange  # noqa: PLC0415 - few crawls need it

        if self._exchange is None:
            self._exchange = SplashExchange(self.crawler, self.http.download_request)
        return self._exchange

    @property
    def chromium(self) -> ChromiumPages:
        from smartdaily_crawler.rendering.chromium_page import ChromiumPages  # noqa: PLC0415 - it is an extra

        if self._chromium is None:
            self._chromium = ChromiumPages(self.crawler, self.timeouts)
        return self._chromium

    def _pages(self, by: Renderer) -> Pages:
        return SplashPages(self.splash, self.timeouts, self.crawler) if by == "splash" else self.chromium
