"""Base of the news spider: checked arguments, per-run state, and outcomes of failed requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from smartdaily_crawler.crawl.arguments import WalkArguments
from smartdaily_crawler.crawl.fetches import failure_outcome, fetch_of
from smartdaily_crawler.crawl.frontier import Frontier, NullFrontier
from smartdaily_crawler.crawl.paging import Limits
from smartdaily_crawler.crawl.teaser_targets import ArticleBudget, TeaserTargets
from smartdaily_crawler.items import Article, Outcome, Teaser
from smartdaily_crawler.loaders import PARSER_VERSION
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.memory.hash_set import HashSet
from smartdaily_crawler.network.guard import NetworkGuard
from smartdaily_crawler.pages.article_page import ArticlePage, rules_version
from smartdaily_crawler.politeness import relax_for_private_host
from smartdaily_crawler.reasons import Reason
from smartdaily_crawler.rendering.choice import choose
from smartdaily_crawler.rendering.policy import JsDetectionStats, Rendering
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.sites.profile import SiteProfile
from smartdaily_crawler.sites.site_address import SiteAddress
from smartdaily_crawler.stat_names import Stat

LINKS_PER_PAGE = 2000
"""Teasers, or entries of a list, that are read on one page. The archive of a month has a few hundred."""


class SiteSpider(Spider):
    """Base spider: checked arguments and per-run state. A subclass sets ``name`` and ``profile``, and walks the site."""

    profile: ClassVar[SiteProfile]
    article_page: ClassVar[type[ArticlePage]] = ArticlePage
    """Class with the methods by which the site reads fields of an article."""
    rules_version: str
    """Digest of the site's rules for articles; empty without any."""
    parser_version: str
    """Of the reading and the site's rules: pages that another version read are read again when they are due."""
    arguments: WalkArguments
    site_address: SiteAddress
    title: str
    """Name of the site in reports: that of a profile given as an argument, or of the spider's own if the home page names itself so; else
    its name in the database, as a spider may walk any site."""
    frontier: Frontier
    """A ``NullFrontier``; replaced by ``Revisit`` in a stored run."""
    limits: Limits
    language: str
    """Language tag of the site's pages."""
    zone: ZoneInfo
    """Time zone of the times printed on the site's pages."""
    selectors: Selectors
    """Selectors of the profile in use."""
    list_pages: set[str]
    """Canonical URLs of the list pages requested."""
    requested: HashSet
    """Canonical URLs of the articles requested, or found not to be due. On the bundled site sixteen links lead to each article;
    sending all of them through the middlewares to Scrapy's duplicate filter took a fifth of the crawl's time."""
    budget: ArticleBudget
    targets: TeaserTargets
    rendering: Rendering
    """Decides which pages are rendered."""
    texts: HashSet
    """Each text that the run has read, and each with its first URL."""
    own_pages: HashSet
    """Canonical URLs known to identify an article: those read in this run, and those stored by earlier ones. A URL that
    redirects to one is an alias of it."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        # Scrapy would set the arguments as attributes, unchecked, and `profile` would shadow that of the class.
        spider = super().from_crawler(crawler, *args)
        # scrapyd passes its job as an argument; only before 1.4 did it set SCRAPY_JOB too.
        if job := kwargs.get("_job"):
            crawler.settings.set("JOB", job, priority="spider")
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
        spider.requested = HashSet()
        spider.budget = ArticleBudget(crawler.settings.getint("ARTICLE_BUDGET"))
        spider.targets = TeaserTargets(crawler.settings.getint("TARGETS_PER_ENTRY"))
        spider.own_pages = HashSet()
        spider.texts = HashSet()
        spider.list_pages = set()
        # A profile given as an argument replaces selectors, language, time zone and render policy, but not the spider's name.
        profile = spider.arguments.profile or spider.profile
        spider.selectors, spider.language, spider.zone = profile.selectors, profile.language, ZoneInfo(profile.timezone)
        spider.title = profile.title if spider.arguments.profile else spider.site_address.name
        spider.rules_version = rules_version(spider.selectors, cls.article_page)
        spider.parser_version = "+".join(filter(None, (PARSER_VERSION, spider.rules_version)))
        policy = spider.arguments.render
        spider.rendering = Rendering(policy, choose(policy, crawler.settings), spider.selectors)
        spider.remember({})
        if not crawler.settings.frozen:  # `scrapy shell` makes the spider last
            # UrlLengthMiddleware would drop long URLs uncounted; our OffsiteMiddleware counts those it drops.
            crawler.settings.set("URLLENGTH_LIMIT", 0, priority="spider")
            relax_for_private_host(crawler.settings, spider.site_address, priority="spider")
            _leave_out_remote_control(crawler.settings, priority="spider")
        return spider

    @property
    def network(self) -> NetworkGuard:
        """Names the private hosts among those that pages link to."""
        return NetworkGuard.of(self.crawler)

    def remember(self, stats: Mapping[str, Any]) -> None:
        """Load from the statistics of an earlier run of the site which kinds of pages need a browser."""
        self.rendering.js_detection = JsDetectionStats(self._count, stats)
        for name, times in self.rendering.js_detection.carried().items():
            self.crawler.stats.set_value(name, times)

    def stop(self, reason: str, complaint: str) -> CloseSpider:
        """Log and record in one line why the walk cannot go on; return the exception for the caller to raise."""
        message = f"{self.arguments.site_url}: {complaint}"
        self.logger.error(message)
        self.crawler.stats.set_value(Stat.RUN_COMPLAINT, message)
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

    async def _own(self, teasers: list[Teaser]) -> list[Teaser]:
        """Return the teasers without those of other sites, and of private hosts: advertisements often look like teasers."""
        self._count(Stat.link_rejected("too_many"), max(0, len(teasers) - LINKS_PER_PAGE))
        del teasers[LINKS_PER_PAGE:]
        own = [teaser for teaser in teasers if self.site_address.rejection_reason(teaser.url) is None]
        private = await self.network.private_among(url for teaser in own for url in (teaser.url, teaser.image_url))
        own = [teaser for teaser in own if teaser.url not in private]
        for teaser in own:
            if teaser.image_url in private:
                teaser.image_url = None
        if foreign := len(teasers) - len(own):
            self._count(Stat.TEASER_OFFSITE, foreign)
        return own

    async def _without_private(self, article: Article) -> None:
        """Remove what is on private hosts from an article: consumers fetch its pictures."""
        private = await self.network.private_among([article.canonical, *(image.url for image in article.images)])
        article.images = [image for image in article.images if image.url not in private]
        if article.canonical in private:
            article.canonical = None

    def _within_budget(self, requests: Sequence[Request]) -> Sequence[Request]:
        """Return the first of the requests for articles, as many as the run may still send; count the others."""
        admitted = self.budget.admit(requests)
        self._count(Stat.ARTICLE_PUT_OFF, len(requests) - len(admitted))
        return admitted

    def _count(self, event: str, times: int = 1) -> None:
        if times:
            self.crawler.stats.inc_value(event, int(times))


def _leave_out_remote_control(settings: BaseSettings, priority: str) -> None:
    """Remove the extension from Scrapy's own list if it is off: before it looks, it imports a web server, a twelfth of a start.

    With ``None`` in ``EXTENSIONS`` Scrapy imports it all the same.
    """
    if not settings.getbool("REMOTE_CONTROL_ENABLED"):
        base = settings.getdict("EXTENSIONS_BASE")
        base.pop("scrapy.extensions.remote_control.RemoteControl", None)
        settings.set("EXTENSIONS_BASE", base, priority=priority)
