"""Protocol by which the walk learns from earlier runs which pages to fetch, and with which validators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from smartdaily_crawler.items import Teaser


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators of a page's latest response."""

    etag: str | None = None
    last_modified: str | None = None
    """Both as the server sent them."""
    raw_hash: str | None = None
    """sha256 of the response's bytes in hexadecimal digits, for servers that do not answer 304."""
    record: str | None = None
    """Where the archive has the response, as ``Fetch.record``."""


@dataclass(frozen=True, slots=True)
class CrawlState:
    """State of one article after earlier runs."""

    url: str
    """URL to fetch: the canonical one, also when looked up by an alias."""
    is_due: bool = True
    """True if the article should be fetched in this run."""
    is_fetched: bool = False
    """True if an earlier run has stored it."""
    is_known_unchanged: bool = False
    """For a list entry: an earlier complete walk of this category saw it, and the list showed it as it does now."""
    validators: Validators | None = None
    listed_title: str | None = None
    """Title of a list by which an earlier run read the article's page, or found the article without reading it."""
    is_read_by_list: bool = False
    """True if the former."""


@dataclass(frozen=True, slots=True)
class ListingState:
    """State of a list page's entries after earlier runs."""

    states: Sequence[CrawlState]
    """One per entry, in the order of the entries."""
    was_walked: bool = False
    """True if an earlier run walked the category to its end."""


@dataclass(frozen=True, slots=True)
class DueLists:
    """Which lists a walk with ``poll=due`` reads."""

    categories: Mapping[str, str]
    """URL of the first list page by name, of all known categories."""
    due: frozenset[str]
    """Names of those to read."""
    with_home: bool
    """True if the home page has to be read, which may name further categories."""


class Frontier(Protocol):
    """Look-ups of earlier runs. ``now`` is the site's clock, timezone-aware; an article's age is measured by it."""

    async def due_lists(self) -> DueLists | None:
        """Return which lists are due; ``None`` if that is not known, and all are to be read."""

    async def list_page(self, url: str) -> Validators | None:
        """Return the validators of a list page last read by a complete walk; ``None`` if it must be read."""

    async def entries(self, category: str, entries: Sequence[Teaser], now: datetime) -> ListingState:
        """Return the states of a list page's entries in the category of this name."""

    async def articles(self, urls: Sequence[str], now: datetime) -> Sequence[CrawlState]:
        """Return one state per URL, in the order of the URLs."""


class NullFrontier:
    """Frontier without a memory: every page is to be fetched."""

    async def due_lists(self) -> None:
        pass

    async def list_page(self, url: str) -> None:
        del url

    async def entries(self, category: str, entries: Sequence[Teaser], now: datetime) -> ListingState:
        del category, now
        return ListingState([CrawlState(entry.url) for entry in entries])

    async def articles(self, urls: Sequence[str], now: datetime) -> Sequence[CrawlState]:
        del now
        return [CrawlState(url) for url in urls]
