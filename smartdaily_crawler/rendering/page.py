"""What the renderers share: what a browser is told, and what its answer becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from smartdaily_crawler.rendering.wish import Wish

RENDERED, CUT = "rendered", "cut"
"""Flags of a response."""
_SPARE = 5
_OK, _NOT_MODIFIED = 200, 304
_KEPT = ("date",)
"""Headers of the document that are still true of what became of it. Its validators are not: they tell of the shell."""
_BROWSERS_OWN = {"accept-encoding", "if-none-match", "if-modified-since", "cookie", "connection", "host"}


@dataclass(frozen=True)
class Patience:
    """Seconds."""

    loading: float
    """For a document and what it names; half of them for each of these, so that one that hangs does not cost the page."""
    content: float
    """To wait for a page's content."""
    scrolling: float
    """To go on asking an endless list for more."""

    def longest(self, wish: Wish) -> float:
        """For all of a page, with something to spare for starting and ending."""
        return self.loading + self.content + (self.scrolling if wish.scrolls else 0) + _SPARE


@cache
def script(name: str) -> str:
    """The text of a script that lies beside this module."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def browser_headers(request: Request) -> dict[str, str]:
    """Those of the request's headers that a browser may be told to send."""
    said = {str(name): str(value) for name, value in request.headers.to_unicode_dict().items()}
    return {name: value for name, value in said.items() if name.lower() not in _BROWSERS_OWN}


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
