"""Bound the articles that the walk of a run requests: all of them, and those to which only other articles link."""

from __future__ import annotations

from collections.abc import Sequence

from scrapy import Request

from smartdaily_crawler.items import Teaser
from smartdaily_crawler.memory.hash_set import HashSet
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
        self._requested = HashSet()
        """Canonical URLs."""
        self._shown = HashSet()
        """Those that a list has shown later."""

    def __contains__(self, url: str) -> bool:
        """Return whether only teasers lead to the article at a canonical URL, as far as the run has read lists."""
        return url in self._requested and url not in self._shown

    def add_entries(self, entries: Sequence[Teaser]) -> None:
        """Raise the bound by the entries of a list page."""
        self._listed += len(entries)
        for entry in entries:
            if entry.url in self._requested:
                self._shown.add(entry.url)

    def admit(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Return the first of the requests, as many as the bound allows."""
        left = max(0, self._per_entry * max(self._listed, FEWEST_ENTRIES) - (len(self._requested) - len(self._shown)))
        admitted = requests[:left]
        for request in admitted:
            self._requested.add(request.meta[Meta.REQUESTED_URL])
        return admitted
