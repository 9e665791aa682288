"""Tell the spiders that walk a site from others, without importing what reads pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Spider

if TYPE_CHECKING:
    from smartdaily_crawler.crawl.site_spider import SiteSpider


def as_site_spider(spider: type[Spider]) -> type[SiteSpider] | None:
    """Return a spider's class if it walks a site, else ``None``.

    Scrapy imports all commands to run one. A spider that is loaded has imported its base already.
    """
    from smartdaily_crawler.crawl.site_spider import SiteSpider  # noqa: PLC0415 - as above

    return spider if issubclass(spider, SiteSpider) else None
