"""Obey robots.txt."""

from __future__ import annotations

from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest, NotConfigured

from smartdaily_crawler.network.robots import Robots
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat


class RobotsMiddleware:
    """Raise ``IgnoreRequest`` with ``robots_forbidden`` or ``robots_unreachable``; set ``meta["crawl_delay"]``, seconds.

    Scrapy's own middleware allows everything if robots.txt is unreachable.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.robots = Robots.of(crawler)
        self.longest_delay = crawler.settings.getfloat("CRAWL_DELAY_MAX")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("dont_obey_robotstxt"):
            return
        rules = await self.robots.rules(request.url)
        if rules is None:
            raise IgnoreRequest(Reason.ROBOTS_UNREACHABLE)
        if not rules.can_fetch(request.url, self.robots.product_token):
            self.crawler.stats.inc_value(Stat.ROBOTS_FORBIDDEN)
            raise IgnoreRequest(Reason.ROBOTS_FORBIDDEN)
        delay = min(rules.crawl_delay(self.robots.product_token) or 0, self.longest_delay)
        if delay:
            request.meta[Meta.CRAWL_DELAY] = delay
