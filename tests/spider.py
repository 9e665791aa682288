"""A spider that passes for a ``WalkSpider``, for tests of components without a walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from scrapy import Request, Spider

from smartdaily_crawler.crawl.arguments import WalkArguments
from smartdaily_crawler.crawl.frontier import CrawlState, NullFrontier
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.rendering.policy import Rendering


class OwnSpider(Spider):
    """Implement ``WalkSpider`` except for ``site_address``."""

    arguments = WalkArguments(site_url="http://127.0.0.1/")
    frontier = NullFrontier()
    title = "智能日报"
    zone = ZoneInfo("Asia/Shanghai")
    parser_version = "1"
    rendering = Rendering("never", None, Selectors())
    own_pages: ClassVar[set[str]] = set()

    def remember(self, stats: Mapping[str, Any]) -> None:
        """Take nothing over from earlier runs."""

    def article_request(self, state: CrawlState) -> Request:
        return Request(state.url)
