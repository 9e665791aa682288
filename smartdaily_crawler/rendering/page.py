"""Shared parts of the renderers: request headers, timeouts, and responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from smartdaily_crawler.rendering.options import RenderOptions

RENDERED, CUT = "rendered", "cut"
"""Flags of a response: rendered by a browser; an endless list that was left before its end."""
SHOWN = ("text/html", "application/xhtml+xml", "text/plain")
"""Content types that a browser displays as a page."""
CONDITIONS = ("If-Modified-Since", "If-None-Match")
"""Request headers that a browser must not send: without a cache it shows nothing for a 304."""
VISITS = 3
"""How often a page may load itself, for example with a cookie that its script has set."""
_SPARE = 5
_OK, _NOT_MODIFIED = 200, 304
_EMPTY = {204, 205, _NOT_MODIFIED}
_ERROR = 400
_KEPT = ("date", "age", "memento-datetime")
"""Headers of the document kept in the rendered response. Its validators are not: they are about the app shell."""
_KEPT_UNSHOWN = (*_KEPT, "content-type", "retry-after")
_NOT_FOR_THE_PAGE = {
    *("accept-encoding", "connection", "cookie", "host"),  # the browser's own
    *map(str.lower, CONDITIONS),
    "proxy-authorization",  # for a proxy that the browser does not use
}


@dataclass(frozen=True)
class Timeouts:
    """Timeouts in seconds."""

    loading: float
    """To load a document and its resources; each resource has half of it, so that one that hangs does not fail the page."""
    content: float
    """To wait for a page's content."""
    scrolling: float
    """To scroll an endless list."""

    def longest(self, render_options: RenderOptions) -> float:
        """Return the seconds for a page as a whole, with some to spare for start and end."""
        return self.loading + self.content + (self.scrolling if render_options.scrolls else 0) + _SPARE


@dataclass
class Beside:
    """What a rendered page has requested from its own host beside itself. A browser makes such requests without asking us."""

    began: float = 0
    """When the document was answered, on the monotonic clock."""
    requests: int = 0
    refusals: dict[int, str | None] = field(default_factory=dict)
    """``Retry-After``, or ``None`` without one, by status 429 or 503 of the answers."""

    def instead_of(self, page: Request) -> Response | None:
        """Return the answer to a page of which the content has not come: that of its host to the requests for it, if it refused them."""
        for status, retry_after in self.refusals.items():
            return unshown(page, status, {} if retry_after is None else {"retry-after": retry_after})
        return None


@cache
def script(name: str) -> str:
    """Return the text of a script in this module's folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def browser_headers(request: Request) -> dict[str, str]:
    """Return the request's headers that the browser should send too."""
    return {name: value for name, value in headers_of(request).items() if name.lower() not in _NOT_FOR_THE_PAGE}


def headers_of(message: Request | Response) -> dict[str, str]:
    """Return headers as text."""
    return {str(name): str(value) for name, value in message.headers.to_unicode_dict().items()}


def is_shown(status: int, headers: Mapping[str, str]) -> bool:
    """Return whether a browser displays the response as a page.

    :param headers: with names in lower case.

    >>> is_shown(200, {"content-type": "text/html; charset=gbk"}), is_shown(200, {})
    (True, True)
    >>> is_shown(404, {}), is_shown(204, {}), is_shown(200, {"content-type": "application/pdf"})
    (False, False, False)
    """
    if status >= _ERROR or status in _EMPTY:
        return False
    if headers.get("content-disposition", "").strip().lower().startswith("attachment"):
        return False
    content_type = headers.get("content-type", "").lower()
    return not content_type or any(kind in content_type for kind in SHOWN)


def unshown(request: Request, status: int, headers: Mapping[str, str]) -> Response:
    """Return the response of a document that no browser displays, such as an error or a file, without its body."""
    kept = {name: value for name, value in headers.items() if name.lower() in _KEPT_UNSHOWN}
    kind = Response if status == _OK else HtmlResponse
    return kind(request.url, status=status, headers=kept, request=request)


def moved(request: Request, location: str, status: int = 302) -> Response:
    """Return a redirect for the redirect middleware."""
    return Response(request.url, status=status, headers={"Location": location}, request=request)


def rendered(
    request: Request, url: str, status: int, headers: Mapping[str, str], html: str, *, is_cut: bool
) -> Response:
    """Return the rendered page as a response with the URL of the page.

    :param is_cut: an endless list was left before its end.
    """
    kept = {name: value for name, value in headers.items() if name.lower() in _KEPT}
    return HtmlResponse(
        url,
        # A browser reports 304 for an unchanged page that it took from its own cache.
        status=_OK if status in (0, _NOT_MODIFIED) else status,
        headers=kept | {"Content-Type": "text/html; charset=utf-8"},
        body=html.encode("utf-8", "replace"),
        encoding="utf-8",
        request=request,
        flags=[RENDERED, *[CUT] * is_cut],
    )
