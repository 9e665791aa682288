"""Politeness towards a site, and access to the engine's state."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.settings import BaseSettings

from smartdaily_crawler.per_crawler import PerCrawler
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.sites.site_address import SiteAddress
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)

OVERLOADED = (429, 503)
"""Statuses of a host that asks for fewer requests."""
_FIRST_PAUSE = 2.0
"""Seconds to pause requests to an overloaded host that sends no ``Retry-After``; doubled at each retry."""
_POLL = 0.25
"""Seconds between two checks, while waiting, of whether the run is being stopped."""


def relax_for_private_host(settings: BaseSettings, site: SiteAddress, priority: str) -> None:
    """Switch off throttling where the site runs on the operator's own machine or network."""
    if site.is_private:
        settings.set("AUTOTHROTTLE_ENABLED", value=False, priority=priority)
        settings.set("DOWNLOAD_DELAY", 0, priority=priority)
        settings.set("CRAWL_DELAY_MAX", 0, priority=priority)
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", settings.getint("CONCURRENT_REQUESTS"), priority=priority)


class HostPauses(PerCrawler):
    """Hosts that a run no longer requests, as they ask to come back later; its statistics tell the next run until when."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._longest = crawler.settings.getfloat("HOST_PAUSE_MAX")
        self._until: dict[str, datetime] = {}

    def until(self, host: str) -> datetime | None:
        """Return when a host, with its port, may be requested again; ``None`` for now."""
        until = self._until.get(host)
        return until if until and until > datetime.now(UTC) else None

    def add(self, host: str, seconds: float) -> None:
        """Request a host no more for so many seconds, at most ``HOST_PAUSE_MAX``, which is 0 to go on requesting it."""
        if self._longest and self.until(host) is None:
            until = datetime.now(UTC) + timedelta(seconds=min(seconds, self._longest))
            self.restore({host: until.isoformat(timespec="seconds")})
            logger.error(
                "%s answers nothing but 429 or 503; it is not requested again before %s", host, self._until[host]
            )

    def restore(self, pauses: Mapping[str, str]) -> None:
        """Take over pauses that are not over: when each ends, in ISO 8601, by host."""
        for host, until in pauses.items() if self._longest else ():
            self._until[host] = datetime.fromisoformat(until)
            if self.until(host):
                self._stats.set_value(Stat.paused_until(host), until)


class HostPace(PerCrawler):
    """When a host may be requested next, beyond the delay between two requests that Scrapy keeps.

    Hosts are given with their ports. Waiting raises ``IgnoreRequest`` if the run is being stopped, and for a host of ``HostPauses``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._pauses = HostPauses.of(crawler)
        self._delay = settings.getfloat("DOWNLOAD_DELAY")
        self._longest = settings.getfloat("RETRY_AFTER_MAX")
        self._longest_for_resources = settings.getfloat("RENDER_PAUSE_MAX")
        # Times on the monotonic clock, by host.
        self._turns: dict[str, float] = {}
        """When the next request may take its turn, by ``Crawl-delay``."""
        self._held: dict[str, float] = {}
        """Until when no request is sent."""

    async def take_turn(self, host: str, delay: float) -> None:
        """Wait until a request may be passed to the downloader; the next one has to wait *delay* seconds more."""
        await self._wait(host, self._turns, self._held)
        if delay:
            self._turns[host] = monotonic() + delay

    async def wait(self, host: str) -> None:
        """Wait until a request may be sent: others may have passed ``take_turn`` before the host was to be left alone.

        Those that have waited are sent one after the other, ``DOWNLOAD_DELAY`` apart.
        """
        if await self._wait(host, self._held):
            self._held[host] = monotonic() + self._delay

    def refused(self, host: str, status: int, retry_after: float | None, retries: int = 0) -> float:
        """Hold all requests to a host that answered 429 or 503; return for how many seconds.

        :param retry_after: seconds of its ``Retry-After``; ``None`` without one.
        :param retries: how often the request had been retried.
        """
        pause = min(_FIRST_PAUSE * 2**retries if retry_after is None else retry_after, self._longest)
        self._held[host] = max(self._held.get(host, 0), monotonic() + pause)
        self._crawler.stats.inc_value(Stat.throttled(status))
        logger.info("%s answers %d; requests to it pause for %.0f s", host, status, pause)
        return pause

    def charge(self, page: Request, began: float, requests: int) -> None:
        """Count what a rendered page requested from its own host as requests of ours, each with a delay of the host.

        The delays count from when the document came (*began*), on the monotonic clock, so that the time its content took is part
        of them.
        """
        self._crawler.stats.inc_value(Stat.RENDER_RESOURCES, requests)
        delay = max(self._delay, page.meta.get(Meta.CRAWL_DELAY, 0))
        pause = min(requests * delay, self._longest_for_resources)
        if not pause:
            return
        if pause < requests * delay:
            self._crawler.stats.inc_value(Stat.RENDER_PAUSE_CUT)
        host = urlsplit(page.url).netloc
        self._held[host] = max(self._held.get(host, 0), began + delay) + pause

    async def _wait(self, host: str, *times: Mapping[str, float]) -> bool:
        """Wait until the times of a host are over; return whether they were not."""
        has_waited = False
        while not self._pauses.until(host) and (rest := max(time.get(host, 0) for time in times) - monotonic()) > 0:
            if is_stopping(self._crawler):
                raise IgnoreRequest(Reason.RUN_STOPPED)
            await asyncio.sleep(min(rest, _POLL))
            has_waited = True
        if self._pauses.until(host):
            raise IgnoreRequest(Reason.RETRY_LATER)
        return has_waited


def is_stopping(crawler: Crawler) -> bool:
    """Return whether the run is being stopped; a component that waits for something then stops waiting."""
    slot = crawler.engine._slot  # noqa: SLF001 - the engine sends no signal before all requests are done
    return slot is None or slot.closing is not None


def wake(crawler: Crawler) -> None:
    """Have the engine check for requests, or for the end of the run, without waiting for its next heartbeat."""
    if (slot := crawler.engine._slot) is not None:  # noqa: SLF001 - as above
        slot.nextcall.schedule()


def only_look(settings: BaseSettings, *, pipelines: bool = False) -> None:
    """Disable pipelines and extensions, for a command that prints what it reads.

    :param pipelines: keep those that need no database.
    """
    kept = settings.getdict("ITEM_PIPELINES") if pipelines else {}
    for name in ("pipelines.persist.PersistPipeline", "pipelines.images.ArticleImages"):
        kept.pop(name, None)
    settings.set("ITEM_PIPELINES", kept, priority="cmdline")
    settings.set("EXTENSIONS", {}, priority="cmdline")
