"""In one run an article is written once, under whichever of its addresses it came."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from smartdaily_crawler.items import Article, Outcome
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat


class DeduplicatePipeline:
    """Turns the second sighting of an article into an ``Outcome`` that only adds its address.

    The page at the article's own address goes through even when an alias (mobile page, redirect, ``rel=canonical``) came
    first: what an alias shows is only kept until then. Counts ``article/met``, each article once.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats
        self._is_original: dict[str, bool] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        is_original = item.url in (item.fetch.url, item.fetch.final_url)
        written = self._is_original.get(item.url)
        if written is None:
            self.stats.inc_value(Stat.ARTICLE_MET)
        if written is None or (is_original and not written):
            self._is_original[item.url] = is_original
            return item
        return Outcome(
            fetch=item.fetch, parts=item.parts, outcome="duplicate", reason=Reason.SEEN, alias_of=item.url
        )
