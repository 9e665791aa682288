"""A run's spider: what it is asked for, what is known of its site, and how it says what became of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from twisted.python.failure import Failure

from smartdaily_crawler.crawl.arguments import WalkArguments
from smartdaily_crawler.crawl.fetches import failure_outcome, fetch_of
from smartdaily_crawler.crawl.frontier import Frontier, NullFrontier
from smartdaily_crawler.crawl.paging import Limits
from smartdaily_crawler.items import Outcome, Teaser
from smartdaily_crawler.loaders import PARSER_VERSION
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.politeness import relax_for_private_host
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.choice import choose
from smartdaily_crawler.rendering.policy import JsDetectionStats, Rendering
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.sites.profile import SiteProfile
from smartdaily_crawler.sites.site_address import SiteAddress
from smartdaily_crawler.stat_names import Stat


class SiteSpider(Spider):
    """Has all that a run knows of its site before a page is read. A subclass gives ``name`` and ``profile``, and walks."""

    profile: ClassVar[SiteProfile]
    parser_version: ClassVar[str] = PARSER_VERSION
    arguments: WalkArguments
    site_address: SiteAddress
    frontier: Frontier
    """What storage remembers; until storage puts its own here, nothing."""
    limits: Limits
    zone: ZoneInfo
    """Of the times that the site's pages print."""
    selectors: Selectors
    """The short cuts of the profile in use."""
    list_pages: set[str]
    """Canonical addresses of the list pages asked for."""
    asked: set[str]
    """Canonical addresses of the articles asked for. Sixteen links lead to each one on the bundled site; sending them all
    through the middlewares to Scrapy's duplicate filter took a fifth of the crawl's time."""
    rendering: Rendering
    """Which pages get a browser."""
    own_pages: set[str]
    """Canonical addresses that are their articles' identities: those read in this run, and those known from earlier ones.
    What redirects to one is another address of it."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        # Scrapy would make attributes of the arguments, unchecked, and `profile` would hide the class's.
        spider = super().from_crawler(crawler, *args)
        # scrapyd names its job in an argument of its own; only before 1.4 did it set SCRAPY_JOB too.
        if job := kwargs.get("_job"):
            crawler.settings.setdict({"JOB": job, "DATABASE_REQUIRED": True}, priority="spider")
        given = {name: value for name, value in kwargs.items() if not name.startswith("_")}
        spider.arguments = WalkArguments.parse(given, crawler.settings, cls.profile)
        spider.site_address = SiteAddress(spider.arguments.site_url)
        spider.frontier = NullFrontier()
        spider.limits = Limits(
            budget=crawler.settings.getint("LISTING_PAGE_BUDGET"),
            max_pages=spider.arguments.max_pages,
            known_unchanged=crawler.settings.getint("CAUGHT_UP_AFTER"),
            since=spider.arguments.since,
        )
        spider.asked = set()
        spider.own_pages = set()
        spider.list_pages = set()
        # A profile that is given lends its selectors and its policy; the site keeps its name.
        spider.selectors = (spider.arguments.profile or spider.profile).selectors
        spider.zone = ZoneInfo((spider.arguments.profile or spider.profile).timezone)
        policy = spider.arguments.render
        spider.rendering = Rendering(policy, choose(policy, crawler.settings), spider.selectors)
        spider.remember({})
        if not crawler.settings.frozen:  # `scrapy shell` makes the spider last
            # UrlLengthMiddleware drops without a trace; our OffsiteMiddleware counts what it drops.
            crawler.settings.set("URLLENGTH_LIMIT", 0, priority="spider")
            relax_for_private_host(crawler.settings, spider.site_address, priority="spider")
        return spider

    def remember(self, stats: Mapping[str, Any]) -> None:
        """Learn from the statistics of an earlier run of the site what its pages needed."""
        self.rendering.js_detection = JsDetectionStats(self._count, stats)
        for name, times in self.rendering.js_detection.carried().items():
            self.crawler.stats.set_value(name, times)

    def stop(self, reason: str, complaint: str) -> CloseSpider:
        """Say in one line why the walk cannot go on; the caller raises what this gives."""
        sentence = f"{self.arguments.site_url}: {complaint}"
        self.logger.error(sentence)
        self.crawler.stats.set_value(Stat.RUN_COMPLAINT, sentence)
        return CloseSpider(reason)

    def page_failed(self, failure: Failure) -> Iterator[Outcome]:
        yield self._failed(failure)

    def _failed(self, failure: Failure) -> Outcome:
        response, outcome, reason = failure_outcome(failure)
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        fetch = fetch_of(request, response)
        if alias_of := request.meta.get(Meta.ALIAS_OF):
            return Outcome(fetch=fetch, outcome="duplicate", reason=Reason.REDIRECT, alias_of=alias_of)
        return Outcome(fetch=fetch, outcome=outcome, reason=reason)

    def _own(self, teasers: list[Teaser]) -> list[Teaser]:
        """Leave out teasers of other sites: advertisements dress up as them."""
        own = [teaser for teaser in teasers if self.site_address.rejection_reason(teaser.url) is None]
        if foreign := len(teasers) - len(own):
            self._count(Stat.TEASER_OFFSITE, foreign)
        return own

    def _count(self, event: str, times: int = 1) -> None:
        if times:
            self.crawler.stats.inc_value(event, int(times))
