"""The content of the site, for tests to compare a crawl with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class TruthTeaser:
    """One of an article's teasers, in the order of the page."""

    path: str
    """The target's canonical desktop path, also where the link has another address."""
    title: str
    summary: str
    published_on: date


@dataclass(frozen=True, kw_only=True)
class TruthArticle:
    """One live article as the skin prints it; ``None`` for what it does not print."""

    path: str
    """Canonical, desktop, first page."""
    parts: list[str]
    """Paths of page 2 and on."""
    title: str
    published_on: date
    published_at: datetime | None
    """Asia/Shanghai; ``None`` if only a date is printed."""
    source: str | None
    author: str | None
    editor: str | None
    summary: str | None
    """The page's meta description if the skin prints one, else the lists' summary; a stub has neither."""
    list_summary: str
    """The summary that lists and teasers print."""
    body: list[str]
    """Paragraphs, subheads and captions in order, all pages joined; original titles, editor and sharing lines are not body."""
    images: list[tuple[str, str | None]]
    """(path, caption)."""
    categories: list[str]
    """Every category that lists it; the first is the breadcrumb's (an unlisted one has only that)."""
    listed: bool
    """Whether any list shows it; only its teaser links to a stub of an article file."""
    teasers: list[TruthTeaser]
    aliases: list[str]
    """The mobile twin's path, whose page has ``path`` as canonical URL, and the old path, which redirects."""
    duplicate_of: str | None
    """The original's path, for a syndicated copy: same title and body, later date, other source."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The whole site on one day."""

    categories: list[tuple[str, str]]
    """(name, path), in the navigation's order."""
    articles: list[TruthArticle]
    gone: list[str]
    """Canonical paths removed up to this day; their status, and that of their aliases, is 410."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The changes since the day before; on day 1 everything is new."""

    new: set[str]
    edited: dict[str, set[str]]
    """By path: names among title, body, source, author, editor, published."""
    removed: set[str]
