"""Delay requests to a host by the ``Crawl-delay`` of its robots.txt and the ``Retry-After`` of its responses."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from smartdaily_crawler.crawl.fetches import header, http_date
from smartdaily_crawler.politeness import HostPauses, is_stopping
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

_OVERLOADED = (429, 503)
_FIRST_PAUSE = 2.0
"""Seconds to pause requests to an overloaded host that sends no ``Retry-After``; doubled at each retry."""
_LONG_PAUSES, _REFUSALS = 2, 20
"""A host closes after so many such answers in a row: answers with a ``Retry-After`` beyond ``RETRY_AFTER_MAX``, or URLs refused."""
_REST = 900.0
"""Least seconds that a host which refuses so often is left alone."""
_POLL = 0.25
"""Seconds between two checks, while waiting, of whether the run is being stopped."""


class ThrottleMiddleware:
    """Hold requests back. Stands nearest to the downloader, so that retries and redirects pass it too.

    ``meta["crawl_delay"]``, set by ``RobotsMiddleware``, is in seconds. A request answered with ``Retry-After`` is retried
    ``RETRY_AFTER_TIMES`` times, one without it ``RETRY_TIMES`` times; then it fails with the status as its reason.
    When the run is being stopped, waiting requests end as skipped. So do all requests to a host that answers nothing else
    (``retry_later``).
    """

    def __init__(self, crawler: Crawler, longest_pause: float, times: int) -> None:
        self.crawler = crawler
        self.longest_pause = longest_pause
        self.times = times
        self.pauses = HostPauses.of(crawler)
        self._free_at: dict[str, float] = {}
        """Time of the next allowed request, on the monotonic clock, by host and port."""
        self._refused: dict[str, list[tuple[str, float]]] = {}
        """By host and port: the URLs to which it gave such answers since its last other one, and the seconds of each pause."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        return cls(crawler, settings.getfloat("RETRY_AFTER_MAX"), settings.getint("RETRY_AFTER_TIMES"))

    async def process_request(self, request: Request) -> None:
        host = urlsplit(request.url).netloc
        while not self.pauses.until(host) and (wait := self._free_at.get(host, 0) - monotonic()) > 0:
            if is_stopping(self.crawler):
                raise IgnoreRequest(Reason.RUN_STOPPED)
            await asyncio.sleep(min(wait, _POLL))
        if self.pauses.until(host):
            raise IgnoreRequest(Reason.RETRY_LATER)
        if delay := request.meta.get(Meta.CRAWL_DELAY):
            self._free_at[host] = monotonic() + delay

    def process_response(self, request: Request, response: Response) -> Response:
        host = urlsplit(request.url).netloc
        if response.status not in _OVERLOADED:
            self._refused.pop(host, None)
        else:
            tries = request.meta.get("retry_times", 0)
            seconds = retry_after(header(response, "Retry-After"), datetime.now(UTC))
            pause = min(_FIRST_PAUSE * 2**tries if seconds is None else seconds, self.longest_pause)
            self._free_at[host] = max(self._free_at.get(host, 0), monotonic() + pause)
            if seconds is not None:
                # A longer pause than we wait was not kept, so that asking once more must do.
                request.meta["max_retry_times"] = self.times if seconds <= self.longest_pause else min(1, self.times)
            self._refuse(request, pause if seconds is None else seconds)
            self.crawler.stats.inc_value(Stat.throttled(response.status))
            logger.info("%s answers %d; requests to it pause for %.0f s", host, response.status, pause)
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


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds from *now* that a ``Retry-After`` header gives, at least 0; ``None`` if missing or malformed.

    >>> now = datetime(2026, 3, 6, tzinfo=UTC)
    >>> retry_after("120", now), retry_after("Fri, 06 Mar 2026 00:01:00 GMT", now), retry_after("soon", now)
    (120.0, 60.0, None)
    >>> retry_after("-5", now), retry_after("Thu, 05 Mar 2026 00:00:00 GMT", now), retry_after(None, now)
    (None, 0.0, None)
    >>> retry_after("Fri, 06 Mar 99999 00:00:00 GMT", now), retry_after("9" * 400, now)
    (None, inf)
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    at = http_date(value)
    return None if at is None else max((at - now).total_seconds(), 0.0)
