"""What was read from a page, still raw: strings as they stand there, addresses absolute, nothing parsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from smartdaily_crawler.markup.shapes import ListShape

Provenance = Literal["selector", "structure", "meta"]


class ExtractedValue(NamedTuple):
    """A string and how it was found."""

    value: str
    provenance: Provenance


@dataclass(kw_only=True, slots=True)
class LinkReading:
    """A named link of the navigation."""

    name: str
    url: str


@dataclass(kw_only=True, slots=True)
class ImageReading:
    url: str
    caption: str | None = None


@dataclass(kw_only=True, slots=True)
class TeaserReading:
    """One unit of a repeated block."""

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
    entries: list[TeaserReading] = field(default_factory=list)
    next_url: str | None = None
    shape: ListShape | None = None
    """By which ``read_listing`` knows the list again on the site's other list pages."""
    is_beside: bool = False
    """Whether the list stands where others stand beside a main one: on a shell it is not what the page is about."""
    conflicts: list[str] = field(default_factory=list)
    """``drift/entries``, ``drift/next_page``: as on an article page."""


@dataclass(kw_only=True, slots=True)
class ArticleReading:
    """An article page. ``rejected`` says why it is none; the other fields then hold what could be read all the same."""

    rejected: str | None = None
    title: ExtractedValue | None = None
    published: ExtractedValue | None = None
    updated: ExtractedValue | None = None
    source: ExtractedValue | None = None
    author: ExtractedValue | None = None
    editor: ExtractedValue | None = None
    """Label included, where one is printed: ``来源：X``."""
    summary: ExtractedValue | None = None
    body: list[str] = field(default_factory=list)
    body_provenance: Provenance = "structure"
    images: list[ImageReading] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    """The breadcrumb, without home."""
    teasers: list[TeaserReading] = field(default_factory=list)
    canonical_url: str | None = None
    next_url: str | None = None
    """The next in-article page."""
    conflicts: list[str] = field(default_factory=list)
    """``drift/<field>``: the profile's selector found nothing, or nothing sound, and the structure did. ``meta/published``:
    the page's head names another day than the page."""
