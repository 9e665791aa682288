"""Politeness towards a site, and access to the engine's state."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from smartdaily_crawler.per_crawler import PerCrawler
from smartdaily_crawler.sites.site_address import SiteAddress
from smartdaily_crawler.stat_names import Stat

logger = logging.getLogger(__name__)


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
    kept.pop("pipelines.persist.PersistPipeline", None)
    settings.set("ITEM_PIPELINES", kept, priority="cmdline")
    settings.set("EXTENSIONS", {}, priority="cmdline")
