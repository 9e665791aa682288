"""Download handler for plain HTTP and for rendered pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

from smartdaily_crawler.network.body import check_whole
from smartdaily_crawler.network.guard import NetworkGuard
from smartdaily_crawler.politeness import HostPace
from smartdaily_crawler.rendering.renderers import Renderers
from smartdaily_crawler.request_meta import Meta

_CONNECTED_ELSEWHERE = (Meta.RENDER, "splash", "playwright", "proxy")
"""Keys of meta of requests that a renderer or a proxy sends."""


class RenderingDownloadHandler(HTTP11DownloadHandler):
    """Render below all middlewares, the duplicate filter and the slots, so that these see the URL of the page, not the renderer's.

    ``meta["render"]`` holds the ``RenderOptions`` of a page; ``meta["splash"]`` and ``meta["playwright"]`` are those of
    scrapy-splash and scrapy-playwright. Connections to private addresses are refused, for ``robots.txt`` and redirects too.
    """

    lazy = True

    async def download_request(self, request: Request) -> Response:
        meta, guard = request.meta, NetworkGuard.of(self._crawler)
        await HostPace.of(self._crawler).wait(urlsplit(request.url).netloc)
        if any(meta.get(name) for name in _CONNECTED_ELSEWHERE):
            await guard.check(request.url)
        if render_options := meta.get(Meta.RENDER):
            return await self._renderers.render(request, render_options)
        if "splash" in meta:
            return await self._renderers.splash.download(request)
        if meta.get("playwright"):
            return await self._renderers.chromium.download(request)
        with guard.watching(request):
            response = await super().download_request(request)
        check_whole(response, meta.get("download_maxsize", self._default_maxsize))
        return response

    async def close(self) -> None:
        await Renderers.end(self._crawler)
        await super().close()

    @property
    def _renderers(self) -> Renderers:
        return Renderers.of(self._crawler)
