"""A page through Splash's ``/execute``: ``page.lua`` drives it, ``page.js`` tells when its content is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from scrapy import Request, exceptions
from scrapy.http import Response

from smartdaily_crawler.rendering.errors import (
    RendererUnavailableError,
    RenderFailedError,
    RenderTimeoutError,
)
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import (
    SHOWN,
    VISITS,
    Timeouts,
    browser_headers,
    moved,
    rendered,
    script,
    unshown,
)

_ON_THE_WAY = 5
"""Seconds for an answer to come back."""
_OK, _SCRIPT_ERROR, _GATEWAY_TIMEOUT = 200, 400, 504
# What Qt calls them: https://doc.qt.io/archives/qt-5.15/qnetworkreply.html#NetworkError-enum
_NETWORK_ERRORS: dict[str, type[Exception]] = {
    "network1": exceptions.DownloadConnectionRefusedError,
    "network2": exceptions.DownloadFailedError,
    "network3": exceptions.CannotResolveHostError,
    "network4": exceptions.DownloadTimeoutError,
    "network5": exceptions.DownloadTimeoutError,
    "network6": exceptions.DownloadFailedError,
    "network99": exceptions.DownloadFailedError,
    "timeout": RenderTimeoutError,
}
_SILENCE = (
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
    exceptions.ResponseDataLossError,
)


class Exchange(Protocol):
    """What ``splash_adapter`` offers; scrapy-splash is imported there only."""

    async def download(self, request: Request) -> Response: ...


@dataclass(frozen=True)
class SplashPages:
    exchange: Exchange
    patience: Timeouts

    async def render(self, request: Request, render_options: RenderOptions) -> Response:
        answer = await self._ask(request, render_options)
        if answer.status == _GATEWAY_TIMEOUT:
            raise RenderTimeoutError(f"{request.url} did not load within Splash's time")
        if answer.status == _SCRIPT_ERROR:  # a page may break what is asked in it
            raise RenderFailedError(f"{request.url}: {answer.body[:300]!r}")
        data = getattr(answer, "data", None)
        if answer.status != _OK or not isinstance(data, dict):
            raise RendererUnavailableError(f"Splash answers {answer.status}: {answer.body[:300]!r}")
        return _response(request, data, render_options)

    async def _ask(self, request: Request, render_options: RenderOptions) -> Response:
        timeout = self.patience.longest(render_options)
        args = {
            "lua_source": script("page.lua"),
            "script": script("page.js"),
            "url": request.url,
            "headers": browser_headers(request),
            "own": urlsplit(request.url).netloc.lower(),
            "shown": SHOWN,
            "visits": VISITS,
            "kind": render_options.kind,
            "selector": render_options.selector,
            "scrolls": render_options.scrolls,
            "loading": self.patience.loading,
            "resource_timeout": self.patience.loading / 2,
            "patience": self.patience.content,
            "scrolling": self.patience.scrolling,
            "timeout": timeout,
        }
        splash = {
            "endpoint": "execute",
            "args": args,
            "cache_args": ["lua_source", "script"],
            "dont_send_headers": True,
            "magic_response": False,
        }
        try:
            return await self.exchange.download(
                request.replace(
                    meta={**request.meta, "splash": splash, "download_timeout": timeout + _ON_THE_WAY}
                )
            )
        except _SILENCE as error:
            raise RendererUnavailableError(
                f"Splash does not answer: {error or type(error).__name__}"
            ) from error


def _response(request: Request, data: dict[str, Any], render_options: RenderOptions) -> Response:
    status = int(data.get("http_status") or 0)
    if location := data.get("location"):
        return moved(request, location, status)
    headers = {each["name"]: each["value"] for each in data.get("headers") or ()}
    if data.get("is_unshown"):
        return unshown(request, status, headers)
    if error := data.get("error"):
        raise _NETWORK_ERRORS.get(error, RenderFailedError)(f"{request.url}: {error}")
    is_cut = render_options.scrolls > 0 and data.get("growth") != "end"
    return rendered(request, data["url"], status, headers, data["html"], is_cut=is_cut)
