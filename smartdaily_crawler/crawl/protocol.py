"""Protocols of a spider that walks a news site, as middlewares, extensions and pipelines use it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.crawler import Crawler

from smartdaily_crawler.crawl.frontier import CrawlState, Frontier
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.sites.site_address import RejectionReason


class Site(Protocol):
    """Name and home page of the site, and the test of whether a URL belongs to it."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def host(self) -> str: ...
    def rejection_reason(self, url: str) -> RejectionReason | None: ...


class Arguments(Protocol):
    """The checked spider arguments."""

    @property
    def site_url(self) -> str: ...
    @property
    def mode(self) -> str: ...
    @property
    def render(self) -> str: ...
    @property
    def wait(self) -> float: ...
    @property
    def is_whole(self) -> bool: ...
    @property
    def follow_teasers(self) -> bool: ...
    @property
    def reads_feeds(self) -> bool: ...
    def given(self) -> dict[str, Any]: ...


class RenderPolicy(Protocol):
    """Decides which pages are rendered."""

    def before(self, request: Request) -> RenderOptions | None: ...


@runtime_checkable
class SiteBound(Protocol):
    """A spider bound to one site: ours, and those of the commands that fetch single pages."""

    @property
    def site_address(self) -> Site: ...


@runtime_checkable
class Rendered(Protocol):
    """A spider with a render policy: the same spiders as ``SiteBound``."""

    @property
    def rendering(self) -> RenderPolicy: ...


@runtime_checkable
class WalkSpider(SiteBound, Rendered, Protocol):
    """A spider of this project.

    For other spiders our components raise ``NotConfigured``, or pass requests and items on unchanged, so that those
    spiders run as in any Scrapy project.
    """

    name: str
    frontier: Frontier
    """A ``NullFrontier``; replaced by ``Revisit`` in a stored run."""

    title: str
    """Name of the site in reports."""

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the times printed on the site's pages."""

    @property
    def arguments(self) -> Arguments: ...
    @property
    def parser_version(self) -> str: ...
    @property
    def own_pages(self) -> Container[str]:
        """Canonical URLs known to identify an article."""

    def remember(self, stats: Mapping[str, Any]) -> None:
        """Load from an earlier run's statistics which kinds of pages need a browser."""

    def article_request(self, state: CrawlState) -> Request: ...


def walk_spider(crawler: Crawler) -> WalkSpider | None:
    """Return the crawler's spider if it is one of ours; ``None`` if it is another, or not set yet (``scrapy shell``)."""
    spider: object = crawler.spider
    return spider if isinstance(spider, WalkSpider) else None
