"""Sample pages with their readings: selectors are derived from them and checked against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.reading import ArticleReading, LinkReading, ListingReading


@dataclass(frozen=True)
class ArticleSample:
    """An article page."""

    document: Document
    reading: ArticleReading
    """Read by structure only; not rejected."""
    clock: datetime
    """Clock of the response, timezone-aware, for relative dates."""


@dataclass(frozen=True)
class ListingSample:
    """A list page."""

    document: Document
    reading: ListingReading


@dataclass(frozen=True)
class NavigationSample:
    """A page with a navigation."""

    document: Document
    links: list[LinkReading]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Sample pages of one site."""

    articles: Sequence[ArticleSample] = ()
    listings: Sequence[ListingSample] = ()
    navigations: Sequence[NavigationSample] = ()

    def halves(self) -> tuple[Self, Self]:
        """Return every other page, to derive from, and the rest, to check against."""
        learn, check = (
            type(self)(
                articles=self.articles[first::2],
                listings=self.listings[first::2],
                navigations=self.navigations[first::2],
            )
            for first in (0, 1)
        )
        return learn, check
