"""Keys of ``Request.meta`` that the crawler defines, without Scrapy's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Meta:
    """Keys in the meta of the walk's requests; the values survive retries and redirects."""

    KIND = "kind"
    """Expected kind of page, an ``items.Kind``."""
    REQUESTED_URL = "requested_url"
    """The canonical URL first requested, the key of the request's one outcome."""
    LISTED = "listed"
    """What lists tell about the article, a list of ``crawl.listed.Listed``, the known title first."""
    KNOWN_HASH = "known_hash"
    """sha256 of the page's bytes at its last fetch, in the format of ``Fetch.raw_hash``."""
    KNOWN_RECORD = "known_record"
    """Where the archive has that page, in the format of ``Fetch.record``."""
    RECORD = "record"
    """Where the archive has the response, in the same format."""
    ANSWERED_AT = "answered_at"
    """Time of the response in the archive, timezone-aware."""
    REREAD_AT = "reread_at"
    """Time at which an archived response is read again, timezone-aware."""
    RENDER = "render"
    """``RenderOptions`` of the page; ``None`` for plain HTTP whatever the policy is."""
    EARLIER_ATTEMPTS = "tried"
    """Number of requests made for the page before it was rendered or scrolled."""
    EARLIER_REDIRECTS = "earlier_redirects"
    """Redirects to the page before it was rendered or scrolled, as Scrapy's ``redirect_reasons``."""
    WAS_SHELL = "was_shell"
    """True if plain HTTP returned an app shell."""
    ALIAS_OF = "alias_of"
    """Canonical URL of the known article that the request redirects to."""
    CRAWL_DELAY = "crawl_delay"
    """Seconds between two requests to the host, from robots.txt."""
    IS_ROBOTS = "is_robots"
    """True for a request of robots.txt, which may redirect to another host."""
    PICTURE_URL = "picture_url"
    """URL of a picture as its article has it; the request may redirect to another host."""


def attempts(meta: Mapping[str, Any]) -> int:
    """Return the number of requests made for a page so far, retries and other forms of it included."""
    made: int = meta.get(Meta.EARLIER_ATTEMPTS, 0) + meta.get("retry_times", 0) + 1
    return made


def redirects(meta: Mapping[str, Any]) -> list[object]:
    """Return the redirects followed to a page so far: statuses, or Scrapy's name of a meta refresh."""
    return [*meta.get(Meta.EARLIER_REDIRECTS, ()), *meta.get("redirect_reasons", ())]
