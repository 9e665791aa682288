"""Write an article once in a run, under however many URLs it is fetched."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from smartdaily_crawler.items import Article, Outcome
from smartdaily_crawler.memory.hash_set import HashSet
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat


class DeduplicatePipeline:
    """Replace a second fetch of a page by an ``Outcome``: two URLs redirect to it. Count each page once, in ``article/met``."""

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats
        self._met = HashSet()
        self._counted = HashSet()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        if item.url not in self._met:
            self._met.add(item.url)
            # A mobile page and the page that it names as canonical are one article.
            if (identity := item.canonical or item.url) not in self._counted:
                self._counted.add(identity)
                self.stats.inc_value(Stat.ARTICLE_MET)
            return item
        alias_of = item.url if item.fetch.redirect == "permanent" else None
        return Outcome(fetch=item.fetch, parts=item.parts, outcome="duplicate", reason=Reason.SEEN, alias_of=alias_of)
