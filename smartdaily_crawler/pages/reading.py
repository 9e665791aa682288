"""Raw results of reading a page: strings as printed, absolute URLs, nothing parsed.

Absent values are ``None`` or empty lists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from smartdaily_crawler.markup.shapes import ListShape

Provenance = Literal["method", "selector", "structure", "meta", "list"]

BY_RULE: tuple[Provenance, ...] = ("method", "selector")
"""Of a site's own rules."""


class ExtractedValue(NamedTuple):
    """A string, and where it was found."""

    value: str
    provenance: Provenance
    """``method``: of the site's page class; ``selector``: of its profile; ``structure``: on the page; ``meta``: in its head;
    ``list``: of the list that led to the page."""


@dataclass(kw_only=True, slots=True)
class LinkReading:
    """A category in the navigation."""

    name: str
    url: str


@dataclass(kw_only=True, slots=True)
class ImageReading:
    """A picture of the body."""

    url: str
    caption: str | None = None
    paragraph: int | None = None
    """As in ``items.Image``."""


@dataclass(kw_only=True, slots=True)
class TeaserReading:
    """A list item."""

    url: str
    title: str
    block: str
    """``teasers`` or ``ranking`` on an article page, ``entries`` on a list page."""
    summary: str | None = None
    published: str | None = None
    """The date as printed."""
    image_url: str | None = None


@dataclass(kw_only=True, slots=True)
class ListingReading:
    """A list page."""

    entries: list[TeaserReading] = field(default_factory=list)
    next_url: str | None = None
    unturned: Literal["more", "pages"] | None = None
    """What a page without ``next_url`` shows of further entries, as in ``pager.unturned``."""
    shape: ListShape | None = None
    """Passed to ``read_listing`` to find the list on other list pages of the site."""
    is_beside: bool = False
    """Whether the list looks like a sidebar or a ranking; on an app shell it is not the main list."""
    conflicts: list[str] = field(default_factory=list)
    """``drift/entries``, ``drift/next_page``: as in ``ArticleReading``."""


@dataclass(kw_only=True, slots=True)
class ArticleReading:
    """An article page."""

    rejected: str | None = None
    """Why the page is no article, ``None`` if it is one. The other fields are set as far as they were found."""
    title: ExtractedValue | None = None
    published: ExtractedValue | None = None
    updated: ExtractedValue | None = None
    source: ExtractedValue | None = None
    author: ExtractedValue | None = None
    editor: ExtractedValue | None = None
    """Dates and names include the label, if one is printed: ``来源：X``."""
    summary: ExtractedValue | None = None
    body: list[str] = field(default_factory=list)
    body_provenance: Provenance = "structure"
    images: list[ImageReading] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    """The breadcrumb, without home."""
    teasers: list[TeaserReading] = field(default_factory=list)
    canonical_url: str | None = None
    next_url: str | None = None
    """URL of the article's next page."""
    conflicts: list[str] = field(default_factory=list)
    """``drift/<field>``: the site's rule found nothing, but the structure did. ``differs/<field>``: both found something, which
    differs. ``meta/published``: the page's head has another date of publication than the page."""
