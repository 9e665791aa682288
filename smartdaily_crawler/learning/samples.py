"""Pages with what their structure says: what selectors are derived from, and checked against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.reading import ArticleReading, LinkReading, ListingReading


@dataclass(frozen=True)
class ArticleSample:
    document: Document
    reading: ArticleReading
    """By structure alone, and not rejected."""
    clock: datetime
    """The response's, timezone-aware: relative dates are told by it."""


@dataclass(frozen=True)
class ListingSample:
    document: Document
    reading: ListingReading


@dataclass(frozen=True)
class NavigationSample:
    """Any page whose header names the categories."""

    document: Document
    links: list[LinkReading]


@dataclass(frozen=True, kw_only=True)
class Samples:
    articles: Sequence[ArticleSample] = ()
    listings: Sequence[ListingSample] = ()
    navigations: Sequence[NavigationSample] = ()

    def halves(self) -> tuple[Self, Self]:
        """Every other page to learn from, the rest to check against."""
        learn, check = (
            type(self)(
                articles=self.articles[first::2],
                listings=self.listings[first::2],
                navigations=self.navigations[first::2],
            )
            for first in (0, 1)
        )
        return learn, check
