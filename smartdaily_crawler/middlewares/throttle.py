"""Delay requests to a host by the ``Crawl-delay`` of its robots.txt and the ``Retry-After`` of its responses."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from smartdaily_crawler.crawl.fetches import header
from smartdaily_crawler.politeness import is_stopping
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

_OVERLOADED = (429, 503)
_FIRST_PAUSE = 2.0
"""Seconds to pause requests to an overloaded host that sends no ``Retry-After``; doubled at each retry."""
_POLL = 0.25
"""Seconds between two checks, while waiting, of whether the run is being stopped."""


class ThrottleMiddleware:
    """Hold requests back. Stands nearest to the downloader, so that retries and redirects pass it too.

    ``meta["crawl_delay"]``, set by ``RobotsMiddleware``, is in seconds. A request answered with ``Retry-After`` is retried
    ``RETRY_AFTER_TIMES`` times, one without it ``RETRY_TIMES`` times; then it fails with the status as its reason.
    When the run is being stopped, waiting requests end as skipped.
    """

    def __init__(self, crawler: Crawler, longest_pause: float, times: int) -> None:
        self.crawler = crawler
        self.longest_pause = longest_pause
        self.times = times
        self._free_at: dict[str, float] = {}
        """Time of the next allowed request, on the monotonic clock, by host and port."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        return cls(crawler, settings.getfloat("RETRY_AFTER_MAX"), settings.getint("RETRY_AFTER_TIMES"))

    async def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        while (wait := self._free_at.get(host, 0) - monotonic()) > 0:
            if is_stopping(self.crawler):
                raise IgnoreRequest(Reason.RUN_STOPPED)
            await asyncio.sleep(min(wait, _POLL))
        if delay := request.meta.get(Meta.CRAWL_DELAY):
            self._free_at[host] = monotonic() + delay

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status in _OVERLOADED:
            tries = request.meta.get("retry_times", 0)
            seconds = retry_after(header(response, "Retry-After"), datetime.now(UTC))
            pause = min(_FIRST_PAUSE * 2**tries if seconds is None else seconds, self.longest_pause)
            host = urlsplit(request.url).netloc
            self._free_at[host] = max(self._free_at.get(host, 0), monotonic() + pause)
            if seconds is not None:
                request.meta["max_retry_times"] = self.times
            self.crawler.stats.inc_value(Stat.throttled(response.status))
            logger.info("%s answers %d; requests to it pause for %.0f s", host, response.status, pause)
        return response


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds from *now* that a ``Retry-After`` header gives, at least 0; ``None`` if missing or malformed.

    >>> now = datetime(2026, 3, 6, tzinfo=UTC)
    >>> retry_after("120", now), retry_after("Fri, 06 Mar 2026 00:01:00 GMT", now), retry_after("soon", now)
    (120.0, 60.0, None)
    >>> retry_after("-5", now), retry_after("Thu, 05 Mar 2026 00:00:00 GMT", now), retry_after(None, now)
    (None, 0.0, None)
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds(), 0.0)
