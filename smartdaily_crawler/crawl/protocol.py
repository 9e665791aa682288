"""What components and pipelines need of a spider that walks a news site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from scrapy import Request
from scrapy.crawler import Crawler

from smartdaily_crawler.crawl.frontier import CrawlState, Frontier
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.sites.site_address import RejectionReason


class Site(Protocol):
    """The site's own addresses."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...
    def rejection_reason(self, url: str) -> RejectionReason | None: ...


class Profile(Protocol):
    """What is known of the site beforehand."""

    @property
    def title(self) -> str: ...


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
    def given(self) -> dict[str, Any]: ...


class RenderPolicy(Protocol):
    """Which pages are shown by a browser."""

    def before(self, request: Request) -> RenderOptions | None: ...


@runtime_checkable
class SiteBound(Protocol):
    """A spider that keeps to one site: ours, and those of the commands that look at single pages."""

    @property
    def site_address(self) -> Site: ...


@runtime_checkable
class Rendered(Protocol):
    """A spider with a policy for its pages; as above."""

    @property
    def rendering(self) -> RenderPolicy: ...


@runtime_checkable
class WalkSpider(SiteBound, Rendered, Protocol):
    """A spider of this project.

    A component of ours raises ``NotConfigured`` for other spiders, or passes their requests and items on unchanged, so
    that they run as in any Scrapy project.
    """

    name: str
    frontier: Frontier
    """Replaced by storage's, where a run is stored."""

    @property
    def profile(self) -> Profile: ...
    @property
    def zone(self) -> ZoneInfo:
        """Of the times that the pages print."""

    @property
    def arguments(self) -> Arguments: ...
    @property
    def parser_version(self) -> str: ...
    @property
    def own_pages(self) -> set[str]:
        """Canonical addresses that are their articles' identities."""

    def remember(self, stats: Mapping[str, Any]) -> None:
        """Take over from an earlier run's statistics which pages need a browser."""

    def article_request(self, state: CrawlState, priority: int = 0) -> Request: ...


def walk_spider(crawler: Crawler) -> WalkSpider | None:
    """Return the crawler's spider if it is one of ours; ``None`` where it is another, or not there yet (``scrapy shell``)."""
    spider: object = crawler.spider
    return spider if isinstance(spider, WalkSpider) else None
