"""What the renderers share: what a browser is told, and what its answer becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from smartdaily_crawler.rendering.options import RenderOptions

RENDERED, CUT = "rendered", "cut"
"""Flags of a response."""
SHOWN = ("text/html", "application/xhtml+xml", "text/plain")
"""Content types of what a browser shows as a page."""
VISITS = 3
"""How often a page may ask for itself: with a cookie that its script set, say."""
_SPARE = 5
_OK, _NOT_MODIFIED = 200, 304
_EMPTY = {204, 205, _NOT_MODIFIED}
_ERROR = 400
_KEPT = ("date",)
"""Headers of the document that are still true of what became of it. Its validators are not: they tell of the shell."""
_KEPT_UNSHOWN = (*_KEPT, "content-type", "retry-after")
_NOT_FOR_THE_PAGE = {
    *("accept-encoding", "connection", "cookie", "host"),  # the browser's own
    *("if-modified-since", "if-none-match"),
    "proxy-authorization",  # of a proxy that browsers do not ask
}


@dataclass(frozen=True)
class Timeouts:
    """Seconds."""

    loading: float
    """For a document and what it names; half of them for each of these, so that one that hangs does not cost the page."""
    content: float
    """To wait for a page's content."""
    scrolling: float
    """To go on asking an endless list for more."""

    def longest(self, render_options: RenderOptions) -> float:
        """For all of a page, with something to spare for starting and ending."""
        return self.loading + self.content + (self.scrolling if render_options.scrolls else 0) + _SPARE


@cache
def script(name: str) -> str:
    """The text of a script that lies beside this module."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def browser_headers(request: Request) -> dict[str, str]:
    """Those of the request's headers that a browser may be told to send."""
    said = {str(name): str(value) for name, value in request.headers.to_unicode_dict().items()}
    return {name: value for name, value in said.items() if name.lower() not in _NOT_FOR_THE_PAGE}


def is_shown(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a browser shows what is answered as a page.

    :param headers: their names in small letters.

    >>> is_shown(200, {"content-type": "text/html; charset=gbk"}), is_shown(200, {})
    (True, True)
    >>> is_shown(404, {}), is_shown(204, {}), is_shown(200, {"content-type": "application/pdf"})
    (False, False, False)
    """
    if status >= _ERROR or status in _EMPTY:
        return False
    if headers.get("content-disposition", "").strip().lower().startswith("attachment"):
        return False
    said = headers.get("content-type", "").lower()
    return not said or any(kind in said for kind in SHOWN)


def unshown(request: Request, status: int, headers: Mapping[str, str]) -> Response:
    """What is answered that no browser shows: an error, a file. Its content is left where it is."""
    kept = {name: value for name, value in headers.items() if name.lower() in _KEPT_UNSHOWN}
    kind = Response if status == _OK else HtmlResponse
    return kind(request.url, status=status, headers=kept, request=request)


def moved(request: Request, location: str, status: int = 302) -> Response:
    """A redirect as the redirect middleware knows it."""
    return Response(request.url, status=status, headers={"Location": location}, request=request)


def rendered(
    request: Request, url: str, status: int, headers: Mapping[str, str], html: str, *, is_cut: bool
) -> Response:
    """The page as the browser shows it, under its own address.

    :param is_cut: whether an endless list was left before its end.
    """
    kept = {name: value for name, value in headers.items() if name.lower() in _KEPT}
    return HtmlResponse(
        url,
        # A browser answers from its own cache what has not changed, and calls that 304.
        status=_OK if status in (0, _NOT_MODIFIED) else status,
        headers=kept | {"Content-Type": "text/html; charset=utf-8"},
        body=html.encode("utf-8", "replace"),
        encoding="utf-8",
        request=request,
        flags=[RENDERED, *[CUT] * is_cut],
    )
