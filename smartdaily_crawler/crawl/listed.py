"""What lists and teasers tell about an article, by which its page is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from scrapy import Request
from scrapy.http import Response

from smartdaily_crawler.cleaning.urls import canonicalize, page_name
from smartdaily_crawler.crawl.frontier import CrawlState
from smartdaily_crawler.items import Teaser
from smartdaily_crawler.pages.headline import is_about, is_same
from smartdaily_crawler.pages.reading import BY_RULE, ArticleReading
from smartdaily_crawler.request_meta import Meta


class Listed(NamedTuple):
    """What a link to an article tells about it."""

    title: str
    """The text of the link, with its ``…`` where it is cut."""
    published_on: date | None
    is_known: bool = False
    """True if an earlier run read the page by this title."""


def told_by(state: CrawlState, shown: Teaser | None) -> list[Listed]:
    """Return what is told about an article.

    The known title comes first: pages that show the titles of two lists would alternate between them.

    :param shown: the link that leads there; ``None`` if only its URL is known.
    """
    known = [Listed(state.listed_title, None, is_known=state.is_read_by_list)] if state.listed_title else []
    return known + ([Listed(shown.title, shown.published_on)] if shown else [])


def told_about(request: Request, response: Response) -> Sequence[Listed]:
    """Return what lists tell about the page that answers; nothing if it is another one than they link."""
    is_linked = page_name(request.meta[Meta.REQUESTED_URL]) == page_name(canonicalize(response.url))
    return request.meta.get(Meta.LISTED, ()) if is_linked else ()


def has_lost_title(reading: ArticleReading, listed: Sequence[Listed]) -> bool:
    """Return whether a page that was read by a list shows no title of a list any more, nor another one that its text is about."""
    title = reading.title
    if not any(told.is_known for told in listed) or title is None or title.provenance in {"list", *BY_RULE}:
        return False
    return not is_about(title.value, "".join(reading.body)) and not any(
        is_same(title.value, told.title) for told in listed
    )
