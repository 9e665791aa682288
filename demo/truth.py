"""Content of the site, for tests to compare with the result of a crawl."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class TruthTeaser:
    """One of an article's teasers, in the order of the page."""

    path: str
    """Canonical desktop path of the target, even if the link has another URL."""
    title: str
    summary: str
    published_on: date


@dataclass(frozen=True, kw_only=True)
class TruthArticle:
    """One live article as the skin prints it; fields that it does not print are ``None``."""

    path: str
    """Canonical desktop path of the first page."""
    parts: list[str]
    """Paths of the further pages."""
    title: str
    published_on: date
    published_at: datetime | None
    """Asia/Shanghai; ``None`` if only a date is printed."""
    source: str | None
    author: str | None
    editor: str | None
    summary: str | None
    """Meta description of the page if the skin prints one, else the summary in lists; a stub has neither."""
    list_summary: str
    """Summary in lists and teasers."""
    body: list[str]
    """Paragraphs, subheads and captions in order, all pages joined; original titles, editor and sharing lines are not body."""
    images: list[tuple[str, str | None]]
    """(path, caption)."""
    categories: list[str]
    """All categories that list it, that of the breadcrumb first; an unlisted article has only the latter."""
    listed: bool
    """True if a list shows it; to the stubs of an article file only teasers link."""
    teasers: list[TruthTeaser]
    aliases: list[str]
    """Alternate path, whose mobile page has ``path`` as canonical URL, and the old path, which redirects."""
    duplicate_of: str | None
    """Path of the original of a syndicated copy, which has the same title and body, a later date, another source."""
    adapted_from: str | None
    """Path of the article whose text this one has with another title and ending, if that is still there."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Content of the site on one day."""

    categories: list[tuple[str, str]]
    """(name, path), in the order of the navigation."""
    articles: list[TruthArticle]
    gone: list[str]
    """Canonical paths removed up to this day; their status, and that of their aliases, is 410."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Changes since the day before; on day 1 everything is new."""

    new: set[str]
    edited: dict[str, set[str]]
    """Changed fields by path: title, body, source, author, editor, published."""
    removed: set[str]
