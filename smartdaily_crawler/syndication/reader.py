"""Read a feed or a sitemap of any kind from the bytes of its response."""

from __future__ import annotations

import gzip
import re
import zlib
from datetime import tzinfo
from html.entities import html5
from io import BytesIO

from lxml import etree

from smartdaily_crawler.markup.encoding import decode
from smartdaily_crawler.syndication import json_feed, sitemap, xml_feed
from smartdaily_crawler.syndication.reading import NotAFeedError, SyndicationReading, local_name

_GZIP = b"\x1f\x8b"
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]{0,200}\?>")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30};)")
_OF_XML = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_FEEDS = frozenset({"rss", "RDF", "feed"})


def read(body: bytes, content_type: str | None, url: str, zone: tzinfo, most: int) -> SyndicationReading:
    """Return what a feed or a sitemap tells. Raise ``NotAFeedError``.

    :param body: the response's bytes; a file that is compressed by gzip is decompressed.
    :param url: of the response, to which its addresses are relative.
    :param zone: of times without one.
    :param most: bytes of a compressed file once it is decompressed.
    """
    text = decode(_decompressed(body, most), content_type)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return json_feed.read(text, url)
    root = _parse(text)
    name = local_name(root)
    if name in sitemap.ROOTS:
        return sitemap.read(root, url, zone)
    if name in _FEEDS:
        return xml_feed.read(root, url)
    raise NotAFeedError(f"its root element is <{name}>")


def _decompressed(body: bytes, most: int) -> bytes:
    if not body.startswith(_GZIP):
        return body
    try:
        plain = gzip.GzipFile(fileobj=BytesIO(body)).read(most + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise NotAFeedError(f"it cannot be decompressed: {error}") from None
    if len(plain) > most:
        raise NotAFeedError(f"it has more than {most} bytes when it is decompressed")
    return plain


def _parse(text: str) -> etree._Element:
    """Return the root element, without entities and document type: what they name is neither fetched nor expanded.

    Names of HTML's characters are known without a document type: many feeds have them. Faults are repaired as far as libxml2 can.
    """
    text = _NAMED.sub(_character, _DECLARATION.sub("", text))
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, encoding="utf-8", remove_comments=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise NotAFeedError(f"it is no XML: {error}") from None
    if root is None:
        raise NotAFeedError("it is no XML")
    etree.strip_elements(root, etree.Entity, with_tail=False)
    return root


def _character(named: re.Match[str]) -> str:
    return named[0] if named[1] in _OF_XML else html5.get(named[1], named[0])
