"""What the crawler says to the pipelines: the only words the two share.

Addresses are canonical (see ``normalize.urls``), texts are clean (see ``normalize.text``), times are timezone-aware.
``None`` means "the page does not say"; an empty string never occurs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Kind = Literal["home", "listing", "article", "part"]
OutcomeName = Literal["stored", "unchanged", "not_modified", "duplicate", "gone", "rejected", "failed", "skipped"]


@dataclass(kw_only=True, slots=True)
class Fetch:
    """How one address was asked for, and how it answered."""

    url: str
    """The canonical form of the address that was requested."""
    kind: Kind
    """What the walk expected there; ``part`` is page 2 and on of an article."""
    final_url: str
    """The canonical form of the address that answered, after redirects."""
    status: int | None = None
    """HTTP status, ``None`` where no answer came."""
    fetched_at: datetime
    """When the answer came, UTC."""
    attempts: int = 1
    """Requests made for it, retries included."""
    elapsed_ms: int | None = None
    """Milliseconds from the request's start to the body's end, of the last attempt."""
    etag: str | None = None
    last_modified: str | None = None
    """Validators as sent by the server, unparsed."""
    raw_hash: str | None = None
    """sha256 of the response's bytes, 64 hexadecimal digits."""
    renderer: str | None = None
    """Through what it was asked for, ``splash`` or ``playwright``; ``None``: plainly."""


@dataclass(kw_only=True, slots=True)
class Category:
    """One entry of the site's navigation."""

    name: str
    url: str
    position: int
    """1-based, in the order of the navigation."""


@dataclass(kw_only=True, slots=True)
class Image:
    """A picture inside an article's body."""

    url: str
    caption: str | None = None


@dataclass(kw_only=True, slots=True)
class Teaser:
    """A link to an article, as a list page or another article's page shows it."""

    url: str
    position: int
    """1-based. On an article page: within its block. In a listing: within the category, over all its pages."""
    block: str = "teasers"
    """Which repeated block of the page it stands in: ``teasers``, or ``ranking`` for hot lists; ``entries`` in a listing."""
    title: str
    summary: str | None = None
    """As printed, with its trailing ``…`` where it is cut."""
    published_on: date | None = None
    image_url: str | None = None


@dataclass(kw_only=True, slots=True)
class Navigation:
    """The home page: which categories the site has."""

    fetch: Fetch
    categories: list[Category] = field(default_factory=list)


@dataclass(kw_only=True, slots=True)
class Listing:
    """One list page of a category."""

    fetch: Fetch
    category: str
    page: int
    """1-based."""
    entries: list[Teaser] = field(default_factory=list)
    is_unordered: bool = False
    """Whether the entries' dates do not fall: the category is then never known as walked to its end."""
    ends_walk: bool = False
    """Whether nothing of the category is left to be read after this page: the next run may stop where it meets what this
    one met."""


@dataclass(kw_only=True, slots=True)
class Article:
    """One article, with all its in-article pages joined."""

    url: str
    """The article's identity: the address its page calls canonical, else the one that answered."""
    fetch: Fetch
    parts: list[Fetch] = field(default_factory=list)
    """Page 2 and on, in order."""
    title: str | None = None
    published_on: date | None = None
    """Date in the site's time zone."""
    published_at: datetime | None = None
    """``None`` where the page printed only a date."""
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    """Names as printed, without their label."""
    summary: str | None = None
    body: list[str] = field(default_factory=list)
    """Paragraphs in order, plain text."""
    images: list[Image] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    """Names in the page's breadcrumb."""
    teasers: list[Teaser] = field(default_factory=list)
    updated_at: datetime | None = None
    """Time of the last update that the page prints; ``None`` where it prints none, or only a date."""
    published_raw: str | None = None
    source_raw: str | None = None
    author_raw: str | None = None
    editor_raw: str | None = None
    updated_raw: str | None = None
    """The strings the fields were read from, label included."""
    provenance: dict[str, str] = field(default_factory=dict)
    """Field name -> ``selector``, ``structure`` or ``meta``."""
    parser_version: str = ""


@dataclass(kw_only=True, slots=True)
class Outcome:
    """The end of a requested address that left nothing else to store."""

    fetch: Fetch
    parts: list[Fetch] = field(default_factory=list)
    """The article's further pages that end the same way."""
    outcome: OutcomeName
    reason: str | None = None
    """Short and stable, snake_case: ``no_body``, ``http_404``, ``timeout``, ``redirect_offsite``."""
    alias_of: str | None = None
    """With ``duplicate``: the identity of the article that this address also leads to."""
    category: str | None = None
    """With ``not_modified``, of a list page: the category whose walk ends there, for older pages were met before."""


Item = Navigation | Listing | Article | Outcome
"""Everything that the crawler hands to the pipelines."""
