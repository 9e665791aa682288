"""Reject articles that lack what every article has, with the reason as their outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from smartdaily_crawler.items import Article, Outcome
from smartdaily_crawler.parsing.dates import MOST_AHEAD, OLDEST_DAY
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.stat_names import Stat

_LATEST = MOST_AHEAD + timedelta(days=1)
"""Ahead of the day in UTC: no zone is more than a day ahead of it."""


class ValidatePipeline:
    """Replace an invalid ``Article`` by a ``rejected`` outcome; pass everything else on.

    An impossible date costs the date, which is counted in ``date/impossible``, and not the article.
    """

    def __init__(self, stats: StatsCollector) -> None:
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.stats)

    def process_item(self, item: Any) -> Any:
        if not isinstance(item, Article):
            return item
        if reason := rejection_reason(item):
            return Outcome(fetch=item.fetch, parts=item.parts, outcome="rejected", reason=reason)
        if item.published_on and not OLDEST_DAY <= item.published_on <= item.fetch.fetched_at.date() + _LATEST:
            item.published_on = item.published_at = None
            item.provenance.pop("published", None)
            self.stats.inc_value(Stat.DATE_IMPOSSIBLE)
        return item


def rejection_reason(article: Article) -> str | None:
    """Return why *article* must not be stored; ``None`` where it is valid."""
    if not article.title:
        return Reason.NO_TITLE
    return None if article.body else Reason.NO_BODY
