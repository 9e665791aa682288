"""scrapy-splash 0.11.1 on Scrapy 2.19: its requests, its responses, and its exchange with Splash, without its middlewares.

As middlewares they turn a request into one for Splash in the middle of its way, where everybody further on (duplicate
filter, offsite, slots, the ledger of outcomes) takes Splash's address for the page's. Here their methods are called by
the download handler, below all others.
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
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    NotConfigured,
)
from scrapy.http import Response


@contextmanager
def _canonicalize_url_where_it_was() -> Iterator[None]:
    """Scrapy 2.16 left it to w3lib, from where it came; https://github.com/scrapy-plugins/scrapy-splash/issues/332."""
    scrapy.utils.url.canonicalize_url = w3lib.url.canonicalize_url  # type: ignore[attr-defined]  # that it is not there is the point
    try:
        yield
    finally:
        del scrapy.utils.url.canonicalize_url  # type: ignore[attr-defined]


with _canonicalize_url_where_it_was():
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
    "Accept-Encoding",  # a browser that is told what to accept leaves the body packed
    "If-Modified-Since",  # a browser without a cache shows nothing for a 304
    "If-None-Match",
    "Proxy-Authorization",  # of our proxy, on which Splash does not call
)
_EXCHANGES = 3
"""One with keys of arguments that are cached, one with the arguments in full, and one to spare."""


class SplashUnreachableError(DownloadConnectionRefusedError):
    """It was Splash that could not be reached, not the site. Retried as a refused connection is."""


class SplashExchange:
    """Sends a request that carries ``meta["splash"]`` through Splash, and gives its answer under the real address."""

    def __init__(self, crawler: Crawler, fetch: Callable[[Request], Awaitable[Response]]) -> None:
        """*fetch* is plain HTTP, and knows nothing of Splash."""
        self._crawler = crawler
        self._fetch = fetch
        self._arguments = SplashDeduplicateArgsMiddleware()
        self._cookies = SplashCookiesMiddleware.from_crawler(crawler)
        self._splash = SplashMiddleware.from_crawler(crawler)
        spider: Any = crawler.spider
        if not hasattr(spider, "state"):  # with JOBDIR it is there, and outlives the run
            spider.state = {}
        for key in (self._arguments.local_values_key, self._splash.remote_keys_key):
            spider.state.setdefault(key, {})

    async def download(self, request: Request) -> Response:
        """Sets ``meta["download_latency"]``: seconds for all that Splash did. *request* is else left as it is: it may be sent again.

        ``NotConfigured`` where nobody says where Splash is, ``SplashUnreachableError`` where it is not there, and whatever
        *fetch* raises.
        """
        if not (self._crawler.settings["SPLASH_URL"] or request.meta["splash"].get("splash_url")):
            raise NotConfigured(f"SPLASH_URL is not set, and {request} asks for Splash")
        began = monotonic()
        response = await self._exchange(self._prepared(request))
        # The page's own, where its headers were taken over; the body is unpacked, and HttpCompressionMiddleware comes yet.
        response.headers.pop("Content-Encoding", None)
        response.request = request
        request.meta["download_latency"] = monotonic() - began
        return response

    def _prepared(self, request: Request) -> Request:
        """Give Splash's request. Of ``meta`` it has what bounds a download; a proxy, for one, is for the site."""
        options = copy.deepcopy(request.meta["splash"])
        options["slot_policy"] = SlotPolicy.SCRAPY_DEFAULT
        # Where robots.txt, the guard and the redirects agreed to, and nowhere else.
        options.setdefault("args", {})["url"] = request.url
        limits = {name: value for name, value in request.meta.items() if name.startswith("download_")}
        asked = Request(
            request.url,
            method=request.method,
            headers=request.headers,
            body=request.body,
            cookies=request.cookies,
            meta=limits | {"splash": options},
        )
        for name in _NOT_FOR_THE_PAGE:
            asked.headers.pop(name, None)
        self._arguments._process_request(asked, self._crawler.spider)  # noqa: SLF001 - its public face wraps a whole spider's output
        self._cookies.process_request(asked, self._crawler.spider)
        # No spider: that of one with ``http_user`` would keep the site's Authorization for Splash.
        prepared: Request = self._splash.process_request(asked, None)
        return prepared

    async def _exchange(self, request: Request) -> Response:
        for _ in range(_EXCHANGES):
            answer = self._splash.process_response(request, await self._ask(request), None)
            if isinstance(answer, Response):
                response: Response = self._cookies.process_response(request, answer, None)
                return response
            request = answer  # Splash has forgotten a cached argument
        raise DownloadFailedError("Splash forgets at once what it is told to cache")

    async def _ask(self, request: Request) -> Response:
        try:
            return await self._fetch(request)
        except (DownloadConnectionRefusedError, CannotResolveHostError) as error:
            raise SplashUnreachableError(f"Splash cannot be reached: {error}") from error
