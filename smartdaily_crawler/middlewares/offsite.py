"""Links that lead away are refused before they are scheduled."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.spidermiddlewares.base import BaseSpiderMiddleware

from smartdaily_crawler.stat_names import Stat


class AddressGuard(BaseSpiderMiddleware):
    """Counts ``link_rejected/<why>`` for each link that is not one of the site's own."""

    crawler: Crawler

    def get_processed_request(self, request: Request, response: Response | None) -> Request | None:
        del response
        refusal = self.crawler.spider.site_address.refusal(request.url)  # type: ignore[union-attr]  # a spider of ours
        if refusal is None:
            return request
        self.crawler.stats.inc_value(Stat.link_rejected(refusal))
        return None
