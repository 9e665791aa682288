"""Keep the scripts and stylesheets of pages for as long as their headers allow, as a browser does."""

from __future__ import annotations

from scrapy import Request
from scrapy.extensions.httpcache import RFC2616Policy
from scrapy.http import Response
from scrapy.settings import BaseSettings

_SIZE = 64 * 1024 * 1024
"""Bytes that are kept at most; then the oldest files go."""
_OK = 200
_SAME_FOR_US = {"accept-encoding", "user-agent"}
"""Request headers of which a run sends the same values for each file."""
_NOT_OF_THE_FILE = ("Connection", "Content-Encoding", "Content-Length", "Set-Cookie", "Transfer-Encoding")
"""The body is kept decoded."""


class StaticFiles:
    """The files of one run, in memory. Playwright disables the browser's own cache, as it intercepts requests."""

    def __init__(self) -> None:
        self._policy = RFC2616Policy(BaseSettings())
        self._kept: dict[str, Response] = {}
        self._size = 0

    def find(self, url: str) -> Response | None:
        """Return the file with a URL; ``None`` if it has to be requested."""
        kept = self._kept.get(url)
        return kept if kept and self._is_fresh(kept) else None

    def may_keep(self, response: Response) -> bool:
        """Return whether a file, of which the body is not needed for that, may be used for other pages."""
        varies = {name.strip().lower() for name in _text(response, "Vary").split(",")} - {""}
        return (
            response.status == _OK
            and varies <= _SAME_FOR_US
            and self._policy.should_cache_response(response, Request(response.url))
            and self._is_fresh(response)
        )

    def keep(self, response: Response) -> None:
        """Keep a file."""
        for name in _NOT_OF_THE_FILE:
            response.headers.pop(name, None)
        self._drop(response.url)
        self._kept[response.url] = response
        self._size += len(response.body)
        while self._size > _SIZE:
            self._drop(next(iter(self._kept)))

    def _drop(self, url: str) -> None:
        if dropped := self._kept.pop(url, None):
            self._size -= len(dropped.body)

    def _is_fresh(self, response: Response) -> bool:
        return self._policy.is_cached_response_fresh(response, Request(response.url))


def _text(response: Response, name: str) -> str:
    return (response.headers.get(name) or b"").decode("latin-1")
