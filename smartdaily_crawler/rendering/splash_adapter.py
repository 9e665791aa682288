"""Adapter of scrapy-splash 0.11.1 to Scrapy 2.19: its requests, responses and exchange with Splash, from a download handler.

Used as middlewares, its classes replace a request by one for Splash, and the components that follow (duplicate filter,
offsite rule, slots, request ledger) take Splash's URL for that of the page. Here the download handler calls their
methods, below all other components.
"""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import scrapy.utils.url
import w3lib.url
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, NotConfigured
from scrapy.http import Response

from smartdaily_crawler.network.proxy import GuardedProxy
from smartdaily_crawler.rendering.page import CONDITIONS


@contextmanager
def _canonicalize_url_in_scrapy() -> Iterator[None]:
    """Restore the name that scrapy-splash imports, and that Scrapy 2.16 removed in favour of w3lib's.

    https://github.com/scrapy-plugins/scrapy-splash/issues/332
    """
    scrapy.utils.url.canonicalize_url = w3lib.url.canonicalize_url  # type: ignore[attr-defined]  # absent, hence set
    try:
        yield
    finally:
        del scrapy.utils.url.canonicalize_url  # type: ignore[attr-defined]


with _canonicalize_url_in_scrapy():
    from scrapy_splash import (
        SlotPolicy,
        SplashCookiesMiddleware,
        SplashDeduplicateArgsMiddleware,
        SplashFormRequest,
        SplashJsonResponse,
        SplashMiddleware,
        SplashRequest,
        SplashResponse,
        SplashTextResponse,
    )

__all__ = [
    "SplashExchange",
    "SplashFormRequest",
    "SplashJsonResponse",
    "SplashRequest",
    "SplashResponse",
    "SplashTextResponse",
    "SplashUnreachableError",
]

_NOT_FOR_THE_PAGE = (
    *CONDITIONS,
    "Accept-Encoding",  # if it is set, the browser does not decompress the body
    "Proxy-Authorization",  # for our proxy, which Splash does not use
)
_EXCHANGES = 3
"""One with the keys of cached arguments, one with the arguments in full, and one to spare."""


class SplashUnreachableError(DownloadConnectionRefusedError):
    """Splash could not be reached, as opposed to the site. Retried like a refused connection."""


class SplashExchange:
    """Send a request that has ``meta["splash"]`` through Splash; the response has the URL of the page."""

    def __init__(self, crawler: Crawler, fetch: Callable[[Request], Awaitable[Response]]) -> None:
        """:param fetch: download by plain HTTP, by which Splash is called."""
        self._crawler = crawler
        self._fetch = fetch
        self._arguments = SplashDeduplicateArgsMiddleware()
        self._cookies = SplashCookiesMiddleware.from_crawler(crawler)
        self._splash = SplashMiddleware.from_crawler(crawler)
        spider: Any = crawler.spider
        if not hasattr(spider, "state"):  # with JOBDIR Scrapy has set it, and keeps it between runs
            spider.state = {}
        for key in (self._arguments.local_values_key, self._splash.remote_keys_key):
            spider.state.setdefault(key, {})

    async def download(self, request: Request) -> Response:
        """Send *request* through Splash; set ``meta["download_latency"]`` to the seconds it took.

        *request* is not changed otherwise, as it may be sent again. Raises NotConfigured if no valid URL of Splash is set,
        SplashUnreachableError if Splash cannot be reached, and the errors of *fetch*.
        """
        splash = request.meta["splash"].get("splash_url") or self._crawler.settings["SPLASH_URL"]
        if not splash:
            raise NotConfigured(f"SPLASH_URL is not set, and {request} asks for Splash")
        began = monotonic()
        proxy = request.meta["splash"].get("args", {}).get("proxy")
        try:
            proxy = proxy or await GuardedProxy.of(self._crawler).url_for(splash)
        except OSError as error:
            raise SplashUnreachableError(f"Splash cannot be reached: {error}") from error
        except ValueError as error:
            raise NotConfigured(str(error)) from error
        response = await self._exchange(self._prepared(request, proxy))
        # From the page's headers. The body is decompressed already, and HttpCompressionMiddleware is still to come.
        response.headers.pop("Content-Encoding", None)
        response.request = request
        request.meta["download_latency"] = monotonic() - began
        return response

    def _prepared(self, request: Request, proxy: str) -> Request:
        """Return the request for Splash. From ``meta`` it takes only the limits of a download: a proxy, for one, is for the site."""
        options = copy.deepcopy(request.meta["splash"])
        options["slot_policy"] = SlotPolicy.SCRAPY_DEFAULT
        # Only the URL that robots.txt, the offsite rule and the redirect rule have allowed.
        options.setdefault("args", {}).update(url=request.url, proxy=proxy)
        limits = {name: value for name, value in request.meta.items() if name.startswith("download_")}
        sent = Request(
            request.url,
            method=request.method,
            headers=request.headers,
            body=request.body,
            cookies=request.cookies,
            meta=limits | {"splash": options},
        )
        for name in _NOT_FOR_THE_PAGE:
            sent.headers.pop(name, None)
        self._arguments._process_request(sent, self._crawler.spider)  # noqa: SLF001 - its public method takes a spider's whole output
        self._cookies.process_request(sent, self._crawler.spider)
        # No spider: with that of one that has ``http_user``, the site's Authorization would be sent to Splash.
        prepared: Request = self._splash.process_request(sent, None)
        return prepared

    async def _exchange(self, request: Request) -> Response:
        for _ in range(_EXCHANGES):
            answer = self._splash.process_response(request, await self._ask(request), None)
            if isinstance(answer, Response):
                response: Response = self._cookies.process_response(request, answer, None)
                return response
            request = answer  # Splash no longer has a cached argument
        raise DownloadFailedError("Splash does not keep the arguments that it should cache")

    async def _ask(self, request: Request) -> Response:
        try:
            return await self._fetch(request)
        except (DownloadConnectionRefusedError, CannotResolveHostError) as error:
            raise SplashUnreachableError(f"Splash cannot be reached: {error}") from error
