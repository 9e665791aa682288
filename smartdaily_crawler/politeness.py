"""Politeness towards a site, and access to the engine's state."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from smartdaily_crawler.sites.site_address import SiteAddress


def relax_for_private_host(settings: BaseSettings, site: SiteAddress, priority: str) -> None:
    """Switch off throttling where the site runs on the operator's own machine or network."""
    if site.is_private:
        settings.set("AUTOTHROTTLE_ENABLED", value=False, priority=priority)
        settings.set("DOWNLOAD_DELAY", 0, priority=priority)
        settings.set("CRAWL_DELAY_MAX", 0, priority=priority)
        settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", settings.getint("CONCURRENT_REQUESTS"), priority=priority)


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
