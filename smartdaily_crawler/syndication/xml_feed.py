"""RSS and Atom, read by feedparser.

It gets bytes that are XML already: of others its own parser for broken feeds takes a second where ours takes a millisecond, and given
an address or a path it would open that.
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import feedparser
from lxml import etree, html

from smartdaily_crawler.syndication.reading import EntryReading, NotAFeedError, SyndicationReading, local_name

_TEXTS = ("{http://purl.org/rss/1.0/modules/content/}encoded", "{http://www.w3.org/2005/Atom}content")
"""Elements with the text of an article. The article's own page is read, and without them a feed is read in a third of the time."""
_MOST = 1_000
"""Entries that are read, the first ones. Each takes feedparser a millisecond."""
_ENTRIES = ("{*}item", "{*}entry")
_ATTRIBUTES = 100
"""Attributes that an element may have; with more it loses them all. The time of feedparser and lxml grows with their square."""
_FIELDS = 100
"""Elements that are read of an entry, and of the feed itself, the first ones. Of tags and links the time grows with their square too."""
_WEEKDAY = re.compile(r"(?i)\s*(?:mon|tue|wed|thu|fri|sat|sun)\w*,|\s*\d{1,2} [a-z]{3}")
_SUMMARY = 500
"""Characters; a longer description is the text itself."""


def read(root: etree._Element, url: str) -> SyndicationReading:
    """Return the entries of a feed. Raise ``NotAFeedError``.

    :param root: its root element, which is changed.
    """
    etree.strip_elements(root, *_TEXTS, with_tail=False)
    _drop_undeclared(root)
    surplus = list(root.iter(*_ENTRIES))[_MOST:]
    for element in surplus:
        if (parent := element.getparent()) is not None:
            parent.remove(element)
    for entry in root.iter(*_ENTRIES):
        del entry[_FIELDS:]
    for element in (root, *root):
        fields = [child for child in element if local_name(child) not in ("item", "entry")]
        for child in fields[_FIELDS:]:
            element.remove(child)
    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            BytesIO(etree.tostring(root, encoding="utf-8")),
            response_headers=headers,
            resolve_relative_uris=False,
            sanitize_html=False,
        )
        entries = [_entry(entry) for entry in parsed.entries]
    except Exception as error:  # of many kinds, for feeds with misplaced elements or impossible links
        raise NotAFeedError(f"feedparser cannot read it: {type(error).__name__}: {error}") from error
    return SyndicationReading(
        format="feed", entries=[entry for entry in entries if entry.url], unread_entries=len(surplus)
    )


def _drop_undeclared(root: etree._Element) -> None:
    """Drop prefixes without a namespace from names, and elements whose name is none then: feedparser's fallback would read the feed."""
    for element in list(root.iter("*")):
        if len(element.attrib) > _ATTRIBUTES:
            element.attrib.clear()
        for name in [name for name in element.attrib if ":" in str(name) and not str(name).startswith("{")]:
            del element.attrib[name]
        if ":" in element.tag.rpartition("}")[2]:
            try:
                element.tag = local_name(element)
            except ValueError:
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)


def _entry(entry: Any) -> EntryReading:
    return EntryReading(
        # FeedBurner's links count clicks, and redirect to the original ones.
        url=entry.get("feedburner_origlink") or entry.get("link") or "",
        title=text_of(entry.get("title")) or "",
        summary=summary_of(entry.get("summary")),
        published=printed_date(entry.get("published") or entry.get("updated")),
        categories=[name for tag in entry.get("tags", ()) if (name := tag.get("label") or tag.get("term"))],
        image_url=next((image["url"] for image in entry.get("media_thumbnail", ()) if image.get("url")), None),
    )


def text_of(markup: str | None) -> str | None:
    """Return the text of a title or description, which may be HTML; ``None`` if there is none.

    >>> text_of("<b>A&amp;B</b> 的新品"), text_of("1 < 2"), text_of(" ")
    ('A&B 的新品', '1 < 2', None)
    """
    if not markup or not markup.strip():
        return None
    if "<" not in markup and "&" not in markup:
        return markup
    try:
        return str(html.fragment_fromstring(markup, create_parent="div").text_content()) or None
    except (etree.ParserError, ValueError):
        return None


def summary_of(markup: str | None) -> str | None:
    """Return the text of a description; ``None`` if there is none, or it is the whole text of the article."""
    text = text_of(markup)
    return text if text is not None and len(text) <= _SUMMARY else None


def printed_date(raw: str | None) -> str | None:
    """Return a feed's date as ``parsing.dates`` reads it; one without a zone stays without.

    >>> printed_date("Mon, 06 May 2024 10:00:00 +0800"), printed_date("2024-05-06 10:00:00")
    ('2024-05-06T10:00:00+08:00', '2024-05-06 10:00:00')
    """
    if not raw or not _WEEKDAY.match(raw):
        return raw or None
    try:
        moment: datetime = parsedate_to_datetime(raw)
    except ValueError:
        return raw
    return moment.isoformat()
