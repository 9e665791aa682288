"""Run Spidermon's monitors, which are no requirement: the package is imported only if ``SPIDERMON_ENABLED``."""

from __future__ import annotations

from typing import Any

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

_SPIDERMON = "spidermon.contrib.scrapy.extensions.Spidermon"


class Monitoring:
    """Stand for Spidermon's extension, unless the settings list that too."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Any:
        """Return Spidermon's extension. Raise NotConfigured if it is disabled, not installed, or listed in ``EXTENSIONS``."""
        if not crawler.settings.getbool("SPIDERMON_ENABLED") or _SPIDERMON in crawler.settings.getdict("EXTENSIONS"):
            raise NotConfigured
        try:
            from spidermon.contrib.scrapy.extensions import Spidermon  # noqa: PLC0415 - see above
        except ModuleNotFoundError:
            raise NotConfigured("SPIDERMON_ENABLED needs Spidermon: pip install spidermon") from None
        return Spidermon.from_crawler(crawler)
