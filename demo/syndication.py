"""The site's feed and sitemaps, as Chinese sites have them: times without a zone, CDATA, counted links."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape

from demo.page import Page
from demo.skins.base import FOOTER_LINKS, SITE_NAME
from demo.stories import CATEGORIES, Story

FEED, INDEX, NEWS, ARCHIVE = "/rss.xml", "/sitemap.xml", "/sitemap-news.xml", "/sitemap-all.xml.gz"
FEED_SIZE = 40
LINK = f'<link rel="alternate" type="application/rss+xml" title="{SITE_NAME}" href="{FEED}">'
_OLD = timedelta(days=400)
_NEWS_DAYS = timedelta(days=2)
_NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
)

Linked = tuple[str, Story]
"""A story with the path of its page."""


def feed(stories: Iterable[Linked]) -> Page:
    items = "".join(
        f"<item><title><![CDATA[{story.title}]]></title><link>{escape(path)}{'&amp;' if '?' in path else '?'}from=rss</link>"
        f"<pubDate>{story.published:%Y-%m-%d %H:%M:%S}</pubDate>"
        + "".join(f"<category>{CATEGORIES[slug]}</category>" for slug in story.categories)
        + f"<description><![CDATA[<p>{escape(story.summary)}</p>]]></description></item>\n"
        for path, story in stories
    )
    channel = f"<title>{SITE_NAME}</title><link>/</link><description>每天读懂科技</description>\n{items}"
    return _xml(f'<rss version="2.0"><channel>{channel}</channel></rss>', "application/rss+xml")


def index(now: datetime, changed_at: datetime) -> Page:
    """Return the index; one more sitemap did not change for a year, and is missing."""
    times = {NEWS: changed_at, ARCHIVE: changed_at, "/sitemap-old.xml": now - _OLD}
    sitemaps = "".join(
        f"<sitemap><loc>{path}</loc><lastmod>{at:%Y-%m-%d}</lastmod></sitemap>" for path, at in times.items()
    )
    return _xml(f"<sitemapindex {_NAMESPACES}>{sitemaps}</sitemapindex>")


def news(stories: Iterable[Linked], now: datetime) -> Page:
    return _urlset(
        f"<url><loc>{escape(path)}</loc><news:news>"
        f"<news:publication><news:name>{SITE_NAME}</news:name><news:language>zh-cn</news:language></news:publication>"
        f"<news:publication_date>{story.published:%Y-%m-%dT%H:%M:%S+08:00}</news:publication_date>"
        f"<news:title>{escape(story.title)}</news:title></news:news></url>\n"
        for path, story in stories
        if now - story.published < _NEWS_DAYS
    )


def archive(stories: Iterable[tuple[str, datetime]], now: datetime) -> Page:
    """Return every page of the site: articles by their latest change, and pages on the site itself.

    :param stories: paths, and when each was changed.
    """
    dated = [*((path, now - _OLD) for path in FOOTER_LINKS), *stories]
    page = _urlset(f"<url><loc>{escape(path)}</loc><lastmod>{at:%Y-%m-%d}</lastmod></url>\n" for path, at in dated)
    return Page(200, gzip.compress(page.body, mtime=0), "application/gzip")


def _urlset(urls: Iterable[str]) -> Page:
    return _xml(f"<urlset {_NAMESPACES}>\n{''.join(urls)}</urlset>")


def _xml(text: str, content_type: str = "text/xml") -> Page:
    return Page(200, f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode(), f"{content_type}; charset=utf-8")
