"""Sitemaps and their indexes (https://www.sitemaps.org/protocol.html), with Google's elements for news.

``scrapy.utils.sitemap.Sitemap`` leaves out what is in ``news:news``, the titles, dates and keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, tzinfo

from lxml import etree

from smartdaily_crawler.parsing import dates
from smartdaily_crawler.syndication.reading import EntryReading, SitemapLink, SyndicationReading, absolute, local_name

ROOTS = frozenset({"urlset", "sitemapindex"})
_SEPARATORS = re.compile("[,，、;；]")


def read(root: etree._Element, url: str, zone: tzinfo) -> SyndicationReading:
    """Return the entries of a sitemap, or the sitemaps of an index.

    Only an entry with ``news:news`` has a title. Every other page of a site is in a sitemap too.

    :param zone: of times without one.
    """
    if local_name(root) == "urlset":
        entries = [_entry(url, _texts(element)) for element in _children(root, "url")]
        return SyndicationReading(format="sitemap", entries=[entry for entry in entries if entry.url])
    found = [_texts(element) for element in _children(root, "sitemap")]
    links = [
        SitemapLink(url=absolute(url, each.get("loc", "")), modified=moment(each.get("lastmod"), zone))
        for each in found
    ]
    return SyndicationReading(format="index", sitemaps=[link for link in links if link.url])


def moment(raw: str | None, zone: tzinfo) -> datetime | None:
    """Return a ``lastmod``; a day means its end. ``None`` if there is none that can be read.

    >>> moment("2024-05-06T10:00:00+08:00", UTC).isoformat(), moment("2024-05-06", UTC).hour, moment("soon", UTC)
    ('2024-05-06T10:00:00+08:00', 23, None)
    """
    if not raw:
        return None
    try:
        if len(raw) == len("2024-05-06"):
            return datetime.combine(datetime.fromisoformat(raw), time.max, zone)
        read = datetime.fromisoformat(raw)
    except ValueError:
        # Not W3C's form, but that of a page: 2024/5/6 10:00.
        published = dates.parse(raw, datetime.now(UTC), zone)
        return published.at or (datetime.combine(published.on, time.max, zone) if published.on else None)
    return read if read.tzinfo else read.replace(tzinfo=zone)


def _children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (each for each in parent if local_name(each) == name)


def _texts(element: etree._Element) -> dict[str, str]:
    """Return the texts within an element by local names; the first of each, those of pictures and videos left out."""
    texts: dict[str, str] = {}
    for each in element:
        name = local_name(each)
        if name == "news":
            texts |= {key: value for key, value in _texts(each).items() if key != "loc"}
        elif name not in ("", "image", "video", "link"):
            texts.setdefault(name, (each.text or "").strip())
    return texts


def _entry(url: str, texts: dict[str, str]) -> EntryReading:
    return EntryReading(
        url=absolute(url, texts.get("loc", "")),
        title=texts.get("title", ""),
        published=texts.get("publication_date") or texts.get("lastmod") or None,
        categories=[name for word in _SEPARATORS.split(texts.get("keywords", "")) if (name := word.strip())],
    )
