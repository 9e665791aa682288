"""What a feed or a sitemap tells."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urljoin

from lxml import etree

from smartdaily_crawler.pages.reading import TeaserReading

Format = Literal["feed", "sitemap", "index"]
"""``feed``: RSS, Atom or JSON Feed; ``index``: a sitemap of sitemaps."""


def local_name(element: etree._Element) -> str:
    """Return an element's name without namespace and prefix; empty for what is no element.

    Sites declare namespaces under any prefix, in another spelling, or not at all.
    """
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def absolute(base: str, address: str) -> str:
    """Return an address as a URL; empty for none, and for one that cannot be parsed."""
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return ""


class NotAFeedError(ValueError):
    """The bytes are no feed and no sitemap, or cannot be read as one; the message is one line."""


@dataclass(kw_only=True, slots=True)
class EntryReading(TeaserReading):
    """An entry of a feed or a sitemap; its URL is absolute, and its title empty if it has none."""

    block: str = "entries"
    categories: list[str] = field(default_factory=list)
    """Names by which the feed files the entry, in its order."""


@dataclass(kw_only=True, slots=True)
class SitemapLink:
    """A sitemap that an index names."""

    url: str
    """Absolute."""
    modified: datetime | None = None
    """Timezone-aware; ``None`` if the index does not tell."""


@dataclass(kw_only=True, slots=True)
class SyndicationReading:
    """A feed or a sitemap."""

    format: Format
    entries: list[EntryReading] = field(default_factory=list)
    """In its order; empty for an index."""
    unread_entries: int = 0
    """Number of further entries, of a feed that has too many."""
    sitemaps: list[SitemapLink] = field(default_factory=list)
    """Of an index."""
