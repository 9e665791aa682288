"""Reject articles that lack what every article has, with the reason as their outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from smartdaily_crawler.items import Article, Outcome
from smartdaily_crawler.parsing.dates import OLDEST_DAY
from smartdaily_crawler.reasons import Reason


class ValidatePipeline:
    """Replace an invalid ``Article`` by a ``rejected`` outcome; pass everything else on."""

    def process_item(self, item: Any) -> Any:
        reason = rejection_reason(item) if isinstance(item, Article) else None
        if reason is None:
            return item
        return Outcome(fetch=item.fetch, parts=item.parts, outcome="rejected", reason=reason)


def rejection_reason(article: Article) -> str | None:
    """Return why *article* must not be stored; ``None`` where it is valid."""
    if not article.title:
        return Reason.NO_TITLE
    if not article.body:
        return Reason.NO_BODY
    if article.published_on is not None:
        # Beijing is 8 hours ahead of UTC, and a server's clock may run a little fast.
        latest = (article.fetch.fetched_at + timedelta(days=1)).date()
        if not OLDEST_DAY <= article.published_on <= latest:
            return Reason.IMPOSSIBLE_DATE
    return None
