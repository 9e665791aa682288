"""Write an article once in a run, under however many URLs it is fetched."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from smartdaily_crawler.items import Article, Outcome
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat


class DeduplicatePipeline:
    """Replace a second fetch of an article by an ``Outcome`` that only records its URL as an alias.

    The page at the canonical URL passes even after an alias (mobile page, redirect, ``rel=canonical``): its content
    replaces that of the alias. Counts each article once, in ``article/met``.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats
        self._is_canonical: dict[str, bool] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        is_canonical = item.url in (item.fetch.url, item.fetch.final_url)
        written = self._is_canonical.get(item.url)
        if written is None:
            self.stats.inc_value(Stat.ARTICLE_MET)
        if written is None or (is_canonical and not written):
            self._is_canonical[item.url] = is_canonical
            return item
        return Outcome(fetch=item.fetch, parts=item.parts, outcome="duplicate", reason=Reason.SEEN, alias_of=item.url)
