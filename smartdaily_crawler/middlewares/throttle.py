"""Delay requests to a host by the ``Crawl-delay`` of its robots.txt and the ``Retry-After`` of its responses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from smartdaily_crawler.crawl.fetches import header
from smartdaily_crawler.network.headers import retry_after
from smartdaily_crawler.politeness import OVERLOADED, HostPace, HostPauses
from smartdaily_crawler.request_meta import Meta

_LONG_PAUSES, _REFUSALS = 2, 20
"""A host closes after so many such answers in a row: answers with a ``Retry-After`` beyond ``RETRY_AFTER_MAX``, or URLs refused."""
_REST = 900.0
"""Least seconds that a host which refuses so often is left alone."""


class ThrottleMiddleware:
    """Hold requests back. Stands nearest to the downloader, so that retries and redirects pass it too.

    ``meta["crawl_delay"]``, set by ``RobotsMiddleware``, is in seconds. A request answered with ``Retry-After`` is retried
    ``RETRY_AFTER_TIMES`` times, one without it ``RETRY_TIMES`` times; then it fails with the status as its reason.
    When the run is being stopped, waiting requests end as skipped. So do all requests to a host that answers nothing else
    (``retry_later``).
    """

    def __init__(self, crawler: Crawler, longest_pause: float, times: int) -> None:
        self.longest_pause = longest_pause
        self.times = times
        self.pace = HostPace.of(crawler)
        self.pauses = HostPauses.of(crawler)
        self._refused: dict[str, list[tuple[str, float]]] = {}
        """By host and port: the URLs to which it gave such answers since its last other one, and the seconds of each pause."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        return cls(crawler, settings.getfloat("RETRY_AFTER_MAX"), settings.getint("RETRY_AFTER_TIMES"))

    async def process_request(self, request: Request) -> None:
        await self.pace.take_turn(urlsplit(request.url).netloc, request.meta.get(Meta.CRAWL_DELAY, 0))

    def process_response(self, request: Request, response: Response) -> Response:
        host = urlsplit(request.url).netloc
        if response.status not in OVERLOADED:
            self._refused.pop(host, None)
        else:
            seconds = retry_after(header(response, "Retry-After"), datetime.now(UTC))
            pause = self.pace.refused(host, response.status, seconds, request.meta.get("retry_times", 0))
            if seconds is not None:
                # A longer pause than we wait was not kept, so that asking once more must do.
                request.meta["max_retry_times"] = self.times if seconds <= self.longest_pause else min(1, self.times)
            self._refuse(request, pause if seconds is None else seconds)
        return response

    def _refuse(self, request: Request, seconds: float) -> None:
        """Record an answer of an overloaded host, and close the host if it gives no other."""
        host = urlsplit(request.url).netloc
        refused = self._refused.setdefault(host, [])
        refused.append((request.url, seconds))
        longest = max(pause for _, pause in refused)
        if len({url for url, _ in refused}) >= _REFUSALS:
            self.pauses.add(host, max(_REST, longest))
        elif sum(pause > self.longest_pause for _, pause in refused) >= _LONG_PAUSES:
            self.pauses.add(host, longest)
