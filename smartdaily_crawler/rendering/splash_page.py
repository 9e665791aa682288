"""Render pages by Splash's ``/execute``: ``page.lua`` controls the browser, ``page.js`` detects when the content is there."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from scrapy import Request, exceptions
from scrapy.crawler import Crawler
from scrapy.http import Response

from smartdaily_crawler.network.proxy import GuardedProxy
from smartdaily_crawler.network.robots import Robots
from smartdaily_crawler.rendering.errors import RendererUnavailableError, RenderFailedError, RenderTimeoutError
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import (
    SHOWN,
    VISITS,
    Beside,
    Timeouts,
    browser_headers,
    moved,
    rendered,
    script,
    unshown,
)
from smartdaily_crawler.stat_names import Stat

_TRANSFER = 5
"""Seconds for the response to arrive after Splash's own timeout."""
_RULES = 500
"""Rules of a robots.txt that Splash gets; its sandbox limits the instructions of a script."""
_OK, _SCRIPT_ERROR, _GATEWAY_TIMEOUT = 200, 400, 504
# Numbers of Qt: https://doc.qt.io/archives/qt-5.15/qnetworkreply.html#NetworkError-enum
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
_NO_ANSWER = (
    exceptions.CannotResolveHostError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.DownloadFailedError,
    exceptions.DownloadTimeoutError,
    exceptions.ResponseDataLossError,
)


class Exchange(Protocol):
    """Interface of ``splash_adapter``, the only module that imports scrapy-splash."""

    async def download(self, request: Request) -> Response: ...


@dataclass(frozen=True)
class SplashPages:
    """Renderer by Splash."""

    exchange: Exchange
    timeouts: Timeouts
    crawler: Crawler

    async def render(self, request: Request, render_options: RenderOptions, beside: Beside) -> Response:
        """Render a page. What it requests passes the guarded proxy, and by robots.txt what it requests from its own host."""
        proxy, robots = GuardedProxy.of(self.crawler), await Robots.of(self.crawler).within(request)
        splash = self.crawler.settings["SPLASH_URL"]
        try:
            url = await proxy.url_for(splash)
        except OSError as error:
            raise RendererUnavailableError(f"Splash does not answer: {error}") from error
        data = await self.show(request, render_options, {"proxy": url, "rules": robots.patterns(_RULES)})
        if data.get("error") in _NETWORK_ERRORS and not proxy.is_reached(splash):
            raise RendererUnavailableError(f"Splash cannot reach {url}, the crawler's proxy; see docs/rendering.md")
        if forbidden := data.get("forbidden"):
            self.crawler.stats.inc_value(Stat.RENDER_FORBIDDEN, int(forbidden))
        beside.began = monotonic() - (data.get("seconds") or 0)
        beside.requests = int(data.get("requests") or 0)
        beside.refusals = {int(status): value or None for status, value in (data.get("refusals") or {}).items()}
        return _response(request, data, render_options, beside)

    async def show(self, request: Request, render_options: RenderOptions, network: dict[str, Any]) -> dict[str, Any]:
        """Return what ``page.lua`` returns for a page.

        :param network: arguments ``rules``, and ``proxy`` to use one.
        """
        answer = await self._ask(request, render_options, network)
        if answer.status == _GATEWAY_TIMEOUT:
            raise RenderTimeoutError(f"{request.url} did not load within Splash's time")
        if answer.status == _SCRIPT_ERROR:  # scripts of a page may break those of ours
            raise RenderFailedError(f"{request.url}: {answer.body[:300]!r}")
        data = getattr(answer, "data", None)
        if answer.status != _OK or not isinstance(data, dict):
            raise RendererUnavailableError(f"Splash answers {answer.status}: {answer.body[:300]!r}")
        return data

    async def _ask(self, request: Request, render_options: RenderOptions, network: dict[str, Any]) -> Response:
        timeout = self.timeouts.longest(render_options)
        args = {
            "lua_source": script("page.lua"),
            "script": script("page.js"),
            "url": request.url,
            "headers": browser_headers(request),
            **network,
            "shown": SHOWN,
            "visits": VISITS,
            "kind": render_options.kind,
            "selector": render_options.selector,
            "scrolls": render_options.scrolls,
            "loading": self.timeouts.loading,
            "resource_timeout": self.timeouts.loading / 2,
            "content": self.timeouts.content,
            "scrolling": self.timeouts.scrolling,
            "timeout": timeout,
        }
        splash = {
            "endpoint": "execute",
            "args": args,
            "cache_args": ["lua_source", "script", "rules"],
            "dont_send_headers": True,
            "magic_response": False,
        }
        try:
            return await self.exchange.download(
                request.replace(meta={**request.meta, "splash": splash, "download_timeout": timeout + _TRANSFER})
            )
        except _NO_ANSWER as error:
            raise RendererUnavailableError(f"Splash does not answer: {error or type(error).__name__}") from error


def _response(request: Request, data: dict[str, Any], render_options: RenderOptions, beside: Beside) -> Response:
    status = int(data.get("http_status") or 0)
    if location := data.get("location"):
        return moved(request, location, status)
    headers = {each["name"]: each["value"] for each in data.get("headers") or ()}
    if data.get("is_unshown"):
        return unshown(request, status, headers)
    if error := data.get("error"):
        raise _NETWORK_ERRORS.get(error, RenderFailedError)(f"{request.url}: {error}")
    if data.get("state") != "ready" and (refused := beside.instead_of(request)):
        return refused
    is_cut = render_options.scrolls > 0 and (data.get("growth") != "end" or bool(beside.refusals))
    return rendered(request, data["url"], status, headers, data["html"], is_cut=is_cut)
