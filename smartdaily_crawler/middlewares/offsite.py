"""Drop links that leave the site before they are scheduled."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from smartdaily_crawler.crawl.protocol import SiteBound
from smartdaily_crawler.stat_names import Stat


class OffsiteMiddleware(BaseSpiderMiddleware):
    """Count ``link_rejected/<reason>`` for each dropped link. Not configured for spiders that are not bound to a site."""

    crawler: Crawler

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        spider: object = crawler.spider
        if not isinstance(spider, SiteBound):
            raise NotConfigured
        self.site = spider.site_address

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        del response
        reason = self.site.rejection_reason(request.url)
        if reason is None:
            return request
        self.crawler.stats.inc_value(Stat.link_rejected(reason))
        return None
