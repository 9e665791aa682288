"""Items: what the spider yields and the pipelines store.

URLs are canonical (``cleaning.urls``), texts are cleaned (``cleaning.text``), times are timezone-aware. An absent value is
``None``, never an empty string.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Kind = Literal["home", "listing", "feed", "article", "part"]
OutcomeName = Literal["stored", "unchanged", "not_modified", "duplicate", "gone", "rejected", "failed", "skipped"]
ImageOutcome = Literal["stored", "gone", "rejected", "failed", "skipped"]
"""Of a picture that was requested."""


@dataclass(kw_only=True, slots=True)
class Fetch:
    """One requested URL and its response."""

    url: str
    """Canonical form of the requested URL."""
    kind: Kind
    """Expected kind of page; ``feed`` is one of entries or a sitemap, ``part`` is page 2 and on of an article."""
    final_url: str
    """Canonical form of the URL of the response, after redirects."""
    redirect: Literal["permanent", "temporary"] | None = None
    """Redirects from ``url`` to ``final_url``: permanent if all were (301, 308); ``None`` without one."""
    status: int | None = None
    """HTTP status; ``None`` without a response."""
    fetched_at: datetime
    """Time of the response, UTC."""
    attempts: int = 1
    """Number of requests made, retries included."""
    elapsed_ms: int | None = None
    """Milliseconds from the request's start to the body's end, of the last attempt."""
    etag: str | None = None
    last_modified: str | None = None
    """Validators as sent by the server, unparsed."""
    raw_hash: str | None = None
    """sha256 of the response's bytes, 64 hexadecimal digits."""
    renderer: str | None = None
    """Renderer used, ``splash`` or ``playwright``; ``None`` for plain HTTP."""
    record: str | None = None
    """Where the archive has the response, as ``FILE:OFFSET``; ``None`` if it is not archived."""
    reread_at: datetime | None = None
    """When the archived response was read again, UTC; ``None`` if it was read as it came."""


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
    paragraph: int | None = None
    """Number of the body's paragraphs before it; ``None`` if that is not known."""


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
    """One list page of a category; or a feed or a sitemap, with ``fetch.kind`` ``feed``."""

    fetch: Fetch
    category: str
    """Its name; of a feed or a sitemap, the canonical URL of the one that the site announces."""
    page: int
    """1-based."""
    entries: list[Teaser] = field(default_factory=list)
    is_unordered: bool = False
    """Whether the entries' dates do not fall: the category is then never known as walked to its end."""
    told_categories: dict[str, list[str]] = field(default_factory=dict)
    """URL of an entry -> names by which a feed files it; those of the site's categories count."""
    ends_walk: bool = False
    """True if the walk of the category is complete: the next run may stop at entries that this walk has seen."""


@dataclass(kw_only=True, slots=True)
class Article:
    """One article, with all its in-article pages joined."""

    url: str
    """Canonical form of the URL at which its first page answered."""
    canonical: str | None = None
    """Another URL of the site that the page names as canonical; storage believes it if the text there is the same."""
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
    """Field name -> ``method``, ``selector``, ``structure``, ``meta`` or ``list``."""
    parser_version: str = ""

    def add_part(self, part: Article) -> None:
        """Append the text and pictures of a further page, or take them over from one that shows the whole text.

        A server that answers every page number with the first page shows it too.
        """
        if "".join(part.body).startswith("".join(self.body).rstrip(" .…")):
            self.body, self.images = part.body, part.images
        else:
            for image in part.images:
                if image.paragraph is not None:
                    image.paragraph += len(self.body)
            self.body += part.body
            self.images += part.images


@dataclass(kw_only=True, slots=True)
class Outcome:
    """Outcome of a request that yields no other item."""

    fetch: Fetch
    parts: list[Fetch] = field(default_factory=list)
    """Further pages of the article, which have the same outcome."""
    outcome: OutcomeName
    reason: str | None = None
    """Short and stable, snake_case: ``no_body``, ``http_404``, ``timeout``, ``redirect_offsite``."""
    alias_of: str | None = None
    """With ``duplicate``: URL of the known article to which the requested one redirects for good."""
    category: str | None = None
    """With ``not_modified``, of a list page: the category whose walk ends there, for older pages were met before."""


Item = Navigation | Listing | Article | Outcome
"""All items."""
