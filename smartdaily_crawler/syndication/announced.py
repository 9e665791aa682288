"""Where a site announces its feeds, and what its links there look like."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

from smartdaily_crawler.markup.document import Document

_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)
_COMMENTS = re.compile(r"comment|评论|留言", re.IGNORECASE)
USUAL_PLACES = ("/feed", "/rss.xml", "/atom.xml", "/sitemap.xml")
"""Asked for one after the other where a site announces nothing: the places of WordPress, Hugo, Hexo and most others."""
_COUNTED = re.compile(r"[&?][a-z_]{1,20}=(?:rss|feed|atom)\w{0,8}(?=&|\Z)", re.IGNORECASE)
_ARTICLE = re.compile(r"\d{3}|[^/-]+(?:-[^/-]+){3}")


def feeds(document: Document) -> list[str]:
    """Return the absolute URLs of the feeds that a page announces, in its order; those of readers' comments are left out."""
    found: dict[str | None, None] = {}
    for link in document.select("link[rel~=alternate][href]"):
        title, href = link.get("title") or "", link.get("href") or ""
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        # WordPress announces its interface for programs as JSON too.
        is_interface = kind == "application/json" and "wp-json" in href
        if kind in _TYPES and not is_interface and not _COMMENTS.search(f"{title} {href}"):
            found[document.absolute(href)] = None
    return [url for url in found if url]


def usual_places(home_url: str) -> list[str]:
    """Return the URLs at which feeds and sitemaps usually are."""
    return [urljoin(home_url, place) for place in USUAL_PLACES]


def as_on_site(url: str, home_url: str) -> str:
    """Return an entry's URL as the site's own pages link to it.

    Feeds have links with the scheme or the host of another time, and mark them to count readers.

    >>> as_on_site("http://news.example/a/1.html?from=rss#main", "https://www.news.example/")
    'https://www.news.example/a/1.html'
    """
    try:
        parts, home = urlsplit(url), urlsplit(home_url)
        is_own = parts.port in (None, 80, 443, home.port) and _bare(parts.hostname) == _bare(home.hostname)
    except ValueError:
        return url
    if is_own:
        parts = parts._replace(scheme=home.scheme, netloc=home.netloc)
    query = _COUNTED.sub("", f"?{parts.query}").lstrip("?&") if parts.query else ""
    return urlunsplit(parts._replace(query=query, fragment=""))


def may_be_article(url: str) -> bool:
    """Return whether the path of a page without a title looks like an article's: a number, or a name of several words.

    >>> [may_be_article(f"https://news.example{path}") for path in ("/a/20240506.html", "/why-the-hinge-is-lighter", "/about.html", "/")]
    [True, True, False, False]
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return _ARTICLE.search(f"{parts.path}?{parts.query}") is not None


def _bare(host: str | None) -> str:
    return (host or "").removeprefix("www.")
