"""Keys of ``Request.meta`` that are the crawler's own; Scrapy's keys are not repeated here."""

from __future__ import annotations


class Meta:
    """What a request of the walk carries; it survives retries and redirects."""

    KIND = "kind"
    """What is expected at the address, an ``items.Kind``."""
    REQUESTED_URL = "requested_url"
    """The canonical URL first requested, the key of the request's one outcome."""
    KNOWN_HASH = "known_hash"
    """sha256 of the page's bytes at its last fetch, as ``Fetch.raw_hash`` has it."""
    RENDER = "render"
    """``rendering.options``: how a browser shows the page; ``None``: plain HTTP, whatever the policy is."""
    EARLIER_ATTEMPTS = "tried"
    """Requests already made for the page, before it was rendered or scrolled."""
    WAS_SHELL = "was_shell"
    """True where plain HTTP gave an app shell."""
    ALIAS_OF = "alias_of"
    """Canonical URL of the known article that the address redirects to."""
    CRAWL_DELAY = "crawl_delay"
    """Seconds between two requests to the host, from robots.txt."""
    IS_ROBOTS = "is_robots"
    """True for robots.txt, which may redirect to another host."""
