"""Fields that a page declares for machines: meta elements, JSON-LD, microdata, links to an author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from smartdaily_crawler.markup.document import Document, text_of

_META_DATES = (
    "article:published_time", "og:article:published_time", "datepublished", "publishdate", "pubdate", "publish-date", "og:release_date",
    "weibo:article:create_at", "weibo: article:create_at", "bytedance:published_time", "bd:published_time", "og:time", "apub:time",
    "dc.date.issued", "dc.date", "dc.date.created", "dcterms.issued", "dcterms.created", "dcterms.date", "date", "publishtime", "publish_time",
    "publish_date", "article.published", "parsely-pub-date", "sailthru.date", "datecreated",
)  # fmt: skip
_META_UPDATES = ("dateupdate", "article:modified_time", "og:updated_time", "dcterms.modified", "datemodified")
_META_SOURCES = ("source", "contentsource", "mediaid", "article:source", "og:article:source", "dc.source")
_META_AUTHORS = ("article:author", "og:article:author", "author", "weibo:article:author")
_KEYS = {"published": "datePublished", "updated": "dateModified", "source": "sourceOrganization"}
_METAS = {"published": _META_DATES, "updated": _META_UPDATES, "source": _META_SOURCES}
_URL = re.compile("https?:|//")
_MARKS = ("itemprop", "itemProp", 'rel="author', "rel='author", "rel=author", "<address")
"""Looked for first, as selecting is slow."""


def value(document: Document, field: Literal["published", "updated", "source"]) -> str | None:
    """Return a field of a meta element, else of JSON-LD; ``None`` without it."""
    return document.meta(*_METAS[field]) or _of_json_ld(document, field)


def authors(document: Document) -> Iterator[str]:
    """Yield the authors of meta elements, JSON-LD, microdata and links to an author; URLs of profiles are no names."""
    metas = (document.meta(name) for name in _META_AUTHORS)
    yield from (name for name in metas if name and not _URL.match(name))
    for block in sorted(document.linked_data, key=_is_article, reverse=True):
        found = block.get("author")
        named = (_named("author", author) for author in (found if isinstance(found, list) else [found]))
        yield from filter(None, named)
    if any(mark in document.markup for mark in _MARKS):
        for element in document.select("[itemprop~=author], [rel~=author], address"):
            names = [each.get("content") or text_of(each) for each in element.iterfind(".//*[@itemprop='name']")]
            yield from names or [text_of(element)]


def canonical(document: Document) -> str | None:
    """Return the absolute URL that a page declares as its own, ``None`` without one."""
    for element in document.head["link"]:
        if (element.get("rel") or "").strip().lower() == "canonical":
            return document.absolute(element.get("href"))
    return None


def publishers(document: Document) -> Iterator[str]:
    """Yield the names of the site: ``og:site_name``, and the publishers of JSON-LD objects."""
    names = (_named("publisher", block.get("publisher")) for block in document.linked_data)
    yield from filter(None, (document.meta("og:site_name"), *names))


def _of_json_ld(document: Document, field: str) -> str | None:
    key = _KEYS[field]
    for block in sorted(document.linked_data, key=_is_article, reverse=True):
        if found := _named(key, block.get(key) or (block.get("pubDate") if field == "published" else None)):
            return found
    return None


def _is_article(block: dict[str, Any]) -> bool:
    """Return whether a JSON-LD object describes an article of any kind, not the site or another object."""
    kinds = block.get("@type")
    return any(
        isinstance(kind, str) and kind.endswith(("Article", "BlogPosting"))
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _named(key: str, value: Any) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = None if value.get("@type") == "Organization" and key == "author" else value.get("name")
    return value.strip() or None if isinstance(value, str) else None
