"""How an address becomes a response: by plain HTTP, or through what renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

if TYPE_CHECKING:
    from smartdaily_crawler.rendering.splash_adapter import SplashExchange


class RenderingDownloadHandler(HTTP11DownloadHandler):
    """Sends what carries ``meta["splash"]`` through Splash, and the rest itself."""

    lazy = True

    async def download_request(self, request: Request) -> Response:
        if "splash" in request.meta:
            return await self._splash_exchange().download(request)
        return await super().download_request(request)

    def _splash_exchange(self) -> SplashExchange:
        """Give the crawler's one. Scrapy makes a handler for each scheme, but a session's cookies are for both."""
        from smartdaily_crawler.rendering.splash_adapter import SplashExchange  # noqa: PLC0415 - few crawls need it

        crawler: Any = self._crawler
        if not hasattr(crawler, "splash_exchange"):
            crawler.splash_exchange = SplashExchange(crawler, super().download_request)
        exchange: SplashExchange = crawler.splash_exchange
        return exchange
