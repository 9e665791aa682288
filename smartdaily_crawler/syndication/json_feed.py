"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from smartdaily_crawler.syndication.reading import EntryReading, NotAFeedError, SyndicationReading, absolute

_VERSION = "jsonfeed.org/version/"


def read(text: str, url: str) -> SyndicationReading:
    """Return the entries of a feed. Raise ``NotAFeedError``."""
    try:
        feed = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotAFeedError(f"it is no JSON: {error}") from None
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or _VERSION not in str(feed.get("version")):
        raise NotAFeedError("it is JSON, but no JSON Feed")
    entries = [_entry(item, url) for item in items if isinstance(item, dict)]
    return SyndicationReading(format="feed", entries=[entry for entry in entries if entry.url])


def _entry(item: dict[str, Any], url: str) -> EntryReading:
    # The id of an item without a URL is one, as the specification recommends.
    address = _text(item, "url") or _text(item, "id")
    tags = item.get("tags")
    return EntryReading(
        url=absolute(url, address),
        title=_text(item, "title"),
        summary=_text(item, "summary") or None,
        published=_text(item, "date_published") or _text(item, "date_modified") or None,
        image_url=absolute(url, _text(item, "image")) or None,
        categories=[tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [],
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""
