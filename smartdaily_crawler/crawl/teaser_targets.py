"""Bound the articles that the walk of a run requests: all of them, and those to which only other articles link."""

from __future__ import annotations

from collections.abc import Sequence

from scrapy import Request

from smartdaily_crawler.items import Teaser
from smartdaily_crawler.request_meta import Meta

FEWEST_ENTRIES = 50
"""Entries of lists that are assumed where a run's lists show fewer, as in a run without news."""


class ArticleBudget:
    """Requests that the walk may still send for articles."""

    def __init__(self, left: int) -> None:
        """:param left: ``ARTICLE_BUDGET``."""
        self._left = left

    def admit(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Return the first of the requests, as many as are left."""
        admitted = requests[: self._left]
        self._left -= len(admitted)
        return admitted


class TeaserTargets:
    """The targets of teasers that the run has requested, bounded by what its lists show."""

    def __init__(self, per_entry: int) -> None:
        """:param per_entry: ``TARGETS_PER_ENTRY``."""
        self._per_entry = per_entry
        self._listed = 0
        """Entries on the list pages that the run has read."""
        self._requested: set[str] = set()
        """Canonical URLs."""

    def __contains__(self, url: str) -> bool:
        """Return whether only teasers lead to the article at a canonical URL, as far as the run has read lists."""
        return url in self._requested

    def add_entries(self, entries: Sequence[Teaser]) -> None:
        """Raise the bound by the entries of a list page."""
        self._listed += len(entries)
        self._requested.difference_update(entry.url for entry in entries)

    def admit(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Return the first of the requests, as many as the bound allows."""
        left = max(0, self._per_entry * max(self._listed, FEWEST_ENTRIES) - len(self._requested))
        admitted = requests[:left]
        self._requested.update(request.meta[Meta.REQUESTED_URL] for request in admitted)
        return admitted
