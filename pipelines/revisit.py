"""Known articles that the walk did not meet are asked for once more: only so is a removal seen."""

from __future__ import annotations

from typing import Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from pipelines.session import Session
from pipelines.storage.articles import known_articles
from pipelines.storage.database import StorageError
from smartdaily_crawler.frontier import Standing


class Revisit:
    """Waits until the walk is done, then asks storage which known articles it has not shown.

    A partial walk (some categories, a page limit, no teasers) says nothing about what it did not meet, so it revisits
    nothing. At most ``REVISIT_LIMIT`` a run, those unchecked for the longest first.
    """

    def __init__(self, crawler: Crawler, limit: int, patience: float) -> None:
        self.crawler = crawler
        self.session = Session.of(crawler)
        self.limit = limit
        self.patience = patience
        self._asked = False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        settings = crawler.settings
        revisit = cls(crawler, settings.getint("REVISIT_LIMIT"), settings.getfloat("STORAGE_PATIENCE"))
        crawler.signals.connect(revisit.spider_idle, signals.spider_idle)
        return revisit

    def spider_idle(self, spider: Spider) -> None:
        if not self.session.is_open or not spider.arguments.is_whole:  # type: ignore[attr-defined]  # a NewsSpider
            return
        if self._asked or self.session.lost:
            return
        self._asked = True
        # Asked on the event loop: nothing else is under way when the spider is idle.
        try:
            addresses = known_articles(
                self.session.database.engine, self.session.run, self.limit, patience=self.patience
            )
        except StorageError as error:
            self.session.lose(error)
            return
        for address in addresses:
            if spider.site_address.refusal(address) is None:  # type: ignore[attr-defined]  # a NewsSpider
                self.crawler.engine.crawl(spider.article_request(Standing(address)))  # type: ignore[attr-defined]
                self.crawler.stats.inc_value("revisit/requested")
