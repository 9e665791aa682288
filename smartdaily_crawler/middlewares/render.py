"""Apply the render policy to requests."""

from __future__ import annotations

from functools import cached_property
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler

from smartdaily_crawler.crawl.protocol import Rendered
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import CONDITIONS
from smartdaily_crawler.request_meta import Meta


class RenderMiddleware:
    """Set ``meta["render"]`` by the spider's policy, unless the request has it: ``RenderOptions``, or ``None`` for plain HTTP."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if (
            Meta.KIND in request.meta
            and Meta.RENDER not in request.meta
            and (render_options := self._render_options(request))
        ):
            request.meta[Meta.RENDER] = render_options
        if request.meta.get(Meta.RENDER):
            # A 304 would be about the app shell, whose rendered content may have changed.
            for name in CONDITIONS:
                request.headers.pop(name, None)

    def _render_options(self, request: Request) -> RenderOptions | None:
        return self._rendered.rendering.before(request) if self._rendered else None

    @cached_property
    def _rendered(self) -> Rendered | None:
        # Looked at once: a check of a protocol takes as long as the rest for a page that is not rendered.
        spider: object = self.crawler.spider
        return spider if isinstance(spider, Rendered) else None
