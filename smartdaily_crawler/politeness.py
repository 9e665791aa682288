"""How politely a site is asked."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from smartdaily_crawler.sites.site_address import SiteAddress


def lift_on_own_ground(settings: BaseSettings, site: SiteAddress, priority: str) -> None:
    """Ask without pauses where the site runs on the operator's own machine or network: there they cost only time."""
    if site.is_private:
        settings.set("AUTOTHROTTLE_ENABLED", value=False, priority=priority)
        settings.set("DOWNLOAD_DELAY", 0, priority=priority)
        settings.set("CRAWL_DELAY_MAX", 0, priority=priority)
        settings.set(
            "CONCURRENT_REQUESTS_PER_DOMAIN", settings.getint("CONCURRENT_REQUESTS"), priority=priority
        )


def is_stopping(crawler: Crawler) -> bool:
    """Whether the run is being ended; who waits for something then waits no longer."""
    slot = crawler.engine._slot  # noqa: SLF001 - the engine tells it nobody else before all is done
    return slot is None or slot.closing is not None


def only_look(settings: BaseSettings) -> None:
    """Store nothing and report nothing: a command looks at pages and tells the operator itself."""
    for name in ("ITEM_PIPELINES", "EXTENSIONS"):
        settings.set(name, {}, priority="cmdline")
