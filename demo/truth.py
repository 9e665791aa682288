"""What the site says of itself, for tests to measure a crawl against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class TruthTeaser:
    """One of an article's teasers, in the order of the page."""

    path: str
    """The target's canonical desktop path, whatever address the link itself takes."""
    title: str
    summary: str
    published_on: date


@dataclass(frozen=True, kw_only=True)
class TruthArticle:
    """One live article exactly as the skin prints it; ``None`` where it prints nothing."""

    path: str
    """Canonical, desktop, first page."""
    parts: list[str]
    """Paths of page 2 and on."""
    title: str
    published_on: date
    published_at: datetime | None
    """Asia/Shanghai; ``None`` where only a date is printed."""
    source: str | None
    author: str | None
    editor: str | None
    summary: str | None
    """The page's own meta description where the skin prints one, else the summary the lists print; a stub has neither."""
    list_summary: str
    """What lists and teasers print."""
    body: list[str]
    """Paragraphs and subheads in order, all pages joined. Captions, original titles, editor and sharing lines are not body."""
    images: list[tuple[str, str | None]]
    """(path, caption)."""
    categories: list[str]
    """Every category that lists it; the first is the breadcrumb's (an unlisted one has only that)."""
    listed: bool
    """Whether any list shows it; a stub of an article file is reached by its teaser only."""
    teasers: list[TruthTeaser]
    aliases: list[str]
    """Paths that lead to it: the mobile twin, whose page names ``path`` canonical, and the old address, which redirects."""
    duplicate_of: str | None
    """The original's path, for a syndicated copy: same title and body, later date, other source."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """The whole site on its day."""

    categories: list[tuple[str, str]]
    """(name, path), in the navigation's order."""
    articles: list[TruthArticle]
    gone: list[str]
    """Canonical paths removed up to this day; they and their aliases answer 410."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a day did to the day before it; on day 1 everything is new."""

    new: set[str]
    edited: dict[str, set[str]]
    """Path -> names among title, body, source, author, editor, published."""
    removed: set[str]
