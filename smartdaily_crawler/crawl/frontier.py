"""What the walk asks of whoever remembers earlier runs: which pages are worth asking for, and with which validators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smartdaily_crawler.items import Teaser


@dataclass(frozen=True, slots=True)
class Validators:
    """What was kept of a page's latest answer."""

    etag: str | None = None
    last_modified: str | None = None
    """As the server sent them."""
    raw_hash: str | None = None
    """sha256 of the response's bytes in hexadecimal digits: for servers that do not answer 304."""


@dataclass(frozen=True, slots=True)
class CrawlState:
    """What is remembered of an article."""

    url: str
    """Where to ask for it: its own address, where the one that was asked about is another of it."""
    is_due: bool = True
    is_fetched: bool = False
    is_known_unchanged: bool = False
    """Of a list's entry: an earlier walk that came to its end met it in this category, and the list showed it as now."""
    validators: Validators | None = None


@dataclass(frozen=True, slots=True)
class ListingState:
    """What is remembered of a list page's entries."""

    states: Sequence[CrawlState]
    """One for each entry, in their order."""
    was_walked: bool = False
    """Whether an earlier walk of the category came to its end."""


class Frontier(Protocol):
    """``now`` is the site's clock, timezone-aware: an article's age is told by it."""

    async def list_page(self, url: str) -> Validators | None:
        """Of a list page that was read by a walk that came to its end; ``None`` where it has to be read."""

    async def entries(self, category: str, entries: Sequence[Teaser], now: datetime) -> ListingState: ...

    async def articles(self, urls: Sequence[str], now: datetime) -> Sequence[CrawlState]:
        """One for each address, in their order."""


class NullFrontier:
    """Nothing is remembered, so everything is worth asking for."""

    async def list_page(self, url: str) -> None:
        del url

    async def entries(self, category: str, entries: Sequence[Teaser], now: datetime) -> ListingState:
        del category, now
        return ListingState([CrawlState(entry.url) for entry in entries])

    async def articles(self, urls: Sequence[str], now: datetime) -> Sequence[CrawlState]:
        del now
        return [CrawlState(url) for url in urls]
